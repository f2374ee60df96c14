// An explorer on a page without a kernel. It is given its knobs and either computes its picture here, or looks
// it up among those that Python computed beforehand, one for each setting of the knobs.

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function packed(arrays) {
  const layout = Object.entries(arrays).map(([name, array]) => [name, "f4", ...(array.shape ?? [array.length])]);
  const floats = Object.values(arrays).flatMap((array) => [...array]);
  return { layout, bytes: new Uint8Array(Float32Array.from(floats).buffer) };
}

function computed(explorer, state, knobs) {
  const { arrays, ...picture } = explorer.compute(knobs, state.fixed);
  const { layout, bytes } = packed(arrays ?? {});
  return { picture: { ...picture, layout }, arrays: bytes, notice: "" };
}

function lookedUp(page, knobs) {
  const place = Object.entries(page.grid).reduce((at, [name, values]) => at * values.length + values.indexOf(knobs[name]), 0);
  const { picture, arrays, notice } = page.states[place];
  return notice ? { notice } : { picture, arrays: bytesOf(arrays), notice: "" };
}

// What the frame asks of a widget's model: get, set, save_changes, on, off and send.
function pageModel(explorer, page) {
  const listeners = new Map();
  const state = { controls: page.controls, fixed: page.fixed, ...page.knobs };
  const tell = (name) => listeners.get(`change:${name}`)?.forEach((act) => act());
  const renew = () => {
    const knobs = Object.fromEntries(Object.keys(page.knobs).map((name) => [name, state[name]]));
    const news = explorer.compute ? computed(explorer, state, knobs) : lookedUp(page, knobs);
    Object.assign(state, news);
    Object.keys(news).forEach(tell);
  };
  const model = {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      tell(name);
    },
    save_changes: renew,
    on: (event, act) => listeners.set(event, [...(listeners.get(event) ?? []), act]),
    off: (event, act) => listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== act)),
    send(button) {
      const knobs = Object.fromEntries(Object.keys(page.knobs).map((name) => [name, state[name]]));
      const { notice, ...moved } = button === "reset" ? page.knobs : explorer.press(button, knobs, state.fixed);
      Object.entries(moved).forEach(([name, value]) => model.set(name, value));
      renew();
      if (notice) model.set("notice", notice);
    },
  };
  renew();
  return model;
}

function mount(explorer, page, el) {
  return show(explorer)({ model: pageModel(explorer, page), el });
}
