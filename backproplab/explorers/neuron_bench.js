// The neuron bench: the chain with its local slopes, the product they make, and the saturation strip.

const NODES = {
  w: { x: 8, y: 14, width: 84, height: 44, title: "w" },
  x: { x: 8, y: 76, width: 84, height: 44, title: "x" },
  b: { x: 8, y: 138, width: 84, height: 44, title: "b" },
  z: { x: 236, y: 66, width: 116, height: 64, title: "z = w x + b" },
  a: { x: 458, y: 66, width: 84, height: 64, title: "a = f(z)" },
  loss: { x: 632, y: 66, width: 112, height: 64, title: "L = ½ (a − t)²" },
  t: { x: 636, y: 156, width: 104, height: 30, title: "" },
};
const FACTORS = [
  { name: "error", symbol: "(a − t)", x: 210 },
  { name: "slope", symbol: "f′(z)", x: 345 },
  { name: "input", symbol: "x", x: 480 },
];
const STRIP = { left: 44, right: 736, top: 334, bottom: 408 };

function drawNode(ctx, look, node, value) {
  ctx.beginPath();
  ctx.roundRect(node.x, node.y, node.width, node.height, 6);
  Object.assign(ctx, { fillStyle: look.faint, strokeStyle: look.line, lineWidth: 1.25 });
  ctx.fill();
  ctx.stroke();
  const middle = node.x + node.width / 2;
  const half = node.height / 4;
  if (node.title) write(ctx, node.title, middle, node.y + half + 1, { font: look.plain, colour: look.ink });
  write(ctx, value, middle, node.y + (node.title ? 3 : 2) * half, { font: look.bold, colour: look.ink });
}

function drawForward(ctx, look, shown) {
  const solid = { colour: look.forward };
  arrow(ctx, 92, 42, 234, 84, solid);
  arrow(ctx, 92, 98, 234, 98, solid);
  arrow(ctx, 92, 154, 234, 112, solid);
  arrow(ctx, 352, 88, 456, 88, solid);
  arrow(ctx, 542, 88, 630, 88, solid);
  arrow(ctx, 688, 156, 688, 132, solid);
  for (const name of ["w", "x", "b", "z", "a", "loss"]) drawNode(ctx, look, NODES[name], shown[name]);
  drawNode(ctx, look, NODES.t, `t = ${shown.t}`);
}

function drawBackward(ctx, look, shown) {
  const dashed = { colour: look.backward, dashed: true };
  const edges = [
    { ends: [234, 74, 94, 30], at: [182, 20], slope: "dz/dw = x", value: shown.x },
    { ends: [234, 122, 94, 166], at: [182, 166], slope: "dz/db", value: "1" },
    { ends: [456, 108, 354, 108], at: [405, 144], slope: "da/dz = f′(z)", value: shown.slope },
    { ends: [630, 108, 544, 108], at: [588, 144], slope: "dL/da = a − t", value: shown.error },
  ];
  for (const { ends, at, slope, value } of edges) {
    arrow(ctx, ...ends, dashed);
    write(ctx, slope, at[0], at[1], { font: look.plain, colour: look.backward });
    write(ctx, value, at[0], at[1] + 18, { font: look.bold, colour: look.backward });
  }
}

function drawBar(ctx, look, x, y, share, negative) {
  const width = Math.max(110 * share, 1.5);
  if (negative) hatch(ctx, x - width / 2, y, width, 9, look.backward, 4);
  else {
    ctx.fillStyle = look.backward;
    ctx.fillRect(x - width / 2, y, width, 9);
  }
  Object.assign(ctx, { strokeStyle: look.backward, lineWidth: 1 });
  ctx.strokeRect(x - width / 2, y, width, 9);
}

function drawBracket(ctx, look, x, y) {
  ctx.beginPath();
  ctx.moveTo(x - 58, y - 6);
  ctx.lineTo(x - 58, y);
  ctx.lineTo(x + 58, y);
  ctx.lineTo(x + 58, y - 6);
  Object.assign(ctx, { strokeStyle: look.ink, lineWidth: 2 });
  ctx.stroke();
  write(ctx, "smallest factor", x, y + 12, { font: look.bold, colour: look.ink });
}

function drawProduct(ctx, look, picture) {
  const [symbols, numbers, bars] = [212, 234, 248];
  const plain = { font: look.plain, colour: look.ink };
  const bold = { font: look.bold, colour: look.ink };
  const sizes = { error: picture.error, slope: picture.slope, input: picture.x };
  const largest = Math.max(...Object.values(sizes).map(Math.abs), 1e-300);
  write(ctx, "dL/dw  =", 144, symbols, { ...plain, align: "right" });
  write(ctx, "=", 144, numbers, { ...plain, align: "right" });
  write(ctx, "hatched: negative", 144, bars + 5, { ...plain, font: look.small, align: "right" });
  FACTORS.forEach(({ name, symbol, x }, place) => {
    write(ctx, symbol, x, symbols, plain);
    write(ctx, name === "input" ? picture.shown.x : picture.shown[name], x, numbers, bold);
    if (place > 0) for (const y of [symbols, numbers]) write(ctx, "×", x - 67, y, plain);
    drawBar(ctx, look, x, bars, Math.abs(sizes[name]) / largest, sizes[name] < 0);
    if (picture.smallest.length < 3 && picture.smallest.includes(name)) drawBracket(ctx, look, x, bars + 22);
  });
  write(ctx, `=  ${picture.shown.dw}`, 552, numbers, { ...bold, align: "left" });
  write(ctx, `dL/db  =  ${picture.shown.db}`, 744, symbols, { ...bold, align: "right" });
  const moves = { "-1": "step raises w ▲", 0: "step keeps w", 1: "step lowers w ▼" };
  write(ctx, moves[Math.sign(picture.w - picture.w_new)], 744, bars + 5, { ...plain, align: "right" });
}

function drawStrip(ctx, look, picture, curve, fixed) {
  const [low, high] = fixed.strip;
  const top = Math.max(...curve);
  const across = (z) => STRIP.left + ((z - low) / (high - low)) * (STRIP.right - STRIP.left);
  const up = (slope) => STRIP.bottom - (slope / top) * (STRIP.bottom - STRIP.top);
  drawSaturated(ctx, look, curve, fixed.saturatedBelow * top);
  const note = { font: look.small, colour: look.ink };
  write(ctx, `slope f′(z) of ${picture.activation}`, STRIP.left, STRIP.top - 18, { ...note, align: "left" });
  write(ctx, top.toFixed(2), STRIP.left - 6, STRIP.top + 4, { ...note, align: "right" });
  write(ctx, "0", STRIP.left - 6, STRIP.bottom, { ...note, align: "right" });
  for (const z of [-10, -5, 0, 5, 10]) write(ctx, String(z).replace("-", "−"), across(z), STRIP.bottom + 14, note);
  write(ctx, "z", across(7.5), STRIP.bottom + 14, note);
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(STRIP.left, STRIP.top, STRIP.right - STRIP.left, STRIP.bottom - STRIP.top);
  ctx.beginPath();
  curve.forEach((slope, i) => ctx.lineTo(across(low + (i * (high - low)) / (curve.length - 1)), up(slope)));
  Object.assign(ctx, { strokeStyle: look.forward, lineWidth: 2.25 });
  ctx.stroke();
  drawMarker(ctx, look, picture, across, up, [low, high]);
}

function drawSaturated(ctx, look, curve, least) {
  const step = (STRIP.right - STRIP.left) / (curve.length - 1);
  for (let i = 0; i < curve.length; ) {
    const from = i;
    while (i < curve.length && curve[i] < least) i++;
    if (i > from) {
      const [x, width] = [STRIP.left + from * step, (i - 1 - from) * step];
      hatch(ctx, x, STRIP.top, width, STRIP.bottom - STRIP.top, look.line);
      writeClear(ctx, "saturated", x + width / 2, (STRIP.top + STRIP.bottom) / 2 + 4, { font: look.small, colour: look.ink });
    } else i++;
  }
}

// A z beyond the strip is pinned to its end and said to be further out, not silently clipped.
function drawMarker(ctx, look, picture, across, up, [low, high]) {
  const z = Math.min(Math.max(picture.z, low), high);
  const further = z !== picture.z;
  const [x, y] = [across(z), up(picture.slope)];
  Object.assign(ctx, { strokeStyle: look.backward, fillStyle: look.backward, lineWidth: 2 });
  ctx.beginPath();
  ctx.moveTo(x, STRIP.top - 6);
  ctx.lineTo(x, STRIP.bottom);
  ctx.stroke();
  ctx.beginPath();
  if (further) {
    ctx.moveTo(x + Math.sign(picture.z) * 10, y);
    ctx.lineTo(x, y - 6);
    ctx.lineTo(x, y + 6);
    ctx.closePath();
  } else ctx.arc(x, y, 5, 0, 2 * Math.PI);
  ctx.fill();
  const text = `z = ${picture.shown.z}${further ? ", beyond the strip" : ""}: slope ${picture.shown.slope}`;
  const align = z > 0 ? "right" : "left";
  write(ctx, text, Math.min(Math.max(x, 200), STRIP.right), STRIP.top - 18, { font: look.bold, colour: look.backward, align });
}

// What Python computes, for a page without it.
const NAMED = { error: "the error a − t", slope: "the slope f'(z)", input: "the input x" };

function neuronOf({ w, b, x, t, activation, lr }, { saturatedBelow }) {
  const { f, slope: slopeAt } = ACTIVATIONS[activation];
  const z = w * x + b;
  const [a, slope] = [f(z), slopeAt(z)];
  const error = a - t;
  const [dw, db] = [error * slope * x, error * slope];
  const [w_new, b_new] = [w - lr * dw, b - lr * db];
  const saturated = Math.abs(slope) < saturatedBelow * Math.max(...slopeStrip(activation, [-10, 10]));
  const smallest = smallestOf({ error, slope, input: x });
  const [loss, loss_new] = [error ** 2 / 2, (f(w_new * x + b_new) - t) ** 2 / 2];
  return { w, b, x, t, activation, lr, z, a, loss, error, slope, dw, db, smallest, saturated, w_new, b_new, loss_new };
}

function slopeStrip(activation, [low, high], n = 401) {
  return Array.from({ length: n }, (_, i) => ACTIVATIONS[activation].slope(low + (i * (high - low)) / (n - 1)));
}

function smallestOf(factors) {
  const least = Math.min(...Object.values(factors).map(Math.abs));
  const equal = (size) => Math.abs(size - least) <= 1e-9 * Math.max(size, least);
  return Object.keys(factors).filter((name) => equal(Math.abs(factors[name])));
}

function smallestInWords({ smallest, saturated }) {
  if (smallest.length === 3) return "all three factors are equally large";
  const names = smallest.map((name) => NAMED[name]).join(" and ");
  if (smallest.length > 1) return `the smallest factors are ${names}, equally large`;
  return `the smallest factor is ${names}${smallest[0] === "slope" && saturated ? ": the neuron is saturated" : ""}`;
}

function moveInWords(name, old, now) {
  if (now === old) return `keeps ${name} at ${number(now)}`;
  return `${now < old ? "lowers" : "raises"} ${name} to ${number(now)}`;
}

function neuronInWords(neuron) {
  const { z, a, loss, error, slope, x, dw, db, lr } = neuron;
  const factors = [error, slope, x].map((value, i) => (value < 0 && i ? `(${number(value)})` : number(value)));
  return (
    `z = ${number(z)}, a = ${number(a)}, L = ${number(loss)}; dL/dw = (a − t) f'(z) x = ${factors.join(" × ")} = ` +
    `${number(dw)} and dL/db = (a − t) f'(z) = ${number(db)}; ${smallestInWords(neuron)}; one step with learning ` +
    `rate ${number(lr)} ${moveInWords("w", neuron.w, neuron.w_new)} and ${moveInWords("L", loss, neuron.loss_new)}.`
  );
}

const explorer = {
  size: [750, 436],
  draw(ctx, look, picture) {
    drawBackward(ctx, look, picture.shown);
    drawForward(ctx, look, picture.shown);
    drawProduct(ctx, look, picture);
    drawStrip(ctx, look, picture, picture.arrays.curve, picture.fixed);
  },
  compute(knobs, fixed) {
    const neuron = neuronOf(knobs, fixed);
    const plain = Object.entries(neuron).filter(([, value]) => typeof value === "number");
    const shown = Object.fromEntries(plain.map(([name, value]) => [name, number(value)]));
    const curve = slopeStrip(knobs.activation, fixed.strip);
    return { ...neuron, shown, sentence: neuronInWords(neuron), arrays: { curve } };
  },
  press(name, knobs, fixed) {
    const { w_new: w, b_new: b } = neuronOf(knobs, fixed);
    if (Math.max(Math.abs(w), Math.abs(b)) <= fixed.bench) return { w, b };
    return { notice: `No step taken: it would end at w = ${number(w)}, b = ${number(b)}, far off; lower the learning rate.` };
  },
};
