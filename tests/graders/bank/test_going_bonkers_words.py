"""What is told of a slip in the dose example is what was done: the step, the unit, the sum."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from graders.exercises.going_bonkers import EXERCISES, true_forward, true_grads, true_ssr
from graders.kernel import verdict_of

Parameters = dict[str, Any]


def told_of_a_walk(step: Callable[..., Parameters], noted: slice = slice(None)) -> str:
    """The message for a descent with such steps."""

    def descend(p: Parameters, dose: Any, observed: Any, lr: float, steps: int) -> tuple[Parameters, Any]:
        history = [true_ssr(p, dose, observed)]
        for _ in range(steps):
            p = step(p, lambda p: true_grads(p, dose, observed), lr)
            history.append(true_ssr(p, dose, observed))
        return p, history[noted]

    return verdict_of("bonkers_descend", descend).message


def downhill(p: Parameters, slopes: Callable[..., Parameters], lr: float) -> Parameters:
    at_once = slopes(p)
    return {name: p[name] - lr * at_once[name] for name in p}


def test_a_plus_in_the_update_is_told_as_the_update() -> None:
    message = told_of_a_walk(lambda p, slopes, lr: downhill(p, slopes, -lr))
    assert "p_new = p + lr dSSR/dp" in message
    assert "dSSR/dpred" not in message


def test_one_knob_after_the_other_is_told_in_the_words_of_seven_knobs() -> None:
    def one_by_one(p: Parameters, slopes: Callable[..., Parameters], lr: float) -> Parameters:
        for name in p:
            p = {**p, name: p[name] - lr * slopes(p)[name]}
        return p

    message = told_of_a_walk(one_by_one)
    assert "with each slope taken after the parameter before it had moved." in message
    assert "bias" not in message


def test_a_history_without_the_start_is_not_told_as_one_with_it() -> None:
    message = told_of_a_walk(downhill, slice(1, None))
    assert "SSR after each step" in message
    assert "twice" not in message


def test_the_weight_of_the_other_unit_is_told_for_the_unit_that_got_it() -> None:
    def through_w3(p: Parameters, dose: Any, observed: Any) -> Parameters:
        x2, slopes = true_forward(p, dose)["x2"], true_grads(p, dose, observed)
        delta = -2 * (observed - true_forward(p, dose)["pred"]) * p["w3"] / (1 + np.exp(-x2))
        return {**slopes, "w2": (delta * dose).sum(), "b2": delta.sum()}

    message = verdict_of("bonkers_grad_all", through_w3).message
    assert "w3 for y2" in message
    assert "w4 for y2" in message


def test_half_the_sum_is_told_with_its_sum() -> None:
    message = verdict_of("bonkers_ssr", lambda *given: true_ssr(*given) / 2).message
    assert "SSR = 1/2 sum_n (observed_n - pred_n)^2" in message


def test_nothing_in_the_dose_example_is_told_of_rows_and_batches() -> None:
    told = [text for e in EXERCISES for t in e.wrong_turns for text in (t.formula, t.right, t.says, t.asks)]
    assert [text for text in told if re.search(r"\brow|batch|1/B|(?<!SSR/)\bdb = ", text)] == []


def test_the_last_layer_is_asked_about_its_own_weights() -> None:
    (last,) = (e for e in EXERCISES if e.name == "bonkers_grad_last")
    asked = [turn.asks for turn in last.wrong_turns if turn.misconception.startswith("dW_")]
    assert [text for text in asked if re.search(r"\b(w1|x1)\b", text)] == []


def test_who_calls_the_right_derivation_wrong_is_told_of_a_factor_too_many() -> None:
    assert "w3 is held to be one too many" in verdict_of("wrong_retelling", "b").message
