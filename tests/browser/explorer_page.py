"""An explorer in an open notebook, through what a person meets: controls, picture, text."""

import json
from typing import Any

from playwright.sync_api import Locator

from tests.browser.jupyterlab import Notebook

# Element screenshots would go stale when the output is rendered again; the pixels do not.
FINGERPRINT = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    let hash = 0;
    for (let i = 0; i < data.length; i += 4) {
        const pixel = (data[i] << 24) | (data[i + 1] << 16) | (data[i + 2] << 8) | data[i + 3];
        hash = (Math.imul(hash, 31) + pixel) | 0;
        if (data[i + 3] === 255) colours.add(pixel);
    }
    return { hash, colours: colours.size, corner: data[3] };
}"""
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
KNOBS_ARE = """([canvas, wanted]) => {
    const knobs = JSON.parse(canvas.dataset.state).knobs;
    return Object.entries(wanted).every(([name, value]) =>
        typeof value === "number" ? Math.abs(knobs[name] - value) < 1e-9 : knobs[name] === value);
}"""
DRAWN_IN_THEME = "(canvas) => canvas.dataset.ink === getComputedStyle(canvas.closest('.bpl-explorer')).color"
STATE_IS_NOT = "([canvas, state]) => canvas.dataset.state !== state"
PAINTED = "(canvas) => canvas.dataset.state !== undefined"
LOOKS_OTHERWISE = f"([canvas, hash]) => ({FINGERPRINT})(canvas).hash !== hash"
TWIN_HOLDS = """([twin, sentence]) => twin.textContent.includes(sentence)"""


class ExplorerPage:
    """The first explorer below ``root``."""

    def __init__(self, notebook: Notebook, root: Locator) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.root = root.locator(".bpl-explorer").first
        self.canvas = self.root.locator("canvas")
        self.page.wait_for_function(PAINTED, arg=self.canvas.element_handle())

    def data(self) -> dict[str, Any]:
        """Return the numbers behind the painted picture, with where the knobs stand under ``knobs``."""
        state: dict[str, Any] = json.loads(self.canvas.get_attribute("data-state") or "{}")
        return state

    def arrays(self) -> dict[str, list[float]]:
        """Return the arrays behind the painted picture."""
        arrays: dict[str, list[float]] = self.canvas.evaluate(
            "(canvas) => Object.fromEntries("
            "Object.entries(canvas.view.arrays).map(([name, array]) => [name, [...array]]))"
        )
        return arrays

    def twin(self) -> str:
        """Return the text twin, once it has caught up with the picture."""
        twin = self.root.locator("[aria-live=polite]")
        sentence = self.data()["sentence"]
        self.page.wait_for_function(TWIN_HOLDS, arg=[twin.element_handle(), sentence])
        return twin.inner_text()

    def look(self) -> dict[str, int]:
        """Return a hash of the pixels, the number of opaque colours, and the ground's opacity."""
        pixels: dict[str, int] = self.canvas.evaluate(FINGERPRINT)
        return pixels

    def use_theme(self, name: str) -> None:
        """Change JupyterLab's theme, and wait until the picture is drawn in its colours."""
        self.notebook.use_theme(name)
        self.page.wait_for_function(DRAWN_IN_THEME, arg=self.canvas.element_handle())

    def wait_for_another_look(self, before: int) -> None:
        """Wait until the hash of the pixels is another than this."""
        self.page.wait_for_function(LOOKS_OTHERWISE, arg=[self.canvas.element_handle(), before])

    def press(self, label: str, key: str, times: int = 1) -> None:
        """Put the focus on the control with that label and press a key."""
        self.root.get_by_label(label, exact=True).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def reset(self, **start: Any) -> None:
        """Press Reset, and wait until the knobs are painted where they start."""
        self.button("Reset").click()
        self.wait_until(**start)

    def wait_until(self, **knobs: Any) -> None:
        """Wait until a picture is painted with the knobs there."""
        self.page.wait_for_function(KNOBS_ARE, arg=[self.canvas.element_handle(), knobs])
        self.page.evaluate(NEXT_FRAME)

    def wait_until_still(self) -> None:
        """Wait until nothing has moved for 300 ms."""
        for _ in range(40):
            before = self.data()
            self.page.wait_for_timeout(300)
            if self.data() == before:
                return
        raise AssertionError("the picture still moves after 12 s")

    def wait_for_change(self, before: dict[str, Any]) -> None:
        """Wait until the picture's numbers are others than these."""
        # Read once: between two readings the new picture may be painted, and would be waited out.
        now = self.canvas.get_attribute("data-state") or "{}"
        old = now if json.loads(now) == before else ""
        self.page.wait_for_function(STATE_IS_NOT, arg=[self.canvas.element_handle(), old])
