// Vanishing gradients: delta by layer on a log axis, the map of saturated units, one layer's z, and training.

const SIGNAL = { left: 62, right: 738, top: 32, bottom: 206 };
const ZEROS = { left: 62, right: 738, top: 214, bottom: 232 };
const MAP = { left: 62, right: 738, top: 262, bottom: 350 };
const LAYER = { left: 62, right: 420, top: 408, bottom: 502 };
const LOSS = { left: 492, right: 738, top: 408, bottom: 502 };

const SERIES = (look) => ({
  deltas: { name: "|mean delta|", colour: look.backward, marker: "circle" },
  gradients: { name: "|dW|", colour: look.forward, dash: [7, 4], marker: "square" },
  foretold: { name: "delta as foretold, untrained", colour: look.ink, dash: [2, 3], width: 1.5 },
  millionth: { name: "a millionth of the last layer's delta", colour: look.line, dash: [1, 5], width: 1.5 },
});

const middleOf = (box, layer, depth) => box.left + ((layer - 0.5) / depth) * (box.right - box.left);

function drawSignal(ctx, look, { arrays, knobs, layer, silent }) {
  const styles = SERIES(look);
  const { deltas, gradients, foretold } = arrays;
  const lost = deltas.at(-1) - 6;
  const up = logAxis(ctx, look, SIGNAL, decades([...deltas, ...gradients, ...foretold]));
  drawChosen(ctx, look, SIGNAL, layer, knobs.depth);
  const small = { font: look.small, colour: look.ink };
  if (up(lost) > SIGNAL.top && up(lost) < SIGNAL.bottom) {
    curve(ctx, [[SIGNAL.left, up(lost)], [SIGNAL.right, up(lost)]], styles.millionth);
  }
  const shrink = deltas.length > 25 ? 2.5 : 3.5;
  for (const name of ["foretold", "gradients", "deltas"]) {
    const points = [...arrays[name]].map((value, i) => [middleOf(SIGNAL, i + 1, knobs.depth), up(value)]);
    curve(ctx, points, { ...styles[name], size: shrink });
    arrays[name].forEach((value, i) => {
      if (value === Infinity) mark(ctx, "up", points[i][0], SIGNAL.top - 6, styles[name].colour, 4);
    });
  }
  legend(ctx, look, SIGNAL.left, 14, Object.values(styles));
  drawZeros(ctx, look, deltas, silent);
  columnNumbers(ctx, look, SIGNAL, knobs.depth, 247);
  write(ctx, "layer", SIGNAL.left - 6, 247, { ...small, align: "right" });
}

// What a log axis cannot hold stands below it: a floor would look like a small signal.
function drawZeros(ctx, look, deltas, silent) {
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(ZEROS.left, ZEROS.top, ZEROS.right - ZEROS.left, ZEROS.bottom - ZEROS.top);
  const y = (ZEROS.top + ZEROS.bottom) / 2;
  const small = { font: look.small, colour: look.ink };
  write(ctx, "0", ZEROS.left - 6, y, { ...small, align: "right" });
  if (silent) hatch(ctx, ZEROS.left, ZEROS.top, ((ZEROS.right - ZEROS.left) * silent) / deltas.length, ZEROS.bottom - ZEROS.top, look.line);
  deltas.forEach((value, i) => {
    if (value === -Infinity) mark(ctx, "down", middleOf(ZEROS, i + 1, deltas.length), y, look.backward, 4);
  });
  if (silent) writeClear(ctx, `delta is exactly 0 in ${silent} of ${deltas.length} layers`, 400, y, { ...small, font: look.bold });
}

function drawChosen(ctx, look, box, layer, depth) {
  const width = (box.right - box.left) / depth;
  ctx.fillStyle = look.faint;
  ctx.fillRect(box.left + (layer - 1) * width, box.top, width, box.bottom - box.top);
}

function drawMap(ctx, look, { arrays, knobs, layer }) {
  const rows = Math.floor((2 * arrays.map.length) / knobs.depth); // two cells a byte, the last may be unused
  const shade = (i) => (i % 2 ? arrays.map[i >> 1] & 15 : arrays.map[i >> 1] >> 4);
  // It comes layer by layer, and a layer is a column here.
  const shares = Array.from({ length: rows * knobs.depth }, (_, i) => shade((i % knobs.depth) * rows + Math.floor(i / knobs.depth)) / 15);
  shadedCells(ctx, MAP, knobs.depth, shares, look.ink);
  const middle = [(MAP.left + MAP.right) / 2, (MAP.top + MAP.bottom) / 2];
  if (arrays.map.every((cells) => cells === 0)) write(ctx, "no unit is saturated", ...middle, { font: look.small, colour: look.ink });
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(MAP.left, MAP.top, MAP.right - MAP.left, MAP.bottom - MAP.top);
  Object.assign(ctx, { strokeStyle: look.backward, lineWidth: 2 });
  const width = (MAP.right - MAP.left) / knobs.depth;
  ctx.strokeRect(MAP.left + (layer - 1) * width, MAP.top - 3, width, MAP.bottom - MAP.top + 6);
  drawShades(ctx, look);
}

function drawShades(ctx, look) {
  const y = MAP.bottom + 18;
  const small = { font: look.small, colour: look.ink, align: "left" };
  write(ctx, "units", MAP.left - 6, (MAP.top + MAP.bottom) / 2, { ...small, align: "right" });
  const before = "each unit (sorted within its layer) is saturated for none";
  write(ctx, before, MAP.left, y, small);
  const left = MAP.left + ctx.measureText(before).width + 8;
  write(ctx, "all of the 64 examples", left + 104, y, small);
  const shades = Array.from({ length: 16 }, (_, shade) => shade / 15);
  shadedCells(ctx, { left, right: left + 96, top: y - 6, bottom: y + 6 }, 16, shades, look.ink);
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(left, y - 6, 96, 12);
}

function drawLayer(ctx, look, { arrays, knobs, fixed, layer, further }) {
  const slopes = fixed.curves[knobs.activation];
  const steepest = Math.max(...slopes);
  const height = LAYER.bottom - LAYER.top;
  const across = (z) => LAYER.left + ((z + fixed.reach) / (2 * fixed.reach)) * (LAYER.right - LAYER.left);
  const width = (LAYER.right - LAYER.left) / arrays.bars.length;
  const small = { font: look.small, colour: look.ink };
  ctx.fillStyle = look.forward;
  ctx.globalAlpha = 0.55;
  arrays.bars.forEach((bar, i) => {
    const tall = (bar / 255) * (height - 8);
    ctx.fillRect(LAYER.left + i * width, LAYER.bottom - tall, width - 1, tall);
  });
  ctx.globalAlpha = 1;
  const points = slopes.map((slope, i) => [
    LAYER.left + (i / (slopes.length - 1)) * (LAYER.right - LAYER.left),
    LAYER.bottom - (slope / steepest) * (height - 8),
  ]);
  curve(ctx, points, { colour: look.backward, width: 2.25 });
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(LAYER.left, LAYER.top, LAYER.right - LAYER.left, height);
  write(ctx, `layer ${layer}: where z lies (bars), slope f′(z) (line)`, LAYER.left, LAYER.top - 14, { ...small, align: "left" });
  write(ctx, String(steepest), LAYER.left - 6, LAYER.top + 8, { ...small, align: "right" });
  write(ctx, "0", LAYER.left - 6, LAYER.bottom, { ...small, align: "right" });
  for (const z of [-6, -4, -2, 0, 2, 4, 6]) write(ctx, String(z).replace("-", "−"), across(z), LAYER.bottom + 14, small);
  write(ctx, "z", across(5), LAYER.bottom + 14, small);
  const outside = { ...small, font: look.bold };
  if (further[0] > 0) writeClear(ctx, `◀ ${percent(further[0])}`, LAYER.left + 6, LAYER.top + 30, { ...outside, align: "left" });
  if (further[1] > 0) writeClear(ctx, `${percent(further[1])} ▶`, LAYER.right - 6, LAYER.top + 30, { ...outside, align: "right" });
}

function percent(share) {
  return share < 0.01 ? "below 1 %" : `${Math.round(100 * share)} %`;
}

function drawLoss(ctx, look, { arrays, guessing }) {
  const { losses } = arrays;
  const top = 4;
  const span = Math.max(20, losses.length - 1);
  const height = LOSS.bottom - LOSS.top;
  const across = (step) => LOSS.left + (step / span) * (LOSS.right - LOSS.left);
  const up = (loss) => LOSS.bottom - (loss / top) * height;
  const small = { font: look.small, colour: look.ink };
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(LOSS.left, LOSS.top, LOSS.right - LOSS.left, height);
  curve(ctx, [[LOSS.left, up(guessing)], [LOSS.right, up(guessing)]], { colour: look.ink, dash: [2, 3], width: 1.5 });
  writeClear(ctx, "guessing", LOSS.right - 6, up(guessing) + 13, { ...small, align: "right" });
  const points = [...losses].map((loss, step) => [across(step), loss <= top ? up(loss) : NaN]);
  curve(ctx, points, { colour: look.forward, marker: "square", size: losses.length > 60 ? 1.5 : 2.5 });
  losses.forEach((loss, step) => {
    if (!(loss <= top)) mark(ctx, "up", across(step), LOSS.top + 6, look.forward, 4);
  });
  write(ctx, losses.length > 1 ? "loss by step of training" : "loss, untrained", LOSS.left, LOSS.top - 14, { ...small, align: "left" });
  for (const value of [0, 2, 4]) write(ctx, String(value), LOSS.left - 6, up(value), { ...small, align: "right" });
  for (const step of [0, span / 2, span]) write(ctx, String(step), across(step), LOSS.bottom + 14, small);
}

const explorer = {
  size: [750, 526],
  draw(ctx, look, view) {
    drawSignal(ctx, look, view);
    drawMap(ctx, look, view);
    drawLayer(ctx, look, view);
    drawLoss(ctx, look, view);
  },
  pick([x, y], { knobs }) {
    if (x < MAP.left || x > MAP.right || y < SIGNAL.top || y > MAP.bottom) return null;
    return { layer: Math.min(Math.floor(((x - MAP.left) / (MAP.right - MAP.left)) * knobs.depth) + 1, knobs.depth) };
  },
};
