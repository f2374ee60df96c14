// The delta flow: a network whose deltas come back step by step; the sum at one unit, the product at one weight.

const NET = { left: 52, right: 698, top: 64, bottom: 366, width: 80, height: 32 };
const TERMS = { left: 116, step: 62, delta: 406, weight: 426, term: 446 };
const PRODUCTS = { delta: 476, gradient: 500, at: [220, 372, 524], signs: [300, 448] };
const OWN = { top: 528, step: 18 };

// Where everything stands; units and layers are counted from 1 outside, from 0 in arrays.
function placesOf({ sizes, arrays }) {
  const layers = sizes.length - 1;
  const gap = Math.min(76, (NET.bottom - NET.top) / Math.max(...sizes));
  const x = (layer) => NET.left + (layer * (NET.right - NET.left)) / layers;
  const y = (layer, unit) => (NET.top + NET.bottom) / 2 + (unit - 1 - (sizes[layer] - 1) / 2) * gap;
  const before = (layer, least) => sizes.slice(least, layer).reduce((sum, n) => sum + n, 0);
  const entry = (layer, j, k) => {
    let at = (j - 1) * sizes[layer] + k - 1;
    for (let l = 1; l < layer; l++) at += sizes[l - 1] * sizes[l];
    return at;
  };
  return {
    layers, x, y, entry,
    a: (layer, unit) => arrays.a[before(layer, 0) + unit - 1],
    unit: (layer, unit) => before(layer, 1) + unit - 1,
    weight: (layer, j, k) => arrays.weights[entry(layer, j, k)],
    arrives: (layer) => 2 * layers + 1 - layer,
  };
}

function everyUnit(sizes, visit) {
  sizes.forEach((n, layer) => {
    for (let unit = 1; unit <= n; unit++) visit(layer, unit);
  });
}

function everyWeight(sizes, visit) {
  for (let layer = 1; layer < sizes.length; layer++)
    for (let j = 1; j <= sizes[layer - 1]; j++) for (let k = 1; k <= sizes[layer]; k++) visit(layer, j, k);
}

function endsOf(at, layer, j, k) {
  const half = NET.width / 2;
  return [at.x(layer - 1) + half, at.y(layer - 1, j), at.x(layer) - half, at.y(layer, k)];
}

function stroke(ctx, [x0, y0, x1, y1], style, dashed) {
  Object.assign(ctx, style);
  ctx.setLineDash(dashed ? [4, 4] : []);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
  ctx.stroke();
  ctx.setLineDash([]);
}

// At the last moment a line is as thick as the weight's gradient, before it as thick as the weight.
function drawWeights(ctx, look, view, at) {
  const { sizes, arrays, moment } = view;
  const last = moment === 2 * at.layers + 1;
  const size = (layer, j, k) =>
    Math.abs(last ? at.a(layer - 1, j) * arrays.delta[at.unit(layer, k)] : at.weight(layer, j, k));
  let largest = 1e-300;
  everyWeight(sizes, (...edge) => (largest = Math.max(largest, size(...edge))));
  ctx.save();
  everyWeight(sizes, (layer, j, k) => {
    const goes = moment === layer;
    const returns = last || (moment > at.layers && moment === at.arrives(layer - 1));
    ctx.globalAlpha = goes || returns ? 0.75 : 0.35;
    const strokeStyle = goes ? look.forward : returns ? look.backward : look.line;
    const lineWidth = 0.6 + (2.4 * size(layer, j, k)) / largest;
    stroke(ctx, endsOf(at, layer, j, k), { strokeStyle, lineWidth }, at.weight(layer, j, k) < 0);
  });
  ctx.restore();
}

function drawChosenWeights(ctx, look, view, at) {
  const { layer, unit, source, moment, sizes } = view;
  const [x0, y0, x1, y1] = endsOf(at, layer, source, unit);
  arrow(ctx, x0, y0, x1, y1, { colour: look.forward, dashed: at.weight(layer, source, unit) < 0 });
  if (layer === at.layers || moment < at.arrives(layer)) return;
  for (let k = 1; k <= sizes[layer + 1]; k++) {
    const [left, up, right, down] = endsOf(at, layer + 1, unit, k);
    arrow(ctx, right, down, left, up, { colour: look.backward, dashed: at.weight(layer + 1, unit, k) < 0 });
  }
}

function drawUnit(ctx, look, view, at, layer, unit) {
  const [x, y] = [at.x(layer) - NET.width / 2, at.y(layer, unit) - NET.height / 2];
  const chosen = layer === view.layer && unit === view.unit;
  const wrong = layer > 0 && view.moment >= at.arrives(layer) && view.arrays.wrongUnits?.[at.unit(layer, unit)];
  ctx.clearRect(x, y, NET.width, NET.height);
  ctx.beginPath();
  ctx.roundRect(x, y, NET.width, NET.height, 5);
  Object.assign(ctx, { fillStyle: look.faint, strokeStyle: chosen ? look.ink : wrong ? look.wrong : look.line, lineWidth: chosen ? 3 : wrong ? 2 : 1 });
  ctx.fill();
  ctx.stroke();
  const value = view.moment >= layer ? number(at.a(layer, unit), 3) : "…";
  const middle = { font: look.small, colour: look.forward };
  if (layer === 0) return write(ctx, value, at.x(layer), at.y(layer, unit), middle);
  write(ctx, `a ${value}`, at.x(layer), at.y(layer, unit) - 7, middle);
  if (view.moment >= at.arrives(layer)) {
    const delta = number(view.arrays.delta[at.unit(layer, unit)], 3);
    write(ctx, `δ ${delta}`, at.x(layer), at.y(layer, unit) + 8, { font: look.small, colour: look.backward });
  }
  if (wrong) write(ctx, "✗", at.x(layer) + NET.width / 2 + 7, at.y(layer, unit) - 9, { font: look.bold, colour: look.wrong });
}

const MARKS = { right: "✓", wrong: "✗", first: "✗" };
const NAMES = { delta: "δ", dW: "dW", db: "db" };

// Above a column its delta, above the lines between two columns the gradients of their weights.
function drawHeads(ctx, look, view, at) {
  const plain = { font: look.small, colour: look.ink };
  for (let layer = 0; layer <= at.layers; layer++) {
    const name = layer === 0 ? "input" : `layer ${layer}`;
    write(ctx, name, at.x(layer), 12, { ...plain, font: layer === view.layer ? look.bold : look.small });
  }
  (view.fixed.own?.marks ?? []).forEach(([kind, layer, verdict]) => {
    const shift = { delta: 0, dW: -24, db: 24 }[kind];
    const x = kind === "delta" ? at.x(layer) : (at.x(layer - 1) + at.x(layer)) / 2 + shift;
    const style = { font: look.bold, colour: verdict === "right" ? look.ink : look.wrong };
    const word = verdict === "wrong" && kind === "delta" ? " wrong" : verdict === "right" && kind === "delta" ? " right" : "";
    write(ctx, `${MARKS[verdict]} ${NAMES[kind]}${word}`, x, 30, style);
    if (verdict === "first") write(ctx, "first wrong", x, 46, style);
  });
}

function waits(view, at) {
  return view.moment < at.arrives(view.layer);
}

// The factors in the panel: where each is written, and where in the network it comes from.
function factorsOf(view, at) {
  const { layer, unit, source, sizes } = view;
  if (waits(view, at)) return [];
  const [first, second, third] = PRODUCTS.at;
  const wide = { width: 144, height: 20 };
  const here = { unit: [layer, unit] };
  const factors = [
    { x: second, y: PRODUCTS.delta, ...wide, ...here },
    { x: third, y: PRODUCTS.delta, ...wide, ...here },
    { x: first, y: PRODUCTS.gradient, ...wide, unit: [layer - 1, source] },
    { x: second, y: PRODUCTS.gradient, ...wide, ...here },
    { x: third, y: PRODUCTS.gradient, ...wide, edge: [layer, source, unit] },
  ];
  if (layer === at.layers) return factors;
  for (let k = 1; k <= sizes[layer + 1]; k++) {
    const cell = { x: TERMS.left + (k - 0.5) * TERMS.step, width: TERMS.step - 4, height: 18 };
    factors.push({ ...cell, y: TERMS.delta, unit: [layer + 1, k] }, { ...cell, y: TERMS.weight, edge: [layer + 1, unit, k] });
  }
  return factors;
}

function within([x, y], { x: middle, y: centre, width, height }) {
  return Math.abs(x - middle) <= width / 2 && Math.abs(y - centre) <= height / 2;
}

function drawOrigin(ctx, look, view, at, factor) {
  Object.assign(ctx, { strokeStyle: look.ink, lineWidth: 1.5 });
  ctx.strokeRect(factor.x - factor.width / 2, factor.y - factor.height / 2, factor.width, factor.height);
  if (factor.edge) stroke(ctx, endsOf(at, ...factor.edge), { strokeStyle: look.ink, lineWidth: 5 }, false);
  const ring = factor.unit ?? [];
  if (!ring.length) return;
  ctx.beginPath();
  ctx.roundRect(at.x(ring[0]) - NET.width / 2 - 5, at.y(...ring) - NET.height / 2 - 5, NET.width + 10, NET.height + 10, 9);
  Object.assign(ctx, { strokeStyle: look.ink, lineWidth: 3 });
  ctx.stroke();
}

function drawArriving(ctx, look, view, at) {
  const { layer, unit, sizes, arrays, chosen } = view;
  const plain = { font: look.plain, colour: look.ink };
  const label = { ...plain, align: "left" };
  if (layer === at.layers) {
    const share = chosen.share > 1 ? ` / ${chosen.share}` : "";
    write(ctx, `An output has no sum: its error is (a − t)${share} = (${chosen.own} − ${signed(chosen.target)})${share} = ${chosen.arrives}`, 8, TERMS.weight, label);
    return;
  }
  write(ctx, `δ of layer ${layer + 1}`, 8, TERMS.delta, label);
  write(ctx, "× weight there", 8, TERMS.weight, label);
  write(ctx, "= term", 8, TERMS.term, label);
  const small = { ...plain, font: look.small };
  for (let k = 1; k <= sizes[layer + 1]; k++) {
    const x = TERMS.left + (k - 0.5) * TERMS.step;
    const [delta, weight] = [arrays.delta[at.unit(layer + 1, k)], at.weight(layer + 1, unit, k)];
    write(ctx, number(delta, 3), x, TERMS.delta, { ...small, colour: look.backward });
    write(ctx, number(weight, 3), x, TERMS.weight, small);
    write(ctx, number(delta * weight, 3), x, TERMS.term, small);
  }
  const end = TERMS.left + sizes[layer + 1] * TERMS.step + 8;
  write(ctx, `sum ${chosen.arrives}`, end, TERMS.term, { font: look.bold, colour: look.ink, align: "left" });
}

function signed(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

function drawProducts(ctx, look, view, at) {
  const { chosen, layer, source } = view;
  const plain = { font: look.plain, colour: look.ink };
  const bold = { font: look.bold, colour: look.ink };
  const [first, second, third] = PRODUCTS.at;
  const origin = layer > 1 ? `a of unit ${source}` : `input ${source}`;
  const rows = [
    [PRODUCTS.delta, "delta of the unit", `${layer === at.layers ? "error" : "sum"} ${chosen.arrives}`, `slope f′(z) ${chosen.slope}`, `δ ${chosen.delta}`],
    [PRODUCTS.gradient, "gradient of weight", `${origin}: ${chosen.a}`, `δ ${chosen.delta}`, `dL/dw ${chosen.gradient}`],
  ];
  for (const [y, label, ...parts] of rows) {
    write(ctx, label, 8, y, { ...plain, align: "left" });
    [first, second, third].forEach((x, place) => write(ctx, parts[place], x, y, place === 2 ? { ...bold, colour: look.backward } : plain));
    PRODUCTS.signs.forEach((x, place) => write(ctx, "×="[place], x, y, plain));
  }
  write(ctx, `all examples ${chosen.total}`, 744, PRODUCTS.gradient, { ...plain, font: look.small, align: "right" });
}

// What does not fit on one line is cut between words, at most `most` lines.
function writeLines(ctx, text, x, y, width, most, style) {
  ctx.font = style.font;
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (ctx.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const shown = lines.slice(0, most);
  if (lines.length > most) shown[most - 1] += " …";
  shown.forEach((line, place) => write(ctx, line, x, y + place * OWN.step, { ...style, align: "left" }));
  return y + shown.length * OWN.step;
}

function drawOwn(ctx, look, { fixed: { own } }) {
  const plain = { font: look.plain, colour: look.ink };
  if (!own) {
    const help = "Click a unit or a line to choose it; point at a number below the network to see where it comes from. Dashed: a negative weight.";
    return writeLines(ctx, help, 8, OWN.top, 734, 2, plain);
  }
  const [head, more] = own.lines;
  const bad = own.status !== "right";
  const mark = { right: "✓", unwritten: "…" }[own.status] ?? "✗";
  const next = writeLines(ctx, `${mark} ${head}`, 8, OWN.top, 734, 2, { font: look.bold, colour: bad ? look.wrong : look.ink });
  if (more) writeLines(ctx, own.name ? `${own.name}: ${more}` : more, 8, next, 734, 2, plain);
}

// The student's numbers at the chosen unit and weight; where they are wrong, beside the numerical ones.
function drawHere(ctx, look, { here }) {
  if (!here) return;
  const text = here.map(([kind, yours, nudged, wrong]) => `${wrong ? "✗" : "✓"} your ${NAMES[kind]} ${yours}${wrong ? `, nudged ${nudged}` : ""}`);
  const colour = here.some(([, , , wrong]) => wrong) ? look.wrong : look.ink;
  write(ctx, text.join("   "), 744, 384, { font: look.small, colour, align: "right" });
}

function nearestWeight([x, y], view, at) {
  let found = null;
  let least = 6;
  everyWeight(view.sizes, (layer, j, k) => {
    const [x0, y0, x1, y1] = endsOf(at, layer, j, k);
    if (x < x0 || x > x1) return;
    const slant = Math.hypot(x1 - x0, y1 - y0) / (x1 - x0);
    const apart = Math.abs(y - (y0 + ((y1 - y0) * (x - x0)) / (x1 - x0))) / slant;
    if (apart < least) [least, found] = [apart, [layer, j, k]];
  });
  return found;
}

const chooseUnit = ([layer, unit]) => (layer === 0 ? { layer: 1, source: unit } : { layer, unit });
const chooseWeight = ([layer, source, unit]) => ({ layer, source, unit });

const explorer = {
  size: [750, 590],
  hovers: true,
  draw(ctx, look, view) {
    const at = placesOf(view);
    drawWeights(ctx, look, view, at);
    drawChosenWeights(ctx, look, view, at);
    const factor = view.pointer && factorsOf(view, at).find((one) => within(view.pointer, one));
    if (factor) drawOrigin(ctx, look, view, at, factor);
    everyUnit(view.sizes, (layer, unit) => drawUnit(ctx, look, view, at, layer, unit));
    drawHeads(ctx, look, view, at);
    drawHere(ctx, look, view);
    const whose = `Unit ${view.unit} of layer ${view.layer}, example ${view.example}`;
    write(ctx, whose, 8, 384, { font: look.bold, colour: look.ink, align: "left" });
    if (waits(view, at)) {
      const news = view.moment < view.layer ? "The signal has not reached it yet." : `z = ${view.chosen.z}, a = ${view.chosen.own}; delta has not come back to it yet.`;
      write(ctx, news, 8, TERMS.weight, { font: look.plain, colour: look.ink, align: "left" });
    } else {
      drawArriving(ctx, look, view, at);
      drawProducts(ctx, look, view, at);
    }
    drawOwn(ctx, look, view);
  },
  pick(point, view) {
    const at = placesOf(view);
    const factor = factorsOf(view, at).find((one) => within(point, one));
    if (factor) return factor.unit ? chooseUnit(factor.unit) : chooseWeight(factor.edge);
    let unit = null;
    everyUnit(view.sizes, (layer, place) => {
      if (within(point, { x: at.x(layer), y: at.y(layer, place), ...NET })) unit = [layer, place];
    });
    if (unit) return chooseUnit(unit);
    const weight = nearestWeight(point, view, at);
    return weight && chooseWeight(weight);
  },
};
