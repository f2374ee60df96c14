// Labelled controls, and how the keyboard reaches them: sliders, choices, ticks, players, buttons.

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
    const end = Math.min(high, limitOf(model, spec));
    if (Number(input.max) === end) return; // setting it anew would lay the page out again
    input.max = end;
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
    timer = setInterval(() => {
      goTo(now() + share(120));
      if (now() >= high()) stop();
    }, pace);
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
