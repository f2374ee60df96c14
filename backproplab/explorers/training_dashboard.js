// The training dashboard: three charts over the epochs, and the digits that are misread at one of them.

const TOP = 42;
const BOTTOM = 206;
const ZERO = BOTTOM + 14; // the row of what is exactly 0, below a logarithmic axis
const LOSS = { left: 56, right: 240, top: TOP, bottom: BOTTOM };
const SHARE = { left: 300, right: 484, top: TOP, bottom: BOTTOM };
const DELTA = { left: 548, right: 694, top: TOP, bottom: BOTTOM };
const DIGIT = { top: 308, size: 64, gap: 28, left: 16 };
const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

function column(array, k) {
  const [rows, columns] = array.shape;
  return Array.from({ length: rows }, (_, i) => array[i * columns + k]);
}

// Whole powers of ten around all values above 0.
function powerAxis(values, label) {
  const powers = [...values].filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const low = Math.min(Math.floor(Math.min(...powers, 0) + 1e-9), -1);
  const high = Math.max(Math.ceil(Math.max(...powers, 0) - 1e-9), 0);
  return { low, high, ticks: powersOfTen(low, high, Math.ceil((high - low) / 6)), label };
}

// A value of 0 stands below a logarithmic axis; one beyond all numbers at its upper edge.
function placeOf(value, { up }, box, log) {
  if (!Number.isFinite(value)) return box.top;
  if (!log) return up(value);
  return value > 0 ? up(Math.log10(value)) : ZERO;
}

function drawCurve(ctx, look, axes, box, values, { colour, dash, log, at }) {
  const points = values.map((value, epoch) => [axes.across(epoch), placeOf(value, axes, box, log)]);
  curve(ctx, points, { colour, width: 2, dash });
  values.forEach((value, epoch) => Number.isFinite(value) || mark(ctx, "up", points[epoch][0], points[epoch][1] + 5, colour, 4.5));
  if (points[at]) mark(ctx, "circle", ...points[at], colour, 4.5);
}

function drawEpochs(ctx, look, axes, box, { at, failed, fixed, losses }) {
  const last = losses.shape[0] - 1;
  if (failed !== null) {
    hatch(ctx, axes.across(last), box.top, box.right - axes.across(last), box.bottom - box.top, look.line, 8);
    const x = Math.min((axes.across(last) + box.right) / 2, box.right - 40);
    writeClear(ctx, "diverged", Math.max(x, box.left + 32), (box.top + box.bottom) / 2, { font: look.small, colour: look.ink });
  }
  curve(ctx, [[axes.across(at), box.top], [axes.across(at), ZERO + 6]], { colour: look.ink, width: 1, dash: [3, 3] });
  for (const epoch of [0, fixed.epochs / 2, fixed.epochs]) {
    write(ctx, String(epoch), axes.across(epoch), ZERO + 17, { font: look.small, colour: look.ink });
  }
}

function drawPanel(ctx, look, view, box, up, curves, log) {
  const axes = chart(ctx, look, box, { low: 0, high: view.fixed.epochs, ticks: [] }, up);
  drawEpochs(ctx, look, axes, box, { ...view, losses: view.arrays.losses });
  curves.forEach(([values, style]) => drawCurve(ctx, look, axes, box, values, { ...style, log, at: view.at }));
  if (log && curves.some(([values]) => values.includes(0))) {
    write(ctx, "0", box.left - 6, ZERO, { font: look.small, colour: look.ink, align: "right" });
  }
  return axes;
}

function drawLegend(ctx, look, both) {
  const note = { font: look.small, colour: look.ink, align: "left" };
  ["examples", "new digits"].forEach((name, i) => {
    const x = 300 + 108 * i;
    curve(ctx, [[x, 12], [x + 22, 12]], { colour: both[i][1].colour, dash: both[i][1].dash });
    write(ctx, name, x + 28, 12, note);
  });
  write(ctx, "epochs done", (SHARE.left + SHARE.right) / 2, ZERO + 34, { font: look.small, colour: look.ink });
}

// Each layer's number stands at the end of its line; numbers that would overlap move apart.
function drawLayerNumbers(ctx, look, axes, layers) {
  const ends = layers.map(([values, { colour }], i) => ({ text: `layer ${i + 1}`, colour, y: placeOf(values.at(-1), axes, DELTA, true) }));
  ends.sort((one, other) => one.y - other.y);
  ends.forEach((end, i) => (end.y = i ? Math.max(end.y, ends[i - 1].y + 14) : end.y));
  ends.forEach((end, i) => (end.y = Math.min(end.y, ZERO - 14 * (ends.length - 1 - i))));
  for (const { text, y, colour } of ends) write(ctx, text, DELTA.right + 9, y, { font: look.small, colour, align: "left" });
}

function drawDigit(ctx, look, pixels, x, y) {
  const box = { left: x, right: x + DIGIT.size, top: y, bottom: y + DIGIT.size };
  shadedCells(ctx, box, 8, [...pixels].map((ink) => ink / 255), look.ink);
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(x - 2, y - 2, DIGIT.size + 4, DIGIT.size + 4);
}

function drawMisread(ctx, look, { misread, wrong, total, images }) {
  const told = wrong === null ? "No answers: the weights are no numbers" : `${wrong} of ${total} new digits misread${wrong > misread.length ? `, the first ${misread.length}:` : ""}`;
  write(ctx, told, DIGIT.left, DIGIT.top - 30, { font: look.bold, colour: look.ink, align: "left" });
  misread.forEach(([label, answer], i) => {
    const x = DIGIT.left + i * (DIGIT.size + DIGIT.gap);
    drawDigit(ctx, look, images.slice(64 * i, 64 * i + 64), x, DIGIT.top);
    write(ctx, `${label} read as ${answer}`, x + DIGIT.size / 2, DIGIT.top + DIGIT.size + 14, { font: look.small, colour: look.ink });
  });
}

const explorer = {
  size: [750, 396],
  draw(ctx, look, view) {
    const { losses, shares, deltas, images } = view.arrays;
    const colours = [look.forward, look.backward, look.ink, look.line];
    const both = (array) => [0, 1].map((k) => [column(array, k), { colour: colours[k], dash: DASHES[k] }]);
    const layers = Array.from({ length: deltas.shape[1] }, (_, k) => [column(deltas, k), { colour: colours[k], dash: DASHES[k] }]);
    const ofLoss = drawPanel(ctx, look, view, LOSS, powerAxis(losses, "loss"), both(losses), true);
    if (view.guess) {
      const y = ofLoss.up(Math.log10(view.fixed.guess));
      curve(ctx, [[LOSS.left, y], [LOSS.right, y]], { colour: look.line, width: 1, dash: [2, 4] });
      write(ctx, "a guess", LOSS.right - 4, y - 8, { font: look.small, colour: look.ink, align: "right" });
    }
    const share = { low: 0, high: 1, ticks: [[0, "0"], [0.5, "50 %"], [1, "100 %"]], label: "read right" };
    drawPanel(ctx, look, view, SHARE, share, both(shares), false);
    const ofDelta = drawPanel(ctx, look, view, DELTA, powerAxis(deltas, "mean size of delta"), layers, true);
    drawLayerNumbers(ctx, look, ofDelta, layers);
    drawLegend(ctx, look, both(losses));
    drawMisread(ctx, look, { ...view, total: view.new, images });
  },
  pick([x, y], { fixed }) {
    const box = [LOSS, SHARE, DELTA].find(({ left, right }) => x >= left - 8 && x <= right + 8);
    if (!box || y < TOP || y > ZERO + 24) return null;
    return { epoch: Math.round(Math.min(Math.max((x - box.left) / (box.right - box.left), 0), 1) * fixed.epochs) };
  },
};
