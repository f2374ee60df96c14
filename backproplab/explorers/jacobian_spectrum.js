// Singular values of the product of Jacobians, a column for each number of layers passed, on a log axis.

const VALUES = { left: 62, right: 738, top: 34, bottom: 322 };
const LOST = { left: 62, right: 738, top: 330, bottom: 350 };

const STYLES = (look) => ({
  ends: { name: "largest and smallest", colour: look.backward, marker: "circle", size: 3 },
  middle: { name: "median", colour: look.forward, dash: [7, 4] },
  kept: { name: "what a random delta keeps", colour: look.ink, dash: [2, 3], marker: "square", size: 3 },
});

// The columns, as exponents largest first; NaN where rounding has eaten them.
function exponentsOf({ arrays, low, high }) {
  const [columns, width] = arrays.values.shape;
  const exponent = (level) => (level ? low + ((level - 1) / 254) * (high - low) : NaN);
  return Array.from({ length: columns }, (_, i) => [...arrays.values.slice(i * width, (i + 1) * width)].map(exponent));
}

function drawValues(ctx, look, view) {
  const styles = STYLES(look);
  const { passed, kept } = view.arrays;
  const columns = exponentsOf(view);
  const range = decades([...columns.flat(), ...kept], [-2, -4, -8, -16, -32, -64, -128, -324], [1, 2, 4, 8, 16, 32, 64, 309]);
  const up = logAxis(ctx, look, VALUES, range);
  const x = (i) => VALUES.left + ((passed[i] - 0.5) / (view.knobs.depth - 1)) * (VALUES.right - VALUES.left);
  curve(ctx, [[VALUES.left, up(0)], [VALUES.right, up(0)]], { colour: look.line, width: 1 });
  ctx.globalAlpha = 0.55;
  columns.forEach((column, i) => {
    for (const value of column) if (Number.isFinite(value)) mark(ctx, "circle", x(i), up(value), look.ink, 2);
  });
  ctx.globalAlpha = 1;
  const along = (pick) => columns.map((column, i) => [x(i), up(pick(column) ?? NaN)]);
  curve(ctx, along((column) => column[0]), styles.ends);
  curve(ctx, along((column) => column.at(-1)), styles.ends); // ends where it is lost in rounding
  curve(ctx, along((column) => column[(column.length - 1) >> 1]), styles.middle);
  curve(ctx, [...kept].map((value, i) => [x(i), up(value)]), styles.kept);
  legend(ctx, look, VALUES.left, 15, Object.values(styles));
  drawLost(ctx, look, columns, x);
}

function drawLost(ctx, look, columns, x) {
  const y = (LOST.top + LOST.bottom) / 2;
  const small = { font: look.small, colour: look.ink };
  Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1 });
  ctx.strokeRect(LOST.left, LOST.top, LOST.right - LOST.left, LOST.bottom - LOST.top);
  write(ctx, "lost", LOST.left - 6, y, { ...small, align: "right" });
  columns.forEach((column, i) => {
    const lost = column.filter(Number.isNaN).length;
    if (lost) write(ctx, String(lost), x(i), y, { ...small, font: look.bold });
  });
}

function drawNames(ctx, look, { knobs }) {
  const small = { font: look.small, colour: look.ink };
  columnNumbers(ctx, look, LOST, knobs.depth - 1, LOST.bottom + 15);
  write(ctx, "layers", LOST.left - 6, LOST.bottom + 15, { ...small, align: "right" });
  const text = `dots: all ${knobs.width} singular values after so many layers; lost: how many are 0 or drown in rounding`;
  write(ctx, text, LOST.left, LOST.bottom + 36, { ...small, align: "left" });
}

const explorer = {
  size: [750, 398],
  draw(ctx, look, view) {
    drawValues(ctx, look, view);
    drawNames(ctx, look, view);
  },
};
