// The U-curve: errors over the step on logarithmic axes, what theory says of them, and the digits of one step.

const BOX = { left: 68, right: 738, top: 30, bottom: 300 };
const ACROSS = { low: -20, high: 0, ticks: powersOfTen(-20, 0, 4) };
const UP = { low: -18, high: 4, ticks: powersOfTen(-16, 4, 4), label: "error of the slope" };
const ZERO = 318; // the row of errors that are exactly 0, below the axis
const DIGITS = { top: 362, between: 21, label: 150, left: 162 };

// What lies beyond the axis is pinned to its edge as an arrowhead, what is exactly 0 is a square on its own row.
function markOf(error, up) {
  if (error === 0) return { kind: "square", y: ZERO };
  if (error === null || !Number.isFinite(error) || Math.log10(error) > UP.high) return { kind: "up", y: BOX.top + 4 };
  const power = Math.log10(error);
  return power < UP.low ? { kind: "down", y: BOX.bottom - 4 } : { kind: "circle", y: up(power) };
}

function drawErrors(ctx, look, { across, up }, errors, [first, , spacing]) {
  const marks = [...errors].map((error, i) => ({ x: across(first + i * spacing), ...markOf(error, up) }));
  curve(ctx, marks.map(({ kind, x, y }) => [x, kind === "square" ? NaN : y]), { colour: look.forward, width: 1.5 });
  for (const { kind, x, y } of marks) mark(ctx, kind, x, y, look.forward, kind === "circle" ? 2.5 : 3);
}

function drawTheory(ctx, look, { across, up }, { bend, rounding }) {
  const straight = ([size, power], style) => {
    if (!size) return;
    const ends = [ACROSS.low, ACROSS.high].map((h) => [across(h), up(Math.log10(size) + power * h)]);
    curve(ctx, ends, { colour: look.backward, width: 1.5, dash: style });
  };
  inside(ctx, BOX, () => {
    straight(bend, [8, 5]);
    straight(rounding, [2, 4]);
  });
}

// Regions where no theory of smooth curves holds.
function drawRegions(ctx, look, { across }, { kink, atKink, lost }) {
  const region = (from, to, text) => {
    ctx.globalAlpha = 0.5;
    hatch(ctx, across(from), BOX.top, across(to) - across(from), BOX.bottom - BOX.top, look.line, 12);
    ctx.globalAlpha = 1;
    const width = ctx.measureText(text).width;
    const middle = (across(from) + across(to)) / 2;
    const x = Math.min(Math.max(middle, BOX.left + width / 2 + 6), BOX.right - width / 2 - 6);
    writeClear(ctx, text, x, BOX.bottom - 14, { font: look.small, colour: look.ink });
  };
  ctx.font = look.small;
  if (lost !== null) region(ACROSS.low, lost, "x + h is x: the nudge is lost");
  if (kink !== null) region(kink, ACROSS.high, "across the kink");
  if (atKink) region(ACROSS.low, ACROSS.high, "at the kink: there is no one slope");
}

function drawLegend(ctx, look, { bend, rounding }) {
  const note = { font: look.small, colour: look.ink, align: "left" };
  const entries = [
    { x: 330, text: "measured", colour: look.forward, dash: [] },
    { x: 438, text: bend[0] ? `bend, as h${bend[1] === 2 ? "²" : ""}` : "no bend", colour: look.backward, dash: [8, 5], missing: !bend[0] },
    { x: 560, text: rounding[1] ? "rounding, as 1/h, at most" : "rounding, at most", colour: look.backward, dash: [2, 4] },
  ];
  for (const { x, text, colour, dash, missing } of entries) {
    if (!missing) curve(ctx, [[x, 13], [x + 26, 13]], { colour, width: 1.75, dash });
    write(ctx, text, x + 32, 13, note);
  }
}

function drawMarked(ctx, look, { across, up }, { at, error, lowest }) {
  const { y } = markOf(error, up);
  curve(ctx, [[across(at), BOX.top], [across(at), ZERO + 6]], { colour: look.ink, width: 1, dash: [3, 3] });
  ctx.beginPath();
  ctx.arc(across(at), y, 7, 0, 2 * Math.PI);
  Object.assign(ctx, { strokeStyle: look.ink, lineWidth: 2.25 });
  ctx.stroke();
  if (!lowest) return;
  const [x, low] = [across(lowest[0]), up(lowest[1])];
  curve(ctx, [[x, low + 6], [x, low + 20]], { colour: look.ink, width: 1.5 });
  writeClear(ctx, "best", x, low + 29, { font: look.small, colour: look.ink });
}

function drawDigits(ctx, look, rows) {
  const font = `14px ${look.code}`;
  const notes = [
    rows[0][0] === "real part" ? "nothing is subtracted: imaginary part / h = slope" : "subtracted: the underlined digits cancel",
    "the underlined digits are right",
  ];
  rows.forEach(([label, text, shared], i) => {
    const y = DIGITS.top + i * DIGITS.between + (i > 1 ? 6 : 0);
    write(ctx, label, DIGITS.label, y, { font: look.plain, colour: look.ink, align: "right" });
    write(ctx, text, DIGITS.left, y, { font, colour: look.ink, align: "left" });
    const width = ctx.measureText(text.slice(0, shared)).width;
    const colour = i < 2 ? look.line : look.forward;
    if (shared) curve(ctx, [[DIGITS.left, y + 9], [DIGITS.left + width, y + 9]], { colour, width: 2 });
  });
  [0.5, 2.5].forEach((row, i) => {
    const y = DIGITS.top + row * DIGITS.between + 6 * i;
    curve(ctx, [[362, y - 17], [368, y - 17], [368, y + 17], [362, y + 17]], { colour: look.line, width: 1 });
    write(ctx, notes[i], 378, y, { font: look.small, colour: look.ink, align: "left" });
  });
}

const explorer = {
  size: [750, 454],
  draw(ctx, look, view) {
    const axes = chart(ctx, look, BOX, { ...ACROSS, ticks: [] }, UP);
    for (const [power, text] of ACROSS.ticks) write(ctx, text, axes.across(power), ZERO + 17, { font: look.small, colour: look.ink });
    write(ctx, "step h", axes.across(-2), ZERO + 17, { font: look.small, colour: look.ink });
    write(ctx, "exactly 0", BOX.left - 6, ZERO, { font: look.small, colour: look.ink, align: "right" });
    drawRegions(ctx, look, axes, view);
    drawTheory(ctx, look, axes, view);
    drawErrors(ctx, look, axes, view.arrays.errors, view.fixed.exponents);
    drawLegend(ctx, look, view);
    drawMarked(ctx, look, axes, view);
    drawDigits(ctx, look, view.rows);
  },
  pick([x, y], { fixed }) {
    if (x < BOX.left || x > BOX.right || y < BOX.top || y > ZERO + 8) return null;
    const [low, high, spacing] = fixed.exponents;
    const power = low + ((x - BOX.left) / (BOX.right - BOX.left)) * (high - low);
    return { log_h: Math.round(power / spacing) * spacing };
  },
};
