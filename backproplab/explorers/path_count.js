// The path count: a network swept forward and backward, and its paths and edges by number of layers.

const NET = { left: 40, right: 716, top: 26, bottom: 246 };
const GROWTH = { left: 66, right: 420, top: 312, bottom: 452 };
const COUNTS = { left: 452, top: 300, row: 30, right: 742 };

// Where the units stand; of more than fit, the middle ones are left out and a mark stands for them.
function placed({ arrays, knobs }) {
  const rows = arrays.values.shape[1];
  const [left, right] = [NET.left + 22, NET.right - 22];
  const across = (column) => left + (column * (right - left)) / (knobs.layers + 1);
  const spread = (NET.bottom - NET.top) / Math.max(rows + (rows < knobs.units), 3);
  const skip = (i) => (rows < knobs.units && i >= rows - 2 ? 1 : 0);
  const last = rows - 1 + skip(rows - 1);
  const middle = (NET.top + NET.bottom) / 2;
  const down = (i) => middle + (i + skip(i) - last / 2) * spread;
  const column = Array.from({ length: rows }, (_, i) => down(i));
  const columns = Array.from({ length: knobs.layers + 2 }, (_, c) => ({
    x: across(c),
    ys: c === 0 || c === knobs.layers + 1 ? [middle] : column,
  }));
  return { columns, gap: rows < knobs.units ? middle + (rows - 3 + 1 - last / 2) * spread : null, spread };
}

function drawEdges(ctx, look, columns, done) {
  columns.slice(1).forEach((to, stage) => {
    const from = columns[stage];
    const forward = stage < done[0];
    const backward = stage >= columns.length - 1 - done[1];
    from.ys.forEach((y0) => to.ys.forEach((y1) => {
      curve(ctx, [[from.x, y0], [to.x, y1]], { colour: forward ? look.forward : look.line, width: forward ? 1.25 : 0.5 });
      if (backward) curve(ctx, [[from.x, y0], [to.x, y1]], { colour: look.backward, width: 2.25, dash: [5, 5] });
    }));
  });
}

// The weight whose paths are counted: the first edge, drawn thick.
function drawMarked(ctx, look, [from, to], text) {
  const [x0, y0, x1, y1] = [from.x, from.ys[0], to.x, to.ys[0]];
  curve(ctx, [[x0, y0], [x1, y1]], { colour: look.ink, width: 3.5 });
  writeClear(ctx, text, NET.left - 20, NET.top - 12, { font: look.bold, colour: look.ink, align: "left" });
  curve(ctx, [[NET.left - 12, NET.top - 2], [(x0 + x1) / 2, (y0 + y1) / 2]], { colour: look.ink, width: 0.75, dash: [2, 3] });
}

// All values are whole numbers; those that do not fit into a unit are shown by their size alone.
function short(value) {
  const size = Math.abs(value);
  const text = size < 1e4 ? size.toLocaleString("en-US") : size.toExponential(0).replace("e+", "e");
  return (value < 0 ? "−" : "") + text;
}

// The local slopes, each near the beginning of its edge.
function drawSlopes(ctx, look, columns, local) {
  let edge = 0;
  columns.slice(1).forEach((to, stage) => {
    const from = columns[stage];
    from.ys.forEach((y0) => to.ys.forEach((y1) => {
      const share = to.ys.length > 1 ? 0.27 : 0.4;
      const [x, y] = [from.x + share * (to.x - from.x), y0 + share * (y1 - y0)];
      writeClear(ctx, short(local[edge++]), x, y, { font: look.small, colour: look.ink });
    }));
  });
}

function drawUnit(ctx, look, x, y, radius, value, adjoint) {
  ctx.save();
  ctx.globalCompositeOperation = "destination-out"; // edges end at the rim, on any ground
  ctx.fillStyle = "black";
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
  ctx.restore();
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  Object.assign(ctx, { fillStyle: look.faint, strokeStyle: look.ink, lineWidth: 1.25 });
  ctx.fill();
  ctx.stroke();
  if (radius < 16) return;
  write(ctx, value === null ? "" : short(value), x, y - 8, { font: look.small, colour: look.forward });
  write(ctx, adjoint === null ? "" : short(adjoint), x, y + 8, { font: look.small, colour: look.backward });
}

function drawNetwork(ctx, look, view) {
  const { arrays, knobs, done } = view;
  const { columns, gap, spread } = placed(view);
  const roomy = spread >= 40 && columns[1].x - columns[0].x >= 62 && knobs.units <= 6;
  const radius = roomy ? 20 : Math.min(9, spread / 3);
  drawEdges(ctx, look, columns, done);
  drawMarked(ctx, look, columns, done[1] >= knobs.layers ? `dL/dw = ${view.shown.slope}` : "w");
  if (roomy && columns[1].x - columns[0].x > 100 && knobs.slopes !== "all 1") drawSlopes(ctx, look, columns, arrays.local);
  columns.forEach(({ x, ys }, c) => ys.forEach((y, i) => {
    const [value, adjoint] = atUnit(arrays, knobs.layers, ys.length, c, i);
    drawUnit(ctx, look, x, y, radius, c <= done[0] ? value : null, c >= columns.length - 1 - done[1] && done[0] > knobs.layers ? adjoint : null);
  }));
  if (gap !== null) for (const { x } of columns.slice(1, -1)) writeClear(ctx, "⋮", x, gap, { font: look.bold, colour: look.ink });
  const note = { font: look.small, colour: look.ink };
  const middle = (NET.top + NET.bottom) / 2;
  write(ctx, "x = 1", columns[0].x, middle + radius + 14, note);
  write(ctx, "L", columns.at(-1).x, middle + radius + 14, note);
  const count = knobs.units > arrays.values.shape[1] ? `${knobs.units} units a layer, ${arrays.values.shape[1]} of them drawn` : "";
  const legend = roomy ? "in a unit: above its value, below its adjoint" : count || "no room for numbers";
  write(ctx, legend, NET.right, NET.top - 12, { ...note, align: "right" });
}

function atUnit(arrays, layers, rows, column, i) {
  if (column === 0) return [1, arrays.ends[1]];
  if (column > layers) return [arrays.ends[0], 1];
  const place = (column - 1) * arrays.values.shape[1] + i;
  return [arrays.values[place], arrays.adjoints[place]];
}

function drawGrowth(ctx, look, { arrays, knobs, fixed }) {
  const depths = Array.from({ length: fixed.deepest }, (_, i) => i + 1);
  const most = Math.log10(Math.max(arrays.paths.at(-1), arrays.edges_by_layers.at(-1)));
  const stride = most > 12 ? 4 : most > 6 ? 2 : 1;
  const high = Math.max(stride * Math.ceil(most / stride), 1);
  const x = { low: 0.5, high: fixed.deepest + 0.5, ticks: depths.filter((d) => d % 2 === 0).map((d) => [d, String(d)]), label: "layers" };
  const { across, up } = chart(ctx, look, GROWTH, x, { low: 0, high: high * 1.06, ticks: powersOfTen(0, high, stride), label: "" });
  const lines = [
    { name: "paths from the weight", counts: arrays.paths, colour: look.backward, dash: [7, 4], marker: "square" },
    { name: "edges", counts: arrays.edges_by_layers, colour: look.forward, marker: "circle" },
  ];
  for (const { counts, marker, ...style } of lines) {
    const points = depths.map((depth, i) => [across(depth), up(Math.log10(counts[i]))]);
    curve(ctx, points, style);
    mark(ctx, marker, ...points[knobs.layers - 1], style.colour, 5);
  }
  legend(ctx, look, GROWTH.left, GROWTH.top - 14, lines);
  curve(ctx, [[across(knobs.layers), GROWTH.top], [across(knobs.layers), GROWTH.bottom]], { colour: look.ink, width: 1, dash: [3, 3] });
}

function drawCounts(ctx, look, { edges, used, shown }) {
  const { left, top, row, right } = COUNTS;
  const whole = (count) => count.toLocaleString("en-US");
  const rows = [
    ["edges forward", `${whole(used[0])} of ${whole(edges)}`],
    ["edges backward", `${whole(used[1])} of ${whole(edges)}`],
    ["paths from the weight", shown.paths],
    ["edges walked path by path", shown.walked],
    ["passes of the sweep", `${(used[0] > 0) + (used[1] > 0)} of 2`],
    ["passes by nudging", whole(edges + 1)],
  ];
  rows.forEach(([name, count], i) => {
    const y = top + i * row;
    write(ctx, name, left, y, { font: look.plain, colour: look.ink, align: "left" });
    write(ctx, count, right, y, { font: look.bold, colour: look.ink, align: "right" });
    if (i % 2) curve(ctx, [[left, y + row / 2], [right, y + row / 2]], { colour: look.line, width: 0.5 });
  });
}

const explorer = {
  size: [750, 494],
  draw(ctx, look, view) {
    drawNetwork(ctx, look, view);
    drawGrowth(ctx, look, view);
    drawCounts(ctx, look, view);
  },
  pick([x, y], { fixed }) {
    if (x < GROWTH.left || x > GROWTH.right || y < GROWTH.top || y > GROWTH.bottom) return null;
    const share = (x - GROWTH.left) / (GROWTH.right - GROWTH.left);
    return { layers: Math.min(Math.max(Math.round(0.5 + share * fixed.deepest), 1), fixed.deepest) };
  },
};
