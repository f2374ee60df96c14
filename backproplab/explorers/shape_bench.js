// The shape bench: two factors, their product and the gradient that is wanted, every matrix to scale.

const CELL = 20;
// Where the matrices stand: their middles, and the signs between them.
const MIDDLES = { left: 84, right: 252, made: 440, due: 650 };
const SIGNS = { "@": 168, "=": 346 };
const ROW = { head: 14, middle: 108, foot: 196 };
const TABLE = { top: 240, step: 26, name: 8, shape: 150, values: 330, whole: 500 };
const YES = "✓";
const NO = "✗";

function boxOf(matrix, middle) {
  const [rows, columns] = matrix.shape;
  return { x: middle - (columns * CELL) / 2, y: ROW.middle - (rows * CELL) / 2, rows, columns };
}

// A square's area is the number's size; filled where positive, hollow where negative.
function drawMatrix(ctx, matrix, middle, colour) {
  const { x, y, columns } = boxOf(matrix, middle);
  const largest = Math.max(...matrix.map(Math.abs), 1e-30);
  Object.assign(ctx, { strokeStyle: colour, fillStyle: colour, lineWidth: 1 });
  matrix.forEach((value, place) => {
    const side = Math.max((CELL - 5) * Math.sqrt(Math.abs(value) / largest), 1.5);
    const left = x + (place % columns) * CELL + (CELL - side) / 2;
    const top = y + Math.floor(place / columns) * CELL + (CELL - side) / 2;
    if (value >= 0) ctx.fillRect(left, top, side, side);
    else ctx.strokeRect(left + 0.5, top + 0.5, Math.max(side - 1, 1), Math.max(side - 1, 1));
  });
}

function drawFrame(ctx, matrix, middle, style) {
  const { x, y, rows, columns } = boxOf(matrix, middle);
  Object.assign(ctx, style);
  ctx.strokeRect(x - 3, y - 3, columns * CELL + 6, rows * CELL + 6);
}

function drawNamed(ctx, look, matrix, middle, name, colour) {
  drawFrame(ctx, matrix, middle, { strokeStyle: look.line, lineWidth: 2 });
  drawMatrix(ctx, matrix, middle, colour);
  write(ctx, name, middle, ROW.head, { font: `bold 14px ${look.code}`, colour: look.ink });
  write(ctx, `${matrix.shape[0]} × ${matrix.shape[1]}`, middle, ROW.foot, { font: look.plain, colour: look.ink });
}

// The columns of the left factor have to meet as many rows of the right one.
function drawMeeting(ctx, look, { left, right, made }) {
  const [columns, rows] = [left.shape[1], right.shape[0]];
  const text = made ? `${columns} = ${rows}: it runs` : `${columns} ≠ ${rows}: it does not run`;
  const style = { font: look.bold, colour: made ? look.ink : look.wrong };
  write(ctx, `${made ? YES : NO} ${text}`, SIGNS["@"], ROW.foot + 20, style);
}

function drawOff(ctx, look, made, off) {
  const { x, y, columns } = boxOf(made, MIDDLES.made);
  Object.assign(ctx, { strokeStyle: look.wrong, lineWidth: 1.5 });
  off.forEach((wrong, place) => {
    if (!wrong) return;
    const [left, top] = [x + (place % columns) * CELL, y + Math.floor(place / columns) * CELL];
    ctx.beginPath();
    ctx.moveTo(left + 3, top + 3);
    ctx.lineTo(left + CELL - 3, top + CELL - 3);
    ctx.stroke();
  });
}

// The entry of the product under the pointer, and what it is made of.
function drawEntry(ctx, look, { arrays, pointer }) {
  const { left, right, made } = arrays;
  if (!pointer || !made) return;
  const { x, y, rows, columns } = boxOf(made, MIDDLES.made);
  const [i, j] = [Math.floor((pointer[1] - y) / CELL), Math.floor((pointer[0] - x) / CELL)];
  if (i < 0 || i >= rows || j < 0 || j >= columns) return;
  const from = boxOf(left, MIDDLES.left);
  const to = boxOf(right, MIDDLES.right);
  Object.assign(ctx, { strokeStyle: look.ink, lineWidth: 2 });
  ctx.strokeRect(x + j * CELL, y + i * CELL, CELL, CELL);
  ctx.strokeRect(from.x, from.y + i * CELL, from.columns * CELL, CELL);
  ctx.strokeRect(to.x + j * CELL, to.y, CELL, to.rows * CELL);
}

function drawProduct(ctx, look, { arrays, names }) {
  const [left, right, wanted] = names;
  drawNamed(ctx, look, arrays.left, MIDDLES.left, left, look.forward);
  drawNamed(ctx, look, arrays.right, MIDDLES.right, right, look.forward);
  drawNamed(ctx, look, arrays.due, MIDDLES.due, `wanted: ${wanted}`, look.backward);
  for (const [sign, x] of Object.entries(SIGNS)) write(ctx, sign, x, ROW.middle, { font: look.bold, colour: look.ink });
  if (arrays.made) drawNamed(ctx, look, arrays.made, MIDDLES.made, "product", look.backward);
  else {
    ctx.setLineDash([3, 4]);
    Object.assign(ctx, { strokeStyle: look.line, lineWidth: 1.25 });
    ctx.strokeRect(MIDDLES.made - 40, ROW.middle - 40, 80, 80);
    ctx.setLineDash([]);
    write(ctx, "none", MIDDLES.made, ROW.middle, { font: look.plain, colour: look.ink });
    write(ctx, "product", MIDDLES.made, ROW.head, { font: `bold 14px ${look.code}`, colour: look.ink });
  }
  if (arrays.off) drawOff(ctx, look, arrays.made, arrays.off);
}

function drawTable(ctx, look, { verdicts, names }) {
  const plain = { font: look.plain, colour: look.ink, align: "left" };
  const heads = { name: "fits ...", shape: "in shape", values: "in values", whole: "so it is" };
  for (const [column, text] of Object.entries(heads)) write(ctx, text, TABLE[column], TABLE.top, { ...plain, font: look.small });
  Object.entries(verdicts).forEach(([name, verdict], place) => {
    const y = TABLE.top + (place + 1) * TABLE.step;
    const shape = verdict === "right" || verdict === "wrong values";
    const row = { ...plain, font: name === names[2] ? look.bold : look.plain };
    const marked = (yes) => ({ ...row, colour: yes ? look.ink : look.wrong });
    write(ctx, name === names[2] ? `▸ ${name}` : name, TABLE.name, y, row);
    write(ctx, shape ? `${YES} yes` : `${NO} no`, TABLE.shape, y, marked(shape));
    const values = verdict === "right" ? `${YES} yes` : shape ? `${NO} no` : "–";
    write(ctx, values, TABLE.values, y, shape ? marked(verdict === "right") : row);
    write(ctx, verdict === "right" ? name : `not ${name}: ${verdict}`, TABLE.whole, y, row);
  });
}

const explorer = {
  size: [750, 376],
  hovers: true,
  draw(ctx, look, view) {
    drawProduct(ctx, look, view);
    drawMeeting(ctx, look, view.arrays);
    drawEntry(ctx, look, view);
    drawTable(ctx, look, view);
    const legend = "Filled: positive, hollow: negative. A stroke through an entry: its value is not the wanted one.";
    write(ctx, legend, 8, 366, { font: look.small, colour: look.ink, align: "left" });
  },
};
