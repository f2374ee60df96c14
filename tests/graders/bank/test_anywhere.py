"""Slips that need no derivation: sums that are not reset, and numbers that lost their decimals."""

import numpy as np

from graders.bank.anywhere import accumulated, truncated
from graders.probes import draw


def test_the_first_two_calls_show_what_is_not_reset() -> None:
    for name in (
        "linear_backward",
        "hidden_delta",
        "mlp_backward",
        "bonkers_grad_all",
        "activation_backward",
    ):
        first, second = draw(name, 1).truths[:2]
        assert [part.shape for part in first] == [part.shape for part in second], "equal shapes"
        one, two = accumulated([first, second])
        assert all(np.array_equal(given, true) for given, true in zip(one, first, strict=True))
        assert all(np.array_equal(g, a + b) for g, a, b in zip(two, first, second, strict=True))
        assert not any(np.allclose(g, true) for g, true in zip(two, second, strict=True) if true.size)


def test_truncation_keeps_the_sign_and_drops_the_rest() -> None:
    (answer,) = truncated([(np.array([[1.9, -1.9]]), np.array(0.5))])
    assert [part.tolist() for part in answer] == [[[1.0, -1.0]], 0.0]
