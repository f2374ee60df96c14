// Product of slopes: each layer's slopes as ticks with the path through them, and the running product below.

const SLOPES = { left: 62, right: 738, top: 34, bottom: 174 };
const PRODUCT = { left: 62, right: 738, top: 246, bottom: 430 };
const CUT = { left: 62, right: 738, top: 438, bottom: 456 };

const STYLES = (look) => ({
  product: { name: "product along the path", colour: look.backward, marker: "circle" },
  best: { name: "steepest slope in every layer", colour: look.forward, dash: [7, 4] },
  typical: { name: "root mean square in every layer", colour: look.ink, dash: [2, 3], width: 1.5 },
});

const middleOf = (box, layer, depth) => box.left + ((layer - 0.5) / depth) * (box.right - box.left);

function drawSlopes(ctx, look, { arrays, knobs, steepest, typical }) {
  const { slopes, units } = arrays;
  const [depth, count] = slopes.shape;
  const small = { font: look.small, colour: look.ink };
  const up = (level) => SLOPES.bottom - (level / 255) * (SLOPES.bottom - SLOPES.top - 8);
  const half = Math.min(0.36 * ((SLOPES.right - SLOPES.left) / depth), 16);
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(SLOPES.left, SLOPES.top, SLOPES.right - SLOPES.left, SLOPES.bottom - SLOPES.top);
  ctx.beginPath();
  for (let i = 0; i < depth * count; i++) {
    const x = middleOf(SLOPES, Math.floor(i / count) + 1, depth);
    ctx.moveTo(x - half, up(slopes[i]));
    ctx.lineTo(x + half, up(slopes[i]));
  }
  ctx.stroke();
  const path = [...units].map((unit, i) => [middleOf(SLOPES, i + 1, depth), up(slopes[i * count + unit])]);
  const level = up((255 * typical) / steepest);
  curve(ctx, [[SLOPES.left, level], [SLOPES.right, level]], STYLES(look).typical);
  curve(ctx, path, { ...STYLES(look).product, size: depth > 25 ? 2.5 : 3.5 });
  write(ctx, `slopes f′(z) of ${count} units in each layer (ticks), and the path (circles)`, SLOPES.left, 16, { ...small, align: "left" });
  write(ctx, steepest.toPrecision(2), SLOPES.left - 6, SLOPES.top + 8, { ...small, align: "right" });
  write(ctx, "0", SLOPES.left - 6, SLOPES.bottom, { ...small, align: "right" });
  columnNumbers(ctx, look, SLOPES, knobs.depth, SLOPES.bottom + 15);
  write(ctx, "layer", SLOPES.left - 6, SLOPES.bottom + 15, { ...small, align: "right" });
}

function drawProduct(ctx, look, { arrays, knobs, steepest, typical }) {
  const styles = STYLES(look);
  const passed = [...arrays.product].map((_, i) => knobs.depth - i);
  const lines = {
    best: passed.map((count) => count * Math.log10(steepest)),
    typical: passed.map((count) => count * Math.log10(typical)),
    product: [...arrays.product],
  };
  const lows = [-4, -8, -16, -32, -64, -128, -256, -512, -1024];
  const up = logAxis(ctx, look, PRODUCT, decades(Object.values(lines).flat(), lows, [1]));
  for (const [name, exponents] of Object.entries(lines)) {
    const points = exponents.map((exponent, i) => [middleOf(PRODUCT, i + 1, knobs.depth), up(exponent)]);
    curve(ctx, points, { ...styles[name], size: knobs.depth > 25 ? 2.5 : 3.5 });
  }
  legend(ctx, look, PRODUCT.left, PRODUCT.top - 16, Object.values(styles));
}

function drawCut(ctx, look, { arrays, knobs, cut }) {
  const y = (CUT.top + CUT.bottom) / 2;
  const width = CUT.right - CUT.left;
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(CUT.left, CUT.top, width, CUT.bottom - CUT.top);
  write(ctx, "0", CUT.left - 6, y, { font: look.small, colour: look.ink, align: "right" });
  write(ctx, "layer", CUT.left - 6, CUT.bottom + 15, { font: look.small, colour: look.ink, align: "right" });
  columnNumbers(ctx, look, CUT, knobs.depth, CUT.bottom + 15);
  if (!cut) return;
  hatch(ctx, CUT.left, CUT.top, (width * cut) / knobs.depth, CUT.bottom - CUT.top, look.line);
  arrays.product.forEach((exponent, i) => {
    if (exponent === -Infinity) mark(ctx, "down", middleOf(CUT, i + 1, knobs.depth), y, look.backward, 4);
  });
  writeClear(ctx, `exactly 0 from layer ${cut} back`, 400, y, { font: look.bold, colour: look.ink });
}

const explorer = {
  size: [750, 486],
  draw(ctx, look, view) {
    drawSlopes(ctx, look, view);
    drawProduct(ctx, look, view);
    drawCut(ctx, look, view);
  },
};
