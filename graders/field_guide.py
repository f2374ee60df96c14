"""The field guide for teachers: every named mistake on one page, written from the bank.

``python -m graders.field_guide`` writes ``.github/FIELD_GUIDE.md`` anew. The page stays out of the wheel:
students meet a right formula beside their own wrong one, after a try, not all of them beforehand.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from graders import bank
from graders.bank.anywhere import ANYWHERE
from graders.bank.beliefs import BELIEFS
from graders.bank.derivation import Derivation, Step
from graders.bank.formulas import side_by_side
from graders.exercises import for_lesson, slugs
from graders.lessons import checkout

__all__ = ["GROUPS", "PAGE", "Group", "field_guide", "main"]

PAGE = ".github/FIELD_GUIDE.md"
# The syllabus' order; lessons that are still to come are named too.
COURSE = (
    *("one_neuron", "going_bonkers", "hidden_delta", "trust_but_check", "million_and_one"),
    *("matrices_and_batches", "softmax_cross_entropy", "full_training", "vanishing_gradients"),
    *("tape_engine", "norms_and_residuals", "convolution", "time_and_attention", "optimizers_and_clinic"),
)
FORMS = 1  # formulas shown of one mistake


@dataclass(frozen=True)
class Group:
    """A chapter of the guide.

    Parameters
    ----------
    title : str
        Its heading.
    ids : str
        The names in it, separated by spaces; one that ends in ``*`` stands for all that begin so.
    lesson : str
        Takes what is treated in that lesson and named nowhere.
    """

    title: str
    ids: str = ""
    lesson: str = ""


GROUPS = (
    Group("Slope", "missing_slope slope_of_* slope_formula_on_z slope_twice slope_is_f slope_one_minus_a "
          "slope_wrong_layer relu_leaky relu_gate_on_upstream"),
    Group("Going back", "weights_* units_swapped propagates_dA last_term_only first_term_only mean_over_k "
          "updated_before_use refreshed_forward gap_* biases_moved updates_last_layer_only"),
    Group("Weight gradient", "dW_* other_product"),
    Group("Bias gradient", "db_*"),
    Group("Loss, scale and batch", "sign factor_two missing_1_over_n extra_1_over_n divides_by_* n_minus_1 "
          "last_example_only first_example_only accumulated_not_reset upstream_ignored loss_for_error "
          "error_not_squared sum_before_square root_of_sum not_summed int_cast leading_axes_* axes_lost"),
    Group("Forward pass", "forward_no_* z_not_summed activation_* slope_for_activation relu_for_softplus"),
    Group("Softmax and cross-entropy", lesson="softmax_cross_entropy"),
    Group("Regulariser and optimiser", "reg_* momentum_* adam_*"),
    Group("Steps and training", "lr_* returns_step gradient_of_start history_off_by_one steps_off_by_one",
          "full_training"),
    Group("Numerical derivatives", lesson="trust_but_check"),
    Group("Programs with intermediate variables", lesson="million_and_one"),
    Group("Depth and initialisation", lesson="vanishing_gradients"),
    Group("Any exercise", "numerical_derivative constant_answer mutates_arguments tuple_swapped "
          "smallest_without_abs picks_largest rng_ignored restored_by_arithmetic"),
)  # fmt: skip


def field_guide() -> str:
    """Return the page.

    Examples
    --------
    >>> print(field_guide().splitlines()[0])
    # A field guide to wrong gradients
    """
    chapters = [(group, [name for name in BELIEFS if _group_of(name) is group]) for group in GROUPS]
    index = [f"- [{group.title}](#{_anchor(group.title)}): {', '.join(names)}" for group, names in chapters]
    formulas, exercises = _formulas(), _exercises()
    lines = [_opening(len(BELIEFS)), *index, ""]
    for group, names in chapters:
        lines += [f"## {group.title}", ""]
        for name in names:
            lines += [_entry(name, formulas.get(name, []), exercises.get(name, [])), ""]
    return "\n".join(lines).rstrip() + "\n"


def _opening(count: int) -> str:
    return (
        "# A field guide to wrong gradients\n\n"
        f"The {count} mistakes that `check` and `grade` know by name: what the numbers look like, the belief "
        "behind it, a question that the belief cannot answer, and the two formulas. Two names may stand for "
        "the same numbers in one exercise; then a message offers both. Written by "
        "`python -m graders.field_guide` from `graders/bank`; do not edit it here.\n"
    )


def _entry(name: str, formulas: Sequence[tuple[str, str]], exercises: Sequence[str]) -> str:
    belief = BELIEFS[name]
    comes = "The values stand, " if belief.says.startswith("but ") else "It comes out "
    lines = [f"### {name}", "", f"{comes}{belief.says}. {belief.belief}  "]
    lines.append(f"**Ask:** {belief.question}  ")
    lines += [f"Due {_code(right)} Instead {_code(wrong)}  " for right, wrong in formulas[:FORMS]]
    seen = f" In {', '.join(exercises)}." if exercises else ""
    lines.append(f"*Lesson {belief.lesson}.{seen}*")
    return "\n".join(lines)


def _code(formula: str) -> str:
    return f"`{formula}`"


def _anchor(title: str) -> str:
    """Return the address that Markdown viewers give to a heading."""
    return "".join(c for c in title.lower() if c.isalnum() or c in " _-").replace(" ", "-")


def _group_of(name: str) -> Group:
    """Return the chapter that lists a name, or else the one of its lesson."""
    for group in GROUPS:
        if any(name == id or (id[-1] == "*" and name.startswith(id[:-1])) for id in group.ids.split()):
            return group
    return next(group for group in GROUPS if group.lesson == BELIEFS[name].lesson)


def _exercises() -> dict[str, list[str]]:
    """Return in which exercises each mistake is known, in the order of the course."""
    found: dict[str, list[str]] = {}
    for slug in sorted(slugs(), key=COURSE.index):
        for exercise in for_lesson(slug):
            names = dict.fromkeys(turn.misconception for turn in exercise.wrong_turns)
            for name in names:
                found.setdefault(name, []).append(exercise.name)
    return found


def _formulas() -> dict[str, list[tuple[str, str]]]:
    """Return the right formula and the wrong one of each mistake, those of its own lesson first."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for name, right, wrong in (*_of_exercises(own=True), *_of_exercises(own=False), *_of_steps()):
        found.setdefault(name, {}).setdefault(wrong, (right, wrong))
    for turn in ANYWHERE:
        found.setdefault(turn.misconception, {}).setdefault(turn.formula, ("the result", turn.formula))
    return {name: list(forms.values()) for name, forms in found.items()}


def _of_exercises(own: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the formulas of exercises, of the lesson that treats a mistake or of the others."""
    for slug in sorted(slugs(), key=COURSE.index):
        for exercise in for_lesson(slug):
            for turn in exercise.wrong_turns:
                if (BELIEFS[turn.misconception].lesson == slug) == own:
                    yield (turn.misconception, *side_by_side(turn, exercise.formula))


def _of_steps() -> Iterator[tuple[str, str, str]]:
    """Yield those that no exercise asks about yet."""
    for module in iter_modules(bank.__path__):
        for value in vars(import_module(f"graders.bank.{module.name}")).values():
            steps = value.steps.values() if isinstance(value, Derivation) else (value,)
            for step in steps:
                if isinstance(step, Step):
                    yield from ((t.misconception, step.formula, t.formula) for t in step.turns)


def main() -> int:
    """Write the page into the checkout; return the exit status."""
    root = checkout()
    if root is None:
        print("the field guide is written in a checkout of the repository only", file=sys.stderr)
        return 2
    (root / PAGE).write_text(field_guide(), encoding="utf-8", newline="\n")
    print(f"{PAGE}: {len(BELIEFS)} mistakes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
