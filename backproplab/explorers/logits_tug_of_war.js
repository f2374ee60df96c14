// The tug-of-war: a bar for each probability, what each loss does to its logit, and the rope on which all
// pulls of one loss hang.

const SLOT = { left: 132, width: 122, most: 5 };
const BOX = { left: SLOT.left, right: SLOT.left + SLOT.most * SLOT.width, top: 40, bottom: 236 };
const PROBABILITY = { low: 0, high: 1, ticks: [[0, "0"], [0.5, "0.5"], [1, "1"]], label: "probability p" };
const ROWS = { name: 254, logit: 276, p: 297, "cross-entropy": 318, "squared error": 339 };
const ROPE = { middle: 437, length: 230, "cross-entropy": 382, "squared error": 412 };

function styleOf(look, loss) {
  return loss === "cross-entropy" ? { colour: look.backward, dashed: false } : { colour: look.forward, dashed: true };
}

function signed(pull) {
  if (pull === 0) return "0";
  const size = Math.abs(pull);
  const text = size >= 5e-4 ? size.toFixed(4) : size.toExponential(1).replace("-", "−");
  return `${pull > 0 ? "▲" : "▼"} ${text}`;
}

function drawBar(ctx, look, axes, x, p, right) {
  const height = BOX.bottom - axes.up(p);
  if (right) hatch(ctx, x - 15, axes.up(p), 30, height, look.forward, 5);
  Object.assign(ctx, { strokeStyle: look.forward, lineWidth: 1.75 });
  ctx.strokeRect(x - 15, axes.up(p), 30, height);
  const target = axes.up(right ? 1 : 0);
  curve(ctx, [[x - 22, target], [x + 52, target]], { colour: look.ink, width: 2.5 });
}

// A pull too short for an arrow is a dot; its size stands below.
function drawPull(ctx, look, axes, x, p, pull, loss) {
  const [from, to] = [axes.up(p), axes.up(p + pull)];
  const { colour, dashed } = styleOf(look, loss);
  if (Math.abs(to - from) >= 12) return arrow(ctx, x, from, x, to, { colour, dashed });
  mark(ctx, dashed ? "square" : "circle", x, from, colour, 3);
}

function drawClass(ctx, look, axes, view, k) {
  const x = SLOT.left + (k + 0.5) * SLOT.width;
  const row = (name, text, style = {}) => write(ctx, text, x, ROWS[name], { font: look.plain, colour: look.ink, ...style });
  const plays = k < view.p.length;
  const right = k === view.label;
  row("name", `class ${k}${right ? ", right" : ""}`, right ? { font: look.bold } : {});
  row("logit", plays ? `${view.logits[k]} → ${view.moved[k]}` : view.logits[k]);
  if (!plays) return row("p", "not in play");
  const [p, text] = view.p[k];
  row("p", text);
  drawBar(ctx, look, axes, x - 24, p, right);
  Object.entries(view.pulls).forEach(([loss, pulls], i) => {
    drawPull(ctx, look, axes, x + 6 + 18 * i, p, pulls[k], loss);
    row(loss, signed(pulls[k]), { colour: styleOf(look, loss).colour });
  });
}

function drawLabels(ctx, look, losses) {
  const note = { font: look.small, colour: look.ink, align: "right" };
  write(ctx, "logit z → step", SLOT.left - 6, ROWS.logit, note);
  write(ctx, "probability p", SLOT.left - 6, ROWS.p, note);
  for (const loss of Object.keys(losses)) {
    write(ctx, `pull, ${loss}`, SLOT.left - 2, ROWS[loss], { ...note, colour: styleOf(look, loss).colour });
  }
}

function drawLegend(ctx, look, losses) {
  const note = { font: look.small, colour: look.ink, align: "left" };
  curve(ctx, [[226, 14], [250, 14]], { colour: look.ink, width: 2.5 });
  write(ctx, "target", 256, 14, note);
  Object.keys(losses).forEach((loss, i) => {
    const x = 330 + 202 * i;
    arrow(ctx, x, 14, x + 28, 14, styleOf(look, loss));
    write(ctx, `pull, ${loss}: ${losses[loss]}`, x + 34, 14, note);
  });
}

// Pulls up to the right, pulls down to the left, end to end: both sides are equally long.
function drawRope(ctx, look, loss, pulls) {
  const y = ROPE[loss];
  const { colour } = styleOf(look, loss);
  const reach = { 1: 0, "-1": 0 };
  pulls.forEach((pull, k) => {
    const way = Math.sign(pull);
    if (!way) return;
    const width = Math.abs(pull) * ROPE.length;
    const left = ROPE.middle + (way > 0 ? reach[1] : -reach[-1] - width);
    if (way < 0) hatch(ctx, left, y - 9, width, 18, colour, 6);
    Object.assign(ctx, { strokeStyle: colour, lineWidth: 1.5 });
    ctx.strokeRect(left, y - 9, width, 18);
    if (width > 16) writeClear(ctx, String(k), left + width / 2, y, { font: look.small, colour: look.ink });
    reach[way] += width;
  });
  const total = pulls.reduce((sum, pull) => sum + Math.max(pull, 0), 0);
  const text = signed(total).replace("▲ ", "");
  const style = { font: look.plain, colour };
  write(ctx, text, ROPE.middle + reach[1] + 8, y, { ...style, align: "left" });
  write(ctx, text, ROPE.middle - reach[-1] - 8, y, { ...style, align: "right" });
  write(ctx, loss, SLOT.left - 2, y, { font: look.small, colour, align: "right" });
}

const explorer = {
  size: [750, 434],
  draw(ctx, look, view) {
    const axes = chart(ctx, look, BOX, { low: 0, high: 1, ticks: [] }, PROBABILITY);
    drawLegend(ctx, look, view.losses);
    drawLabels(ctx, look, view.losses);
    for (let k = 0; k < SLOT.most; k++) drawClass(ctx, look, axes, view, k);
    const note = { font: look.small, colour: look.ink };
    write(ctx, "all pulls down, hatched", ROPE.middle - 10, 361, { ...note, align: "right" });
    write(ctx, "all pulls up", ROPE.middle + 10, 361, { ...note, align: "left" });
    for (const [loss, pulls] of Object.entries(view.pulls)) drawRope(ctx, look, loss, pulls);
    curve(ctx, [[ROPE.middle, 352], [ROPE.middle, 424]], { colour: look.ink, width: 1.5 });
  },
};
