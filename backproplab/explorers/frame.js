// What every explorer shares: theme colours, a sharp canvas, the text twin, and what joins them to the controls.
// The scripts of an explorer are joined end to end; its own defines `explorer`; see show() below.

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
    // A move changes several values at one go. It is drawn as soon as all are there: waiting for the next frame
    // would show it one frame later.
    let due = false;
    const atOnce = () => {
      if (due) return;
      due = true;
      queueMicrotask(() => {
        due = false;
        draw();
      });
    };
    const pointer = pointed(canvas, explorer.size, explorer, () => viewOf(model, null), model, soon);
    const drawn = ["change:picture", "change:arrays", "change:notice"];
    for (const change of drawn) model.on(change, atOnce);
    const stopTheme = onThemeChange(soon);
    soon(); // attached by then: the theme's colours are known
    return () => {
      for (const change of drawn) model.off(change, atOnce);
      cancelAnimationFrame(asked);
      stopTheme();
      end();
    };
  };
}
