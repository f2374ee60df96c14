"""The tests of the tests: each backward formula is broken on purpose, and the suite must go red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NETWORK = ("test_network.py", "test_published.py")
# file, what stands there, what is put in its place, the tests that must notice
MUTANTS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("layers", "return delta @ W.T", "return delta @ W.T * 0.5", NETWORK),
    ("layers", "return delta @ W.T", "return -(delta @ W.T)", NETWORK),
    ("layers", "return X.T @ delta, delta", "return X.T @ delta * 2, delta", NETWORK),
    ("layers", "return X.T @ delta, delta", "return (delta.T @ X).reshape(X.shape[1], -1), delta", NETWORK),
    ("layers", "delta.sum(axis=0)", "delta.mean(axis=0)", NETWORK),
    ("layers", "delta.sum(axis=0)", "delta[0]", NETWORK),
    ("layers", "return X @ W + b", "return X @ W - b", NETWORK),
    ("network", "dA * act.deriv(run.Zs[layer])", "dA", NETWORK),
    ("network", "act.deriv(run.Zs[layer])", "act.deriv(run.As[layer + 1])", NETWORK),
    ("network", "act.deriv(run.Zs[layer])", "act.deriv(run.Zs[layer]) ** 2", NETWORK),
    ("network", "return deltas[::-1]", "return deltas", NETWORK),
    ("activations", "return e / (1 + e) ** 2", "return e / (1 + e)", ("test_activations.py",)),
    ("activations", "return e / (1 + e) ** 2", "return 2 * e / (1 + e) ** 2", ("test_activations.py",)),
    ("activations", "return 1 - np.tanh(Z) ** 2", "return 1 - np.tanh(Z)", ("test_activations.py",)),
    ("activations", "return 1 - np.tanh(Z) ** 2", "return 1 + np.tanh(Z) ** 2", ("test_activations.py",)),
    ("activations", "(Z > 0).astype", "(Z < 0).astype", ("test_activations.py",)),
    ("activations", "LEAK + (1 - LEAK)", "LEAK + 1", ("test_activations.py",)),
    ("activations", "return Z * 0 + 1", "return Z", ("test_activations.py",)),
    ("activations", "1 + 3 * _GELU_CUBE", "1 + 2 * _GELU_CUBE", ("test_activations.py",)),
    ("activations", "_softplus, _sigmoid)", "_softplus, _sigmoid_deriv)", ("test_activations.py",)),
    ("losses", "_dot(error, error) / 2, error", "_dot(error, error) / 2, 2 * error", NETWORK),
    ("losses", "_dot(error, error) / 2, error", "_dot(error, error) / 2, -error", NETWORK),
    ("losses", "_dot(error, error), 2 * error", "_dot(error, error), error", NETWORK),
    ("losses", "sigmoid.f(A) - T", "T - sigmoid.f(A)", NETWORK),
    ("losses", "sigmoid.f(A) - T", "(sigmoid.f(A) - T) * sigmoid.deriv(A)", NETWORK),
    ("losses", "E / sums - rows", "E / sums", NETWORK),
    ("losses", "E / sums - rows", "E - rows", NETWORK),
    ("losses", "P * (G - (G * P).sum(axis=1, keepdims=True))", "P * G", NETWORK),
    ("losses", "_dot(error, error) / 2, softmax_vjp(P, error)", "_dot(error, error) / 2, error", NETWORK),
    ("losses", "slope / len(A))", "slope)", NETWORK),
    ("losses", "slope / len(A))", "slope / A.size)", NETWORK),
    ("optimizers", "p -= self.lr * g\n", "p += self.lr * g\n", ("test_optimizers.py",)),
    ("optimizers", "v *= self.momentum\n", "v *= 1\n", ("test_optimizers.py",)),
    ("optimizers", "g + self.momentum * v if", "g + v if", ("test_optimizers.py",)),
    ("optimizers", "s *= self.rho", "s *= 1 - self.rho", ("test_optimizers.py",)),
    ("optimizers", "(1 - self.rho) * g * g", "(1 - self.rho) * g", ("test_optimizers.py",)),
    ("optimizers", "(np.sqrt(s) + self.eps)", "np.sqrt(s + self.eps)", ("test_optimizers.py",)),
    ("optimizers", "m / (1 - beta1**self._t)", "m", ("test_optimizers.py",)),
    ("optimizers", "v / (1 - beta2**self._t)", "v / (1 - beta2)", ("test_optimizers.py",)),
    ("optimizers", "beta1, beta2 = self.betas", "beta2, beta1 = self.betas", ("test_optimizers.py",)),
    ("optimizers", "g *= max_norm / norm", "g *= max_norm", ("test_optimizers.py",)),
    ("scalar", "right.data, right, self.data)", "self.data, right, right.data)", ("test_scalar.py",)),
    ("scalar", "-quotient / right.data", "quotient / right.data", ("test_scalar.py",)),
    ("scalar", "n * x ** (n - 1.0)", "n * x**n", ("test_scalar.py",)),
    ("scalar", "return self._record(value, value)", "return self._record(value, 1.0)", ("test_scalar.py",)),
    ("scalar", "1.0 / self.data)", "self.data)", ("test_scalar.py",)),
    ("scalar", "1.0 - value * value", "1.0 - value", ("test_scalar.py",)),
    ("scalar", "value * _sigmoid(-self.data)", "value * _sigmoid(self.data)", ("test_scalar.py",)),
    ("scalar", "value.first.grad +=", "value.first.grad =", ("test_scalar.py",)),
    ("tape", "gradients[seconds[row]] +=", "gradients[seconds[row]] =", ("test_tape.py",)),
    ("gradcheck", "/ (2 * h)", "/ h", ("test_gradcheck.py",)),
    ("gradcheck", "(4 * central_difference", "(3 * central_difference", ("test_gradcheck.py",)),
    ("gradcheck", "nudged[:, unit] += 1j * h", "nudged[:, 0] += 1j * h", NETWORK),
)  # fmt: skip


@pytest.mark.proof
@pytest.mark.parametrize("mutant", MUTANTS, ids=[f"{m[0]}: {m[1][:24]} > {m[2][:24]}" for m in MUTANTS])
def test_a_broken_formula_is_noticed(mutant: tuple[str, str, str, tuple[str, ...]], tmp_path: Path) -> None:
    module, old, new, tests = mutant
    shutil.copytree(ROOT / "backproplab", tmp_path / "backproplab")
    target = tmp_path / "backproplab" / f"{module}.py"
    source = target.read_text(encoding="utf-8")
    assert old in source, "the formula has changed: mend this table"
    target.write_text(source.replace(old, new, 1), encoding="utf-8")
    assert suite(tmp_path, tests) == 1, "the tests stayed green"


@pytest.mark.proof
def test_the_unbroken_copy_is_green(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "backproplab", tmp_path / "backproplab")
    assert suite(tmp_path, tuple(sorted({test for mutant in MUTANTS for test in mutant[3]}))) == 0


def suite(folder: Path, tests: tuple[str, ...]) -> int:
    """Run tests against the copy of the package in ``folder``; return pytest's exit status."""
    paths = [str(ROOT / "tests" / "backproplab" / test) for test in tests]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not proof"]
    command += ["--import-mode=importlib", "-c", os.devnull, f"--rootdir={folder}", *paths]
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, timeout=300, check=False
    ).returncode
