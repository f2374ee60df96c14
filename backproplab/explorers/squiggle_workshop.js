// The squiggle workshop: the curves and their three points, the seven knobs, the run, one slope's three terms.

const SEVEN = ["w1", "b1", "w2", "b2", "w3", "w4", "b3"];
const CURVES = { left: 54, right: 474, top: 34, bottom: 262 };
const RUN = { left: 54, right: 474, top: 324, bottom: 470 };
const TABLE = { left: 508, top: 34, row: 26, width: 234 };
const TERMS = { left: 508, top: 324, row: 33, middle: 618, half: 56 };

function curveStyles(look) {
  return [
    { name: "prediction", colour: look.ink, width: 3 },
    { name: "w3 y1", colour: look.forward, dash: [9, 4] },
    { name: "w4 y2", colour: look.backward, dash: [2, 4] },
  ];
}

function drawLegend(ctx, look) {
  legend(ctx, look, CURVES.left, 14, curveStyles(look));
  drawPoint(ctx, look, CURVES.right - 64, 14);
  write(ctx, "observed", CURVES.right - 52, 14, { font: look.small, colour: look.ink, align: "left" });
}

function drawPoint(ctx, look, x, y) {
  ctx.beginPath();
  ctx.arc(x, y, 6, 0, 2 * Math.PI);
  Object.assign(ctx, { fillStyle: look.backward, strokeStyle: look.ink, lineWidth: 1.5 });
  ctx.fill();
  ctx.stroke();
}

function drawCurves(ctx, look, { arrays, fixed }) {
  const n = fixed.grid;
  const rows = [0, 1, 2].map((i) => [...arrays.curves.subarray(i * n, (i + 1) * n)]);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((dose) => [dose, String(dose)]);
  const y = { ...roundAxis([...rows.flat(), -0.1, 1.1]), label: "" };
  const { across, up } = chart(ctx, look, CURVES, { low: -0.04, high: 1.04, ticks, label: "dose" }, y);
  inside(ctx, CURVES, () => {
    for (const i of [1, 2, 0]) {
      curve(ctx, rows[i].map((value, k) => [across(k / (n - 1)), up(value)]), curveStyles(look)[i]);
    }
  });
  fixed.dose.forEach((dose, i) => {
    const [x, there, due] = [across(dose), up(rows[0][Math.round(dose * (n - 1))]), up(fixed.observed[i])];
    curve(ctx, [[x, there], [x, due]], { colour: look.ink, width: 1.25 });
    drawPoint(ctx, look, x, due);
  });
}

function drawTable(ctx, look, { arrays, knobs }) {
  const { left, top, row, width } = TABLE;
  const note = { font: look.small, colour: look.ink };
  write(ctx, "now", left + 120, 14, { ...note, align: "right" });
  write(ctx, "slope of the SSR", left + width - 6, 14, { ...note, align: "right" });
  SEVEN.forEach((name, i) => {
    const y = top + (i + 0.5) * row;
    const chosen = name === knobs.slope;
    if (chosen) {
      ctx.beginPath();
      ctx.roundRect(left, y - row / 2 + 1, width, row - 2, 5);
      Object.assign(ctx, { fillStyle: look.faint, strokeStyle: look.backward, lineWidth: 1.5 });
      ctx.fill();
      ctx.stroke();
    }
    const style = { font: chosen ? look.bold : look.plain, colour: look.ink };
    write(ctx, name, left + 12, y, { ...style, align: "left" });
    write(ctx, number(arrays.now[i]), left + 120, y, { ...style, align: "right" });
    write(ctx, number(arrays.slopes[i]), left + width - 6, y, { ...style, colour: look.backward, align: "right" });
  });
}

// Exponents. The floor is not the run's: down to 1e-12, neither the first fall nor the plateau could be seen.
function runAxis(history) {
  const high = Math.max(1, Math.ceil(Math.log10(Math.max(...[...history].filter(Number.isFinite)))));
  return { low: -4, high, ticks: powersOfTen(-4, high, 1), label: "SSR" };
}

function placeOf(moments, step) {
  const after = moments.findIndex((moment) => moment > step);
  if (after < 0) return moments.length - 1;
  return after - 1 + (step - moments[after - 1]) / (moments[after] - moments[after - 1]);
}

function drawRun(ctx, look, { arrays, fixed, at, ssr }) {
  const { moments } = fixed;
  const ticks = [0, 10, 100, 1000, 10000].map((step) => [placeOf(moments, step), step.toLocaleString("en-US")]);
  const x = { low: 0, high: moments.length - 1, ticks, label: `step (drawn at ${moments.length} of them, ever further apart)` };
  const y = runAxis(arrays.history);
  const { across, up } = chart(ctx, look, RUN, x, y);
  const level = up(Math.log10(2 / 3));
  curve(ctx, [[RUN.left, level], [RUN.right, level]], { colour: look.line, width: 1, dash: [8, 4] });
  const flat = "best flat line: 2/3";
  write(ctx, flat, RUN.right, RUN.top - 12, { font: look.small, colour: look.ink, align: "right" });
  curve(ctx, [[RUN.right - 160, RUN.top - 12], [RUN.right - 118, RUN.top - 12]], { colour: look.line, width: 1, dash: [8, 4] });
  const points = [...arrays.history].map((value, i) => [across(i), up(Math.log10(value))]);
  inside(ctx, RUN, () => curve(ctx, points, { colour: look.forward, width: 2.25 }));
  drawCursor(ctx, look, across(placeOf(moments, at)), up(Math.log10(ssr)));
  const last = arrays.history.at(-1);
  const style = { font: look.small, colour: look.ink, align: "right" };
  if (last < 10 ** y.low) writeClear(ctx, `falls on to ${number(last)} ▼`, RUN.right - 8, RUN.top + 14, style);
}

// Below the axis is said, not drawn on its floor: there an error of nothing would look like a small one.
function drawCursor(ctx, look, x, y) {
  curve(ctx, [[x, RUN.top], [x, RUN.bottom]], { colour: look.backward, width: 2 });
  Object.assign(ctx, { fillStyle: look.backward });
  ctx.beginPath();
  if (y > RUN.bottom) {
    ctx.moveTo(x, RUN.bottom);
    ctx.lineTo(x - 7, RUN.bottom - 11);
    ctx.lineTo(x + 7, RUN.bottom - 11);
    ctx.closePath();
  } else ctx.arc(x, y, 5, 0, 2 * Math.PI);
  ctx.fill();
}

function drawTerms(ctx, look, { arrays, knobs, fixed }) {
  const { left, top, row, middle, half } = TERMS;
  const values = [...arrays.terms, arrays.slopes[SEVEN.indexOf(knobs.slope)]];
  const largest = Math.max(...values.map(Math.abs), 1e-300);
  write(ctx, `the terms of dSSR/d${knobs.slope}`, left, top - 12, { font: look.small, colour: look.ink, align: "left" });
  values.forEach((value, i) => {
    const y = top + 8 + (i + 0.5) * row;
    const sum = i === values.length - 1;
    const style = { font: sum ? look.bold : look.plain, colour: look.ink };
    write(ctx, sum ? "sum" : `dose ${fixed.dose[i]}`, left, y, { ...style, align: "left" });
    const length = (half * value) / largest;
    const box = [Math.min(middle, middle + length), y - 8, Math.abs(length), 16];
    if (sum) {
      ctx.fillStyle = look.backward;
      ctx.fillRect(...box);
    } else hatch(ctx, ...box, look.backward, 5);
    Object.assign(ctx, { strokeStyle: look.backward, lineWidth: 1 });
    ctx.strokeRect(...box);
    write(ctx, number(value), 742, y, { ...style, align: "right" });
  });
  curve(ctx, [[middle, top + 4], [middle, top + 12 + values.length * row]], { colour: look.line, width: 1 });
}

function pickStep(moments, x) {
  const place = Math.round(((x - RUN.left) / (RUN.right - RUN.left)) * (moments.length - 1));
  return moments[Math.min(Math.max(place, 0), moments.length - 1)];
}

// What Python computes, for a page without it.
function ssrAndSlopes(p, points) {
  const slopes = SEVEN.map(() => 0);
  let ssr = 0;
  for (const [dose, observed] of points) {
    const { f, slope } = ACTIVATIONS.softplus;
    const [x1, x2] = [p[0] * dose + p[1], p[2] * dose + p[3]];
    const [y1, y2] = [f(x1), f(x2)];
    const residual = observed - (p[4] * y1 + p[5] * y2 + p[6]);
    const delta = -2 * residual;
    const [delta1, delta2] = [delta * p[4] * slope(x1), delta * p[5] * slope(x2)];
    ssr += residual * residual;
    [delta1 * dose, delta1, delta2 * dose, delta2, delta * y1, delta * y2, delta].forEach((term, i) => (slopes[i] += term));
  }
  return { ssr, slopes };
}

function descend(start, lr, moments, points) {
  let [p, step, { ssr, slopes }] = [start, 0, ssrAndSlopes(start, points)];
  const [parameters, history] = [[], []];
  for (const moment of moments) {
    while (step < moment && ssr < Infinity) {
      const next = p.map((value, i) => value - lr * slopes[i]);
      ({ ssr, slopes } = ssrAndSlopes(next, points));
      if (slopes.every(Number.isFinite) && Number.isFinite(ssr)) [p, step] = [next, step + 1];
      else ssr = Infinity;
    }
    parameters.push(p);
    history.push(ssr);
  }
  return { parameters, history, last: step };
}

const runs = new Map();
function remembered(start, lr, moments, points) {
  const key = [...start, lr].join();
  if (!runs.has(key)) {
    runs.clear();
    runs.set(key, descend(start, lr, moments, points));
  }
  return runs.get(key);
}

function curvesOf([w1, b1, w2, b2, w3, w4, b3], doses) {
  const { f } = ACTIVATIONS.softplus;
  const [blue, orange] = [doses.map((dose) => w3 * f(w1 * dose + b1)), doses.map((dose) => w4 * f(w2 * dose + b2))];
  return [blue.map((value, i) => value + orange[i] + b3), blue, orange];
}

function inWords({ knobs, at, ssr, run, now, terms, fixed }) {
  const shares = terms.map((term) => (term < 0 ? `(${number(term)})` : number(term))).join(" + ");
  const [end, last] = [run.history.at(-1), fixed.moments.at(-1).toLocaleString("en-US")];
  const ends = end < Infinity ? `${number(end)} after ${last} steps` : `beyond all numbers from step ${(run.last + 1).toLocaleString("en-US")} on`;
  return (
    `After ${at.toLocaleString("en-US")} steps of rate ${knobs.lr} the SSR is ${number(ssr)} ` +
    `(${number(run.history[0])} at the start, ${ends}, 0.6667 for the best flat line). The curve stands at ` +
    `${curvesOf(now, fixed.dose)[0].map((value) => number(value)).join(", ")} for the doses 0, 0.5, 1, where 0, 1, 0 were observed. ` +
    `dSSR/d${knobs.slope} adds up one term a point: ${shares} = ${number(terms.reduce((sum, term) => sum + term))}.`
  );
}

const explorer = {
  size: [750, 508],
  draw(ctx, look, view) {
    drawLegend(ctx, look);
    drawCurves(ctx, look, view);
    drawTable(ctx, look, view);
    drawRun(ctx, look, view);
    drawTerms(ctx, look, view);
  },
  pick([x, y], { fixed }) {
    const row = Math.floor((y - TABLE.top) / TABLE.row);
    if (x > TABLE.left && row >= 0 && row < SEVEN.length) return { slope: SEVEN[row] };
    if (x < RUN.right + 10 && y > RUN.top && y < RUN.bottom) return { step: pickStep(fixed.moments, x) };
    return null;
  },
  compute(knobs, fixed) {
    const { moments, dose } = fixed;
    const points = dose.map((at, i) => [at, fixed.observed[i]]);
    const run = remembered(SEVEN.map((name) => knobs[name]), knobs.lr, moments, points);
    const place = Math.floor(placeOf(moments, knobs.step));
    const now = descend(run.parameters[place], knobs.lr, [0, knobs.step - moments[place]], points).parameters[1];
    const each = points.map((point) => ssrAndSlopes(now, [point]));
    const [at, { ssr, slopes }] = [Math.min(knobs.step, run.last), ssrAndSlopes(now, points)];
    const terms = each.map((one) => one.slopes[SEVEN.indexOf(knobs.slope)]);
    const grid = Array.from({ length: fixed.grid }, (_, i) => i / (fixed.grid - 1));
    const curves = Object.assign(curvesOf(now, grid).flat(), { shape: [3, fixed.grid] });
    const sentence = inWords({ knobs, at, ssr, run, now, terms, fixed });
    return { at, ssr, sentence, arrays: { curves, history: run.history, now, slopes, terms } };
  },
  press: (name, knobs, fixed) => fixed.starts[name],
};
