"""What is said of each slip: every canonical name has a belief, and every belief somebody who holds it."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

import graders.bank
from graders.bank.anywhere import ANYWHERE
from graders.bank.beliefs import BELIEFS
from graders.bank.derivation import Derivation, Step
from graders.exercises import for_lesson, slugs

EXERCISES = [exercise for slug in slugs() for exercise in for_lesson(slug)]
# Results, reports and outside tools rely on these names: add to them, never rename.
CANONICAL = """
missing_slope slope_of_a slope_formula_on_z slope_twice slope_is_f slope_one_minus_a
slope_wrong_layer relu_leaky relu_gate_on_upstream weights_transposed weights_wrong_layer
weights_ignored propagates_dA last_term_only first_term_only mean_over_k updated_before_use
dW_uses_z dW_uses_own_a dW_uses_x dW_missing_input dW_transposed dW_slope_again dW_sign db_mean
db_first db_last db_zero db_total db_sign db_not_summed sign factor_two missing_1_over_n
extra_1_over_n divides_by_k divides_by_d n_minus_1 last_example_only first_example_only
accumulated_not_reset upstream_ignored softmax_diagonal_only slope_extra_at_output ce_wrt_p
softmax_mse_as_ce forgot_one_hot hard_argmax bce_missing_slope bce_positive_only reg_missing
reg_doubled reg_halved reg_sign reg_over_n reg_on_bias momentum_sign momentum_no_state
adam_no_bias_correction adam_frozen_t adam_betas_swapped adam_eps_inside_root forward_for_central
restored_by_arithmetic relative_error_sum ratio_inverted history_off_by_one softmax_axis
softmax_no_shift refreshed_forward variance_for_std fan_in_out_swapped gain_inverted gain_of_slope
gain_centred norm_then_mean dead_all_entries int_cast constant_answer numerical_derivative
mutates_arguments slope_of_other_activation
"""


@pytest.mark.parametrize("name", CANONICAL.split())
def test_a_canonical_name_stays(name: str) -> None:
    assert name in BELIEFS


@pytest.mark.parametrize("name", BELIEFS)
def test_a_belief_is_a_sentence_and_its_question_a_question(name: str) -> None:
    belief = BELIEFS[name]
    assert belief.says
    assert belief.belief.endswith(".")
    assert "?" in belief.question
    assert belief.lesson in LESSONS


def test_every_belief_is_held_by_somebody() -> None:
    named = {turn.misconception for exercise in EXERCISES for turn in exercise.wrong_turns}
    for module in iter_modules(graders.bank.__path__):
        for value in vars(import_module(f"graders.bank.{module.name}")).values():
            steps = value.steps.values() if isinstance(value, Derivation) else (value,)
            named |= {t.misconception for step in steps if isinstance(step, Step) for t in step.turns}
    assert set(BELIEFS) == named | {turn.misconception for turn in ANYWHERE} | SEEN_BY_THE_JUDGE


LESSONS = (
    *("one_neuron", "going_bonkers", "hidden_delta", "trust_but_check", "million_and_one"),
    *("matrices_and_batches", "softmax_cross_entropy", "full_training", "vanishing_gradients"),
    *("tape_engine", "norms_and_residuals", "convolution", "time_and_attention", "optimizers_and_clinic"),
)
# What the judge sees in the way an answer comes about, not in its numbers.
SEEN_BY_THE_JUDGE = {
    *("numerical_derivative", "constant_answer", "mutates_arguments", "rng_ignored"),
    "restored_by_arithmetic",  # its values are right; only the array is not what it was, to the bit
}
