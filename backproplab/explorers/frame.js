// What every explorer shares: theme colours, a sharp canvas, labelled controls, the keyboard, the text twin.
// An explorer's own file is appended to this one and exports { render }.

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

// A fixed logical size: the first draw comes before the element is attached, when every width is still 0.
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

// JupyterLab takes bare keys for itself in command mode, arrows included. Shortcuts with Ctrl, Alt or Cmd pass.
function controlBox() {
  const box = document.createElement("div");
  box.className = "bpl-controls";
  box.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  return box;
}

function labelled(text, control) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  name.textContent = text;
  label.append(name, control);
  return label;
}

function bound(model, name, show) {
  model.on(`change:${name}`, show);
  show();
  return () => model.off(`change:${name}`, show);
}

function slider(model, name, text, [low, high, step]) {
  const input = document.createElement("input");
  Object.assign(input, { type: "range", min: low, max: high, step, name });
  const value = document.createElement("span");
  value.className = "bpl-value";
  const label = labelled(text, input);
  label.append(value);
  input.addEventListener("input", () => {
    model.set(name, Number(input.value));
    model.save_changes();
  });
  const show = () => {
    const now = model.get(name);
    if (Number(input.value) !== now) input.value = now;
    value.textContent = now.toFixed(2).replace("-", "−");
    input.setAttribute("aria-valuetext", value.textContent);
  };
  return { label, stop: bound(model, name, show) };
}

function choice(model, name, text, options) {
  const select = document.createElement("select");
  select.name = name;
  for (const option of options) select.add(new Option(option));
  select.addEventListener("change", () => {
    model.set(name, select.value);
    model.save_changes();
  });
  const show = () => (select.value = model.get(name));
  return { label: labelled(text, select), stop: bound(model, name, show) };
}

function button(text, act) {
  const el = document.createElement("button");
  el.type = "button";
  el.textContent = text;
  el.addEventListener("click", act);
  return el;
}

function textTwin() {
  const twin = document.createElement("p");
  twin.className = "bpl-twin";
  twin.setAttribute("aria-live", "polite");
  return twin;
}

function floats(bytes) {
  const copy = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return new Float32Array(copy);
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
