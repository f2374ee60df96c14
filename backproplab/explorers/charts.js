// What drawings are made of: text, arrows, hatching, axes, curves, legends, numbers as Python writes them.

function write(ctx, text, x, y, { font, colour, align = "center" }) {
  Object.assign(ctx, { font, fillStyle: colour, textAlign: align, textBaseline: "middle" });
  ctx.fillText(text, x, y);
}

// Text on a busy ground: the ground is cleared behind it.
function writeClear(ctx, text, x, y, style) {
  ctx.font = style.font;
  const width = ctx.measureText(text).width;
  const left = style.align === "left" ? x : style.align === "right" ? x - width : x - width / 2;
  ctx.clearRect(left - 3, y - 9, width + 6, 18);
  write(ctx, text, x, y, style);
}

function hatch(ctx, x, y, width, height, colour, gap = 7) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.beginPath();
  // Lines start at multiples of the gap, so that neighbouring rectangles join without a seam.
  for (let at = Math.floor((x - height) / gap) * gap; at < x + width; at += gap) {
    ctx.moveTo(at, y + height);
    ctx.lineTo(at + height, y);
  }
  Object.assign(ctx, { strokeStyle: colour, lineWidth: 1 });
  ctx.stroke();
  ctx.restore();
}

function arrow(ctx, x0, y0, x1, y1, { colour, dashed = false }) {
  const angle = Math.atan2(y1 - y0, x1 - x0);
  const barb = (turn) => [x1 - 9 * Math.cos(angle + turn), y1 - 9 * Math.sin(angle + turn)];
  Object.assign(ctx, { strokeStyle: colour, fillStyle: colour, lineWidth: 1.75 });
  ctx.setLineDash(dashed ? [5, 4] : []);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1 - 6 * Math.cos(angle), y1 - 6 * Math.sin(angle));
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(...barb(0.45));
  ctx.lineTo(...barb(-0.45));
  ctx.closePath();
  ctx.fill();
}

// The range of powers of ten that holds all these exponents: few different ones, so that it seldom jumps.
function decades(exponents, lows = [-8, -16, -32, -64, -128, -324], highs = [2, 8, 16, 32, 64, 128, 309]) {
  const known = exponents.filter(Number.isFinite);
  const low = lows.find((end) => known.every((value) => value > end)) ?? lows.at(-1);
  return [low, highs.find((end) => known.every((value) => value < end)) ?? highs.at(-1)];
}

function powerOfTen(exponent) {
  return exponent === 0 ? "1" : `1e${exponent}`.replace("-", "−");
}

// A logarithmic axis on the left of a box { left, right, top, bottom }; returns exponent -> y.
function logAxis(ctx, look, box, [low, high]) {
  const up = (exponent) => box.bottom - ((exponent - low) / (high - low)) * (box.bottom - box.top);
  const step = [1, 2, 4, 8, 16, 32, 64, 128].find((gap) => (high - low) / gap <= 7);
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) {
    Object.assign(ctx, { strokeStyle: look.faint, lineWidth: 1 });
    ctx.beginPath();
    ctx.moveTo(box.left, up(at));
    ctx.lineTo(box.right, up(at));
    ctx.stroke();
    write(ctx, powerOfTen(at), box.left - 6, up(at), { font: look.small, colour: look.ink, align: "right" });
  }
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  return up;
}

const MARKERS = {
  circle: (ctx, x, y, r) => ctx.arc(x, y, r, 0, 2 * Math.PI),
  square: (ctx, x, y, r) => ctx.rect(x - r, y - r, 2 * r, 2 * r),
  up: (ctx, x, y, r) => { ctx.moveTo(x, y - r); ctx.lineTo(x + r, y + r); ctx.lineTo(x - r, y + r); ctx.closePath(); },
  down: (ctx, x, y, r) => { ctx.moveTo(x, y + r); ctx.lineTo(x + r, y - r); ctx.lineTo(x - r, y - r); ctx.closePath(); },
};

function mark(ctx, kind, x, y, colour, size = 3.5) {
  ctx.beginPath();
  MARKERS[kind](ctx, x, y, size);
  ctx.fillStyle = colour;
  ctx.fill();
}

// A line through points [x, y], broken where y is no number; it differs by dashes and marker, not by colour alone.
function curve(ctx, points, { colour, dash = [], marker = null, width = 2, size = 3.5 }) {
  Object.assign(ctx, { strokeStyle: colour, lineWidth: width });
  ctx.setLineDash(dash);
  ctx.beginPath();
  let pen = false;
  for (const [x, y] of points) {
    if (Number.isFinite(y)) ctx[pen ? "lineTo" : "moveTo"](x, y);
    pen = Number.isFinite(y);
  }
  ctx.stroke();
  ctx.setLineDash([]);
  if (marker) for (const [x, y] of points) if (Number.isFinite(y)) mark(ctx, marker, x, y, colour, size);
}

// One sample of each curve with its name, in a row from x on.
function legend(ctx, look, x, y, entries) {
  for (const { name, ...style } of entries) {
    curve(ctx, [[x, y], [x + 14, y], [x + 28, y]], { ...style, marker: null });
    if (style.marker) mark(ctx, style.marker, x + 14, y, style.colour, style.size);
    write(ctx, name, x + 34, y, { font: look.small, colour: look.ink, align: "left" });
    x += 34 + ctx.measureText(name).width + 20;
  }
}

// Whole numbers below a box whose columns are 1, 2, ... n, as many as there is room for.
function columnNumbers(ctx, look, box, n, y) {
  const step = [1, 2, 5, 10, 20].find((gap) => n / gap <= 16);
  for (let at = step; at <= n; at += step) {
    write(ctx, String(at), box.left + ((at - 0.5) / n) * (box.right - box.left), y, { font: look.small, colour: look.ink });
  }
}

// A chart's box and its two axes { low, high, ticks: [[value, text], ...], label }; on a logarithmic axis all
// values are exponents. Returns where numbers lie on the canvas.
function chart(ctx, look, { left, right, top, bottom }, x, y) {
  const across = (value) => left + ((value - x.low) / (x.high - x.low)) * (right - left);
  const up = (value) => bottom - ((value - y.low) / (y.high - y.low)) * (bottom - top);
  const note = { font: look.small, colour: look.ink };
  const grid = { colour: look.faint, width: 1 };
  for (const [value] of x.ticks) curve(ctx, [[across(value), top], [across(value), bottom]], grid);
  for (const [value] of y.ticks) curve(ctx, [[left, up(value)], [right, up(value)]], grid);
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(left, top, right - left, bottom - top);
  for (const [value, text] of x.ticks) write(ctx, text, across(value), bottom + 13, note);
  for (const [value, text] of y.ticks) write(ctx, text, left - 6, up(value), { ...note, align: "right" });
  if (x.label) write(ctx, x.label, (left + right) / 2, bottom + 30, note);
  if (y.label) write(ctx, y.label, left, top - 12, { ...note, align: "left" });
  return { across, up };
}

// A grid of cells, row by row, each as opaque as its share says: one small image, enlarged without smoothing,
// because hundreds of rectangles would take longer than a frame.
const scratch = document.createElement("canvas");
function shadedCells(ctx, { left, right, top, bottom }, columns, shares, colour) {
  Object.assign(scratch, { width: columns, height: shares.length / columns }); // also clears it
  const small = scratch.getContext("2d", { willReadFrequently: true });
  const image = small.createImageData(scratch.width, scratch.height);
  shares.forEach((share, i) => (image.data[4 * i + 3] = Math.round(255 * share)));
  small.putImageData(image, 0, 0);
  Object.assign(small, { globalCompositeOperation: "source-in", fillStyle: colour });
  small.fillRect(0, 0, scratch.width, scratch.height);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(scratch, left, top, right - left, bottom - top);
}

function inside(ctx, { left, right, top, bottom }, draw) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
  draw();
  ctx.restore();
}

function powersOfTen(low, high, stride) {
  const count = Math.floor((high - low) / stride) + 1;
  return Array.from({ length: count }, (_, i) => [low + i * stride, powerOfTen(low + i * stride)]);
}

// A number as Python's `number` shows it, for those that only the page needs; with fewer digits, shorter.
function number(value, digits = 4) {
  if (!Number.isFinite(value)) return String(value).replace("-", "−").replace("Infinity", "∞");
  const size = Math.abs(value);
  const plain = (digits < 4 ? 1e-3 : 5e-4) <= size && size < 9999;
  const text = size === 0 ? "0" : plain ? size.toPrecision(digits) : size.toExponential(1).replace(/e(.)(\d)$/, "e$10$2");
  return value < 0 ? `−${text}` : text;
}

// What the activations of Python are in a page that computes by itself; slopes are functions of z too.
const SIGMOID = (z) => Math.exp(Math.min(z, 0)) / (1 + Math.exp(-Math.abs(z)));
const ACTIVATIONS = {
  linear: { f: (z) => z, slope: () => 1 },
  sigmoid: { f: SIGMOID, slope: (z) => SIGMOID(z) * SIGMOID(-z) },
  tanh: { f: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  relu: { f: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  softplus: { f: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), slope: SIGMOID },
};

// Round ends for an axis that holds these values, and ticks at round places: it jumps seldom while they move.
function roundAxis(values, label) {
  const finite = values.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const rough = Math.max(most - least, 1e-9) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const [low, high] = [Math.floor(least / step + 1e-9) * step, Math.ceil(most / step - 1e-9) * step];
  const count = Math.round((high - low) / step);
  const text = (value) => value.toFixed(digitsOf(step)).replace("-", "−");
  const ticks = Array.from({ length: count + 1 }, (_, i) => low + i * step).map((value) => [value, text(value + 0)]);
  return { low, high, ticks, label };
}
