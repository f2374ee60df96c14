"""The shape bench of lesson 6: whether a product of two factors is a gradient, in shape and in value."""

from typing import Any, ClassVar

import numpy as np

from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.matrix_products import (
    LOST,
    RIGHT,
    UNEQUAL,
    factors_of,
    multiplied,
    products,
    verdict,
    wanted_of,
)

__all__ = ["ShapeBench"]

FACTORS = ("X", "X.T", "dZ", "dZ.T", "W", "W.T", "ones")
WANTED = ("dW", "db", "dX", "dZ_prev")


class ShapeBench(Explorer):
    """Two factors, their product to scale, and the gradient that is wanted beside it.

    Parameters
    ----------
    wanted : str
        The gradient: ``dW``, ``db``, ``dX``, or ``dZ_prev``, the delta of the layer before.
    left, right : str
        The factors: ``X``, ``dZ``, ``W``, their transposes, or ``ones``, a row of ones.
    n_in, n_out, batch : int
        Where the sizes start.

    Examples
    --------
    >>> bench = ShapeBench(wanted="dW", left="X.T", right="dZ")
    >>> bench.picture["verdicts"]["dW"]
    'right'
    """

    title = "Shape bench"
    lesson = "matrices_and_batches"
    _esm = front_end("shape_bench")
    grid: ClassVar = {"wanted": list(WANTED), "left": list(FACTORS), "right": list(FACTORS)}

    wanted = choosing("wanted", WANTED, "dW")
    left = choosing("left factor", FACTORS, "dZ.T")
    right = choosing("right factor", FACTORS, "X")
    batch = sliding("batch", 1, 6, 1, 5)
    n_in = sliding("inputs", 1, 6, 1, 3)
    n_out = sliding("outputs", 1, 6, 1, 3)

    @property
    def factors(self) -> dict[str, Any]:
        """The matrices of the layer, by name."""
        return factors_of(self.batch, self.n_in, self.n_out, np.random.default_rng(6))

    def look(self) -> View:
        """Multiply the two factors and compare the product with every gradient."""
        factors = self.factors
        left, right = _factor(factors, self.left), _factor(factors, self.right)
        made, due = multiplied(left, right), wanted_of(factors)
        verdicts = {name: verdict(made, gradient) for name, gradient in due.items()}
        arrays = {"left": left, "right": right, "due": due[self.wanted]}
        if made is not None:
            arrays["made"] = made
        if verdicts[self.wanted] == UNEQUAL:
            arrays["off"] = (~np.isclose(made, due[self.wanted])).astype(np.uint8)
        numbers = {"names": [self.left, self.right, self.wanted], "verdicts": verdicts}
        return View(numbers, self._in_words(left, right, made, due, verdicts), arrays)

    def _in_words(
        self, left: Any, right: Any, made: Any, due: dict[str, Any], verdicts: dict[str, str]
    ) -> str:
        product = f"{self.left} {left.shape} @ {self.right} {right.shape}"
        wanted = due[self.wanted]
        if made is None:
            found = f"{product} does not run: {left.shape[1]} columns against {right.shape[0]} rows"
        else:
            fits = _fit(self.wanted, made, wanted, verdicts)
            found = f"{product} has the shape {made.shape}: {fits}"
        others = [name for name, word in verdicts.items() if word == RIGHT and name != self.wanted]
        also = f" It is {' and '.join(others)}, in shape and values." if others else ""
        return f"{found}.{also} {self._counted(wanted)}"

    def _counted(self, wanted: Any) -> str:
        rows = products(self._pair(), wanted)
        words = [word for *_, word in rows]
        fits = words.count(RIGHT) + words.count(UNEQUAL)
        names = list(self._pair())
        of = f"{' and '.join(names)} and {'their transposes' if len(names) > 1 else 'its transpose'}"
        return (
            f"Of the {len(rows)} products of {of} "
            f"{len(rows) - words.count(LOST)} run, {fits} {'has' if fits == 1 else 'have'} the shape of "
            f"{self.wanted}, {words.count(RIGHT)} the values too."
        )

    def _pair(self) -> dict[str, Any]:
        """Return the chosen matrices without transposing, one alone if both factors are made of it."""
        factors = self.factors
        return {name: factors[name] for name in (self.left.removesuffix(".T"), self.right.removesuffix(".T"))}

    def still(self) -> Any:
        """Return all products of the two matrices as a still picture."""
        from backproplab.figures import shape_bench  # matplotlib is slow to load, the sliders need not wait

        return shape_bench(self._pair(), wanted_of(self.factors)[self.wanted])


def _factor(factors: dict[str, Any], name: str) -> Any:
    matrix = factors[name.removesuffix(".T")]
    return matrix.T if name.endswith(".T") else matrix


def _fit(name: str, made: Any, wanted: Any, verdicts: dict[str, str]) -> str:
    """Say how far a product fits the gradient that is wanted."""
    if verdicts[name] == RIGHT:
        return f"right, it is {name} in shape and values"
    if verdicts[name] != UNEQUAL:
        return f"wrong shape, {name} has {wanted.shape}"
    off = int((~np.isclose(made, wanted)).sum())
    hint = ""
    if verdicts["dX"] == RIGHT and name == "dZ_prev":
        hint = "; the slope f'(Z_prev) is still missing from every entry"
    elif made.T.shape == wanted.shape and np.allclose(made.T, wanted):
        hint = f"; it is {name}.T, the transpose"
    return f"right shape, wrong values, {off} of {wanted.size} differ from {name}{hint}"
