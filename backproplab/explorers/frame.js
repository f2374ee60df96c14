// What every explorer shares: theme colours, a sharp canvas, labelled controls, the keyboard, the text twin.
// An explorer's own file is appended to this one and defines `explorer`; see show() below.

function isLight(colour) {
  const [r, g, b] = (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return 0.299 * r + 0.587 * g + 0.114 * b > 127;
}

// The canvas stays transparent, so it is never a white sheet in a dark page. The second accent is ours:
// the theme's own orange is too pale to read on white.
function themeColours(el) {
  const style = getComputedStyle(el);
  const ink = style.color;
  const dark = isLight(ink);
  return {
    ink,
    faint: dark ? "rgba(255, 255, 255, 0.08)" : "rgba(0, 0, 0, 0.05)",
    line: dark ? "#9e9e9e" : "#6b6b6b",
    forward: style.getPropertyValue("--jp-brand-color1").trim() || (dark ? "#64b5f6" : "#1565c0"),
    backward: dark ? "#ffb27a" : "#a23b00",
    wrong: dark ? "#ff8080" : "#c00020",
    text: style.fontFamily,
    code: style.getPropertyValue("--jp-code-font-family").trim() || "monospace",
  };
}

function onThemeChange(redraw) {
  const soon = () => requestAnimationFrame(redraw);
  const attributes = new MutationObserver(soon);
  for (const el of [document.documentElement, document.body]) {
    attributes.observe(el, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name"] });
  }
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", soon);
  window.addEventListener("resize", soon); // zooming changes devicePixelRatio
  return () => {
    attributes.disconnect();
    scheme.removeEventListener("change", soon);
    window.removeEventListener("resize", soon);
  };
}

// A fixed logical size: before the element is attached, every width is still 0.
function sharpCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.className = "bpl-canvas";
  canvas.style.aspectRatio = `${width} / ${height}`;
  canvas.style.width = `${width}px`;
  canvas.setAttribute("role", "img");
  const begin = () => {
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = Math.round(width * ratio); // also clears it
    canvas.height = Math.round(height * ratio);
    const ctx = canvas.getContext("2d");
    ctx.scale(ratio, ratio);
    return ctx;
  };
  return { canvas, begin };
}

// JupyterLab takes bare keys for itself in command mode, arrows included: they go no further than the controls.
// Jupyter Notebook takes them before they get here, unless the control that has the focus says no by an attribute.
// Shortcuts with Ctrl, Alt or Cmd pass: that key goes down first, and takes the attribute away.
function controlBox() {
  const box = document.createElement("div");
  box.className = "bpl-controls";
  for (const kind of ["focusin", "keydown", "keyup"]) {
    box.addEventListener(kind, (event) => {
      const bare = !event.ctrlKey && !event.metaKey && !event.altKey;
      event.target.toggleAttribute("data-lm-suppress-shortcuts", bare);
      if (bare && kind === "keydown") event.stopPropagation();
    });
  }
  return box;
}

// The control says its own name: that of a label would take in the value shown beside it.
function labelled(text, control, ...more) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  name.textContent = text;
  control.setAttribute("aria-label", text);
  label.append(name, control, ...more);
  return label;
}

function button(text, act) {
  const el = document.createElement("button");
  el.type = "button";
  el.textContent = text;
  el.addEventListener("click", act);
  return el;
}

function move(model, knobs) {
  for (const [name, value] of Object.entries(knobs)) model.set(name, value);
  model.save_changes();
}

function digitsOf(step) {
  return Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
}

function nearest(values, wanted) {
  const far = values.map((value) => Math.abs(value - wanted));
  return far.indexOf(Math.min(...far));
}

// A slider runs over its range or over the values that it is given: its own, or those that a page without a
// kernel has pictures for. A value set by Python may lie between two of them.
function places({ low, high, step, values }) {
  if (!values) return { low, high, step, at: (place) => place, of: (value) => value };
  return { low: 0, high: values.length - 1, step: 1, at: (place) => values[place], of: (value) => nearest(values, value) };
}

// A picture may say that a range ends sooner: a smaller network has fewer units to choose from.
function limitOf(model, { name, values }) {
  return values ? Infinity : model.get("picture").limits?.[name] ?? Infinity;
}

// Each kind of control returns what to put on the page and how to show the knob's value.
function slider(model, spec) {
  const { name, label } = spec;
  const { low, high, step, at, of } = places(spec);
  const input = document.createElement("input");
  Object.assign(input, { type: "range", min: low, max: high, step, name });
  const value = document.createElement("span");
  value.className = "bpl-value";
  input.addEventListener("input", () => move(model, { [name]: at(Number(input.value)) }));
  const show = (now) => {
    const shown = Math.min(now, limitOf(model, spec));
    if (Number(input.value) !== of(shown)) input.value = of(shown);
    value.textContent = shown.toFixed(digitsOf(spec.step)).replace("-", "−");
    input.setAttribute("aria-valuetext", value.textContent);
  };
  const shorten = () => {
    input.max = Math.min(high, limitOf(model, spec));
    show(model.get(name));
  };
  model.on("change:picture", shorten);
  shorten();
  return { el: labelled(label, input, value), show, end: () => model.off("change:picture", shorten) };
}

function choice(model, { name, label, options }) {
  const select = document.createElement("select");
  select.name = name;
  for (const option of options) select.add(new Option(option));
  select.addEventListener("change", () => move(model, { [name]: select.value }));
  return { el: labelled(label, select), show: (now) => (select.value = now) };
}

function tick(model, { name, label }) {
  const input = document.createElement("input");
  Object.assign(input, { type: "checkbox", name });
  input.addEventListener("change", () => move(model, { [name]: input.checked }));
  return { el: labelled(label, input), show: (now) => (input.checked = now) };
}

// Where motion is unwelcome, play goes one tenth of the way at a time and stops.
function player(model, spec) {
  const { low, step, at, of, ...range } = places(spec);
  const scrub = slider(model, spec);
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const high = () => Math.min(range.high, limitOf(model, spec));
  const pace = Math.min(Math.max((6000 * step) / (range.high - low), 80), 400); // a short range goes by slowly
  const share = (parts) => Math.max(step, Math.round((high() - low) / parts / step) * step);
  const now = () => Math.min(of(model.get(spec.name)), high());
  const goTo = (place) => move(model, { [spec.name]: at(Math.min(Math.max(place, low), high())) });
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  const start = () => {
    if (now() >= high()) goTo(low);
    if (reduced.matches) return goTo(now() + share(10));
    play.textContent = "Pause";
    timer = setInterval(() => (now() >= high() ? stop() : goTo(now() + share(120))), pace);
  };
  const play = button("Play", () => (timer ? stop() : start()));
  const still = (by) => () => {
    stop();
    goTo(now() + by);
  };
  const buttons = document.createElement("div");
  buttons.className = "bpl-buttons";
  buttons.append(play, button("Step back", still(-step)), button("Step forward", still(step)));
  const el = document.createElement("div");
  el.className = "bpl-player";
  el.append(scrub.el, buttons);
  const end = () => {
    stop();
    scrub.end();
  };
  return { el, show: scrub.show, end };
}

const CONTROLS = { slider, choice, tick, player };

// A fieldset of labelled controls and a row of buttons, as the model's list of controls says.
function panel(model) {
  const box = controlBox();
  const specs = model.get("controls");
  const parts = specs.filter(({ kind }) => kind in CONTROLS).map((spec) => {
    const control = CONTROLS[spec.kind](model, spec);
    const show = () => control.show(model.get(spec.name));
    model.on(`change:${spec.name}`, show);
    show();
    box.append(control.el);
    return () => {
      model.off(`change:${spec.name}`, show);
      control.end?.();
    };
  });
  const buttons = document.createElement("div");
  buttons.className = "bpl-buttons";
  for (const { kind, name, label } of specs) {
    if (kind === "button") buttons.append(button(label, () => model.send(name)));
  }
  box.append(buttons);
  return { box, end: () => parts.forEach((end) => end()) };
}

// Spoken politely: while a slider is held, a reader hears the first sentence and the last.
function textTwin() {
  const twin = document.createElement("p");
  twin.className = "bpl-twin";
  twin.setAttribute("aria-live", "polite");
  let timer = null;
  let latest = "";
  const settle = () => {
    timer = null;
    if (twin.textContent !== latest) twin.textContent = latest;
  };
  const say = (text) => {
    latest = text;
    if (timer === null) {
      settle();
      timer = setTimeout(settle, 150);
    }
  };
  return { twin, say };
}

// What Python packed end to end, taken apart again.
function unpacked(bytes, layout) {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const arrays = {};
  let at = 0;
  for (const [name, kind, ...shape] of layout) {
    const length = shape.reduce((product, n) => product * n, 1);
    arrays[name] = kind === "u1" ? new Uint8Array(buffer, at, length) : new Float32Array(buffer, at, length);
    arrays[name].shape = shape;
    at += arrays[name].byteLength;
  }
  return arrays;
}

function knobsOf(model) {
  const knobs = {};
  for (const { kind, name } of model.get("controls")) if (kind !== "button") knobs[name] = model.get(name);
  return knobs;
}

function viewOf(model, pointer) {
  const picture = model.get("picture");
  const arrays = unpacked(model.get("arrays"), picture.layout);
  return { ...picture, arrays, knobs: knobsOf(model), fixed: model.get("fixed"), pointer };
}

function lookOf(el) {
  const look = themeColours(el);
  look.plain = `13px ${look.text}`;
  look.small = `12px ${look.text}`;
  look.bold = `bold 14px ${look.text}`;
  return look;
}

// The nearest values that there are pictures for, on a page without a kernel.
function offered(model, knobs) {
  const near = ({ name, values, options }) => {
    if (!(name in knobs)) return [];
    if (options) return options.includes(knobs[name]) ? [[name, knobs[name]]] : [];
    const nearer = (best, value) => (Math.abs(value - knobs[name]) < Math.abs(best - knobs[name]) ? value : best);
    return [[name, values ? values.reduce(nearer) : knobs[name]]];
  };
  return Object.fromEntries(model.get("controls").flatMap(near));
}

// Clicks and the pointer, in the canvas's own units. What a click does, a control does too.
function pointed(canvas, [width, height], explorer, view, model, redraw) {
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
  };
  let pointer = null;
  if (explorer.pick) {
    canvas.addEventListener("click", (event) => {
      const knobs = explorer.pick(place(event), view());
      if (knobs) move(model, offered(model, knobs));
    });
  }
  if (explorer.hovers) {
    canvas.addEventListener("pointermove", (event) => { pointer = place(event); redraw(); });
    canvas.addEventListener("pointerleave", () => { pointer = null; redraw(); });
  }
  return () => pointer;
}

// An explorer is { size: [width, height], draw(ctx, look, view) } and, where it can be clicked,
// pick([x, y], view) -> knobs; with hovers: true, view.pointer is where the mouse is, or null.
function show(explorer) {
  return ({ model, el }) => {
    const { canvas, begin } = sharpCanvas(...explorer.size);
    const { twin, say } = textTwin();
    const { box, end } = panel(model);
    el.classList.add("bpl-explorer");
    el.append(box, canvas, twin);

    const draw = () => {
      const view = viewOf(model, pointer());
      const look = lookOf(el);
      explorer.draw(begin(), look, view);
      say(`${model.get("notice")} ${view.sentence}`.trim());
      canvas.setAttribute("aria-label", view.sentence);
      canvas.dataset.state = JSON.stringify({ ...model.get("picture"), knobs: view.knobs });
      canvas.dataset.ink = look.ink;
      canvas.view = view;
    };
    let asked = 0;
    const soon = () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(draw);
    };
    const pointer = pointed(canvas, explorer.size, explorer, () => viewOf(model, null), model, soon);
    const drawn = ["change:picture", "change:arrays", "change:notice"];
    for (const change of drawn) model.on(change, soon);
    const stopTheme = onThemeChange(soon);
    soon(); // attached by then: the theme's colours are known
    return () => {
      for (const change of drawn) model.off(change, soon);
      cancelAnimationFrame(asked);
      stopTheme();
      end();
    };
  };
}

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
