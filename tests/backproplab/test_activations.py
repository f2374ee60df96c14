"""Activations: right slopes, no overflow, the dtype kept, one object of each."""

import copy
import pickle

import numpy as np
import pytest

from backproplab.activations import ACTIVATIONS, Activation
from backproplab.gradcheck import numerical_gradient

EACH = pytest.mark.parametrize("act", ACTIVATIONS.values(), ids=lambda act: act.name)
Z = np.array([-3.0, -0.7, 0.4, 2.5])


@EACH
def test_deriv_is_the_slope_of_f(act: Activation) -> None:
    slopes = numerical_gradient(lambda z: np.sum(act.f(z)), Z)
    np.testing.assert_allclose(act.deriv(Z), slopes, rtol=1e-14)


@EACH
def test_large_numbers_neither_overflow_nor_warn(act: Activation) -> None:
    for value in (-1e4, 1e4):
        assert np.isfinite(act.f(value))
        assert np.isfinite(act.deriv(value))


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_and_the_shape_are_kept(act: Activation, dtype: type) -> None:
    for function in (act.f, act.deriv):
        result = function(Z.astype(dtype).reshape(2, 2))
        assert (result.dtype, result.shape) == (dtype, (2, 2))


@EACH
def test_there_is_one_object_of_each(act: Activation) -> None:
    assert copy.deepcopy(act) is act
    assert pickle.loads(pickle.dumps(act)) is act


def test_published_values_of_the_sigmoid() -> None:
    """Nielsen, chapter 3: the two starts answer 0.82 and 0.98."""
    sigmoid = ACTIVATIONS["sigmoid"]
    assert [round(float(sigmoid.f(z)), 2) for z in (1.5, 4.0)] == [0.82, 0.98]


@EACH
def test_a_plain_number_gives_a_float64(act: Activation) -> None:
    for number in (-0.5, 0.5, 2):
        assert np.asarray(act.f(number)).dtype.kind in "fi"
        assert np.asarray(act.deriv(float(number))).dtype == np.float64
