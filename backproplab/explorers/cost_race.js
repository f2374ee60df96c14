// The cost race: two runners on a clock of powers of ten, and how far apart they are by number of parameters.

const TRACK = { left: 150, right: 730, top: 40, bottom: 190 };
const GAP = { left: 66, right: 730, top: 262, bottom: 436 };
const MARKS = [[1e-9, "1 ns"], [1e-6, "1 µs"], [1e-3, "1 ms"], [1, "1 s"], [60, "1 min"], [3600, "1 h"], [86400, "1 day"], [31557600, "1 year"]];

function drawTrack(ctx, look, { seconds, shown, known, knobs }) {
  const ticks = MARKS.map(([value, text]) => [Math.log10(value), text]);
  const y = { low: 0, high: 2, ticks: [], label: "" };
  const { across, up } = chart(ctx, look, TRACK, { low: -9.3, high: 8.7, ticks }, y);
  const at = (value) => Math.min(Math.max(across(Math.log10(value)), TRACK.left), TRACK.right);
  curve(ctx, [[at(seconds.clock), TRACK.top], [at(seconds.clock), TRACK.bottom]], { colour: look.ink, width: 1.5, dash: [3, 3] });
  const clock = `the clock: ${shown.clock}`;
  write(ctx, clock, Math.min(Math.max(at(seconds.clock), 210), 670), TRACK.top - 14, { font: look.bold, colour: look.ink });
  const lanes = [
    { name: "nudging", y: up(1.4), end: "nudging", colour: look.backward, dash: [7, 4] },
    { name: "backpropagation", y: up(0.45), end: "sweep", colour: look.forward, dash: [] },
  ];
  lanes.forEach((lane, i) => drawLane(ctx, look, { ...lane, at, seconds, shown, known: known[i], parameters: knobs.parameters }));
}

function drawLane(ctx, look, { name, y, end, colour, dash, at, seconds, shown, known, parameters }) {
  const [goal, now] = [at(seconds[end]), at(Math.min(seconds.clock, seconds[end]))];
  write(ctx, name, TRACK.left - 12, y - 8, { font: look.bold, colour: look.ink, align: "right" });
  const share = `${known.toLocaleString("en-US")} known`;
  write(ctx, share, TRACK.left - 12, y + 10, { font: look.small, colour: look.ink, align: "right" });
  curve(ctx, [[at(seconds.pass), y], [goal, y]], { colour: look.line, width: 1, dash: [2, 3] });
  curve(ctx, [[at(seconds.pass), y], [now, y]], { colour, width: 4, dash });
  curve(ctx, [[goal, y - 15], [goal, y + 15]], { colour, width: 3 });
  const done = known === parameters;
  drawRunner(ctx, look, now, y, colour, done);
  const align = goal > 620 ? "right" : "left";
  const text = `${done ? "done at" : "ends at"} ${shown[end]}`;
  writeClear(ctx, text, goal + (align === "right" ? -8 : 8), y - 22, { font: look.plain, colour: look.ink, align });
}

function drawRunner(ctx, look, x, y, colour, done) {
  ctx.beginPath();
  if (done) ctx.rect(x - 6, y - 6, 12, 12);
  else ctx.arc(x, y, 6, 0, 2 * Math.PI);
  Object.assign(ctx, { fillStyle: colour, strokeStyle: look.ink, lineWidth: 1.5 });
  ctx.fill();
  ctx.stroke();
}

function sizeTicks(low, high) {
  const ticks = [];
  for (let size = low; size <= high; size *= 10) ticks.push([Math.log10(size), size.toLocaleString("en-US")]);
  return ticks;
}

function drawGap(ctx, look, { times, knobs, fixed }) {
  const [low, high] = fixed.sizes;
  const x = { low: 1, high: 6.08, ticks: sizeTicks(low, high), label: "parameters" };
  const y = { low: 0, high: 6.3, ticks: powersOfTen(0, 6, 1), label: "" };
  write(ctx, "how many times as long as backpropagation", GAP.left, GAP.top - 34, { font: look.small, colour: look.ink, align: "left" });
  const { across, up } = chart(ctx, look, GAP, x, y);
  const lines = [
    { name: "one-sided: (N + 1) passes", passes: (n) => n + 1, colour: look.backward },
    { name: "central: 2 N passes", passes: (n) => 2 * n, colour: look.backward, dash: [7, 4] },
  ];
  for (const { passes, ...style } of lines) {
    const ends = [low, high].map((n) => [across(Math.log10(n)), up(Math.log10(passes(n) / knobs.ratio))]);
    curve(ctx, ends, style);
  }
  legend(ctx, look, GAP.left, GAP.top - 13, lines);
  drawMeasured(ctx, look, fixed.measured, across, up);
  const here = across(Math.log10(knobs.parameters));
  curve(ctx, [[here, GAP.top], [here, GAP.bottom]], { colour: look.ink, width: 1.5, dash: [3, 3] });
  const align = here > 420 ? "right" : "left";
  const y0 = knobs.parameters < 1000 ? GAP.top + 16 : GAP.bottom - 16;
  writeClear(ctx, `${times} times`, here + (align === "right" ? -8 : 8), y0, { font: look.bold, colour: look.ink, align });
}

function drawMeasured(ctx, look, measured, across, up) {
  for (const [kind, parameters, from, to] of measured) {
    const [x, y0, y1] = [across(Math.log10(parameters)), up(Math.log10(from)), up(Math.log10(to))];
    if (from < to) curve(ctx, [[x, y0], [x, y1]], { colour: look.forward, width: 5 });
    drawMark(ctx, look, x, (y0 + y1) / 2, kind);
  }
  [["one-sided", 448], ["central", 612]].forEach(([kind, left]) => {
    drawMark(ctx, look, left, GAP.top - 13, kind);
    write(ctx, `${kind}, measured`, left + 12, GAP.top - 13, { font: look.small, colour: look.ink, align: "left" });
  });
}

function drawMark(ctx, look, x, y, kind) {
  ctx.beginPath();
  if (kind === "central") for (const [dx, dy] of [[0, -6], [6, 0], [0, 6], [-6, 0]]) ctx.lineTo(x + dx, y + dy);
  else ctx.rect(x - 5, y - 5, 10, 10);
  ctx.closePath();
  Object.assign(ctx, { fillStyle: look.forward, strokeStyle: look.ink, lineWidth: 1.25 });
  ctx.fill();
  ctx.stroke();
}

const explorer = {
  size: [750, 478],
  draw(ctx, look, view) {
    drawTrack(ctx, look, view);
    drawGap(ctx, look, view);
  },
};
