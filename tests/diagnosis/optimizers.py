"""Steps with memory and a penalty on the weights.

The lessons up to 9 fix no signature for these, so these are bare functions on arrays, called for at least
three steps with changing gradients: ``momentum_step(w, g, v, lr, beta) -> (w, v)`` with v = beta v + g,
``adam_step(w, g, m, v, t, lr, beta1, beta2, eps) -> (w, m, v)`` with t counted from 1, and
``penalised_grads(W, b, dW, db, lam, n) -> (dW, db)`` for a loss plus lam / 2 times the sum of W squared.
"""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("momentum_step", "plain"): """
def momentum_step(w, g, v, lr, beta):
    v = beta * v + g
    return w - lr * v, v
""",
    ("momentum_step", "copies"): """
def momentum_step(w, g, v, lr, beta):
    velocity, new = v.copy(), w.copy()
    velocity *= beta
    velocity += g
    new -= lr * velocity
    return new, velocity
""",
    ("adam_step", "plain"): """
def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g ** 2
    m_hat = m / (1 - beta1 ** t)
    v_hat = v / (1 - beta2 ** t)
    w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
    return w, m, v
""",
    ("adam_step", "differences"): """
def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    rate = lr / (1 - beta1 ** t)
    root = np.sqrt(v) / np.sqrt(1 - beta2 ** t)
    return w - rate * m / (root + eps), m, v
""",
    ("penalised_grads", "plain"): """
def penalised_grads(W, b, dW, db, lam, n):
    dW = dW + lam * W
    return dW, db
""",
    ("penalised_grads", "loops"): """
def penalised_grads(W, b, dW, db, lam, n):
    out = np.array(dW)
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            out[i, j] += lam * W[i, j]
    return out, db.copy()
""",
}

MUTANTS = (
    *singles(
        "momentum_step",
        "plain",
        "any",
        ("beta * v + g", "-beta * v + g", "momentum_sign"),
        ("beta * v + g", "g", "momentum_no_state"),
        ("w - lr", "w + lr", "sign"),
    ),
    *singles(
        "momentum_step",
        "copies",
        "any",
        ("velocity *= beta", "velocity *= -beta", "momentum_sign"),
        ("velocity *= beta", "velocity *= 0", "momentum_no_state"),
        ("v.copy(), w.copy()", "v, w", "mutates_arguments"),
    ),
    *singles(
        "adam_step",
        "plain",
        "correction",
        ((("m / (1 - beta1 ** t)", "m"), ("v / (1 - beta2 ** t)", "v")), "adam_no_bias_correction"),
        ((("beta1 ** t", "beta1 ** 1"), ("beta2 ** t", "beta2 ** 1")), "adam_frozen_t"),
    ),
    *singles(
        "adam_step",
        "plain",
        "root",
        ("np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)", "adam_eps_inside_root"),
    ),
    *singles(
        "adam_step",
        "plain",
        "betas",
        ("    m = beta1", "    beta1, beta2 = beta2, beta1\n    m = beta1", "adam_betas_swapped"),
    ),
    *singles("adam_step", "plain", "sign", ("w - lr", "w + lr", "sign")),
    *singles(
        "adam_step",
        "differences",
        "correction",
        ((("lr / (1 - beta1 ** t)", "lr"), (" / np.sqrt(1 - beta2 ** t)", "")), "adam_no_bias_correction"),
        ("    rate", "    t = 1\n    rate", "adam_frozen_t"),
    ),
    *singles(
        "adam_step",
        "differences",
        "root",
        (
            (
                ("np.sqrt(v) / np.sqrt(1 - beta2 ** t)", "np.sqrt(v / (1 - beta2 ** t) + eps)"),
                ("root + eps", "root"),
            ),
            "adam_eps_inside_root",
        ),
    ),
    *singles(
        "penalised_grads",
        "plain",
        "any",
        ("dW + lam * W", "dW", "reg_missing"),
        ("dW + lam * W", "dW + 2 * lam * W", "reg_doubled"),
        ("dW + lam * W", "dW + lam / 2 * W", "reg_halved"),
        ("dW + lam * W", "dW - lam * W", "reg_sign"),
        ("dW + lam * W", "dW + lam * W / n", "reg_over_n"),
        ("return dW, db", "return dW, db + lam * b", "reg_on_bias"),
    ),
    *singles(
        "penalised_grads",
        "loops",
        "any",
        ("+= lam * W[i, j]", "+= 2 * lam * W[i, j]", "reg_doubled"),
        ("+= lam * W[i, j]", "-= lam * W[i, j]", "reg_sign"),
        ("+= lam * W[i, j]", "+= lam * W[i, j] / n", "reg_over_n"),
        ("db.copy()", "db + lam * b", "reg_on_bias"),
    ),
)

UNKNOWN = (
    *unknowns(
        "momentum_step", "plain", ("beta * v + g", "beta * v + beta * g", "the new gradient damped too")
    ),
    *unknowns(
        "adam_step",
        "plain",
        ("g ** 2", "np.abs(g)", "size for square"),
        ("np.sqrt(v_hat)", "v_hat", "no root"),
        ("lr * m_hat", "lr * g", "the raw gradient over the root"),
    ),
    *unknowns("penalised_grads", "plain", ("lam * W", "lam * W ** 2", "wrong power")),
    *unknowns("penalised_grads", "plain", ("lam * W", "lam * np.sign(W)", "the L1 penalty")),
)
