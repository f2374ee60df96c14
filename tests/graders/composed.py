"""Honest answers that build on each other, one lesson after the other: each calls the functions before it."""

__all__ = ["LESSONS", "SET_UP"]

SET_UP = "import numpy as np\nfrom backproplab import linear, relu, sigmoid, softplus, tanh\n"

ONE_NEURON = {
    "neuron_forward": """
def neuron_forward(w, b, x, act):
    z = float(np.dot(w, x)) + b
    return z, act.f(z)
""",
    "neuron_loss": """
def neuron_loss(a, t):
    return 0.5 * (t - a) ** 2
""",
    "sigmoid_slope": """
def sigmoid_slope(a):
    return a - a * a
""",
    "neuron_delta": """
def neuron_delta(z, a, t, act):
    return act.deriv(z) * (a - t)
""",
    "neuron_grads": """
def neuron_grads(w, b, x, t, act):
    z, a = neuron_forward(w, b, x, act)
    delta = neuron_delta(z, a, t, act)
    return x * delta, delta
""",
    "neuron_step": """
def neuron_step(w, b, x, t, lr, act):
    dw, db = neuron_grads(w, b, x, t, act)
    return w - dw * lr, b - db * lr
""",
    "why_stalled": """
def why_stalled(w, b, x, t, act):
    z, a = neuron_forward(w, b, x, act)
    factors = [(abs(a - t), "error"), (abs(act.deriv(z)), "slope"), (np.max(np.abs(x)), "input")]
    return min(factors)[1]
""",
}

GOING_BONKERS = {
    "bonkers_forward": """
def bonkers_forward(p, dose):
    out = {}
    for i in "12":
        out["x" + i] = dose * p["w" + i] + p["b" + i]
        out["y" + i] = softplus.f(out["x" + i])
    out["pred"] = p["b3"] + out["y1"] * p["w3"] + out["y2"] * p["w4"]
    return out
""",
    "bonkers_ssr": """
def bonkers_ssr(p, dose, observed):
    residual = observed - bonkers_forward(p, dose)["pred"]
    return float(residual @ residual)
""",
    "bonkers_grad_last": """
def bonkers_grad_last(p, dose, observed):
    at = bonkers_forward(p, dose)
    slope = 2 * (at["pred"] - observed)
    return {"w3": slope @ at["y1"], "w4": slope @ at["y2"], "b3": np.sum(slope)}
""",
    "bonkers_grad_all": """
def bonkers_grad_all(p, dose, observed):
    at = bonkers_forward(p, dose)
    slope = 2 * (at["pred"] - observed)
    grads = dict(bonkers_grad_last(p, dose, observed))
    for i, out in (("1", "w3"), ("2", "w4")):
        dx = slope * p[out] * sigmoid.f(at["x" + i])
        grads["w" + i], grads["b" + i] = dx @ dose, np.sum(dx)
    return grads
""",
    "bonkers_descend": """
def bonkers_descend(p, dose, observed, lr, steps):
    p = dict(p)
    history = [bonkers_ssr(p, dose, observed)]
    while len(history) <= steps:
        grads = bonkers_grad_all(p, dose, observed)
        for name in p:
            p[name] = p[name] - grads[name] * lr
        history.append(bonkers_ssr(p, dose, observed))
    return p, history
""",
}

HIDDEN_DELTA = {
    "hidden_delta_loop": """
def hidden_delta_loop(delta_next, W_next, z, act):
    delta = np.zeros(len(z))
    for j in range(len(z)):
        for k in range(len(delta_next)):
            delta[j] += delta_next[k] * W_next[j, k]
        delta[j] *= act.deriv(z[j])
    return delta
""",
    "hidden_delta": """
def hidden_delta(delta_next, W_next, Z, act):
    return np.einsum("bk,jk->bj", delta_next, W_next) * act.deriv(Z)
""",
    "all_deltas": """
def all_deltas(Ws, Zs, As, T, act):
    deltas = [act.deriv(Zs[-1]) * (As[-1] - T)]
    for layer in range(len(Ws) - 1, 0, -1):
        deltas.append(hidden_delta(deltas[-1], Ws[layer], Zs[layer - 1], act))
    return deltas[::-1]
""",
    "mazur_gradients": """
def mazur_gradients(params, x, t):
    z1 = params["b1"] + x @ params["W1"]
    a1 = sigmoid.f(z1)
    z2 = params["b2"] + a1 @ params["W2"]
    delta2 = sigmoid.deriv(z2) * (sigmoid.f(z2) - t)
    delta1 = hidden_delta(delta2.reshape(1, -1), params["W2"], z1.reshape(1, -1), sigmoid).ravel()
    return {"W1": x[:, None] * delta1, "b1": delta1, "W2": a1[:, None] * delta2, "b2": delta2}
""",
    "update_order_gap": """
def update_order_gap(params, x, t, lr):
    grads = mazur_gradients(params, x, t)
    new = params["W2"] - lr * grads["W2"]
    z1 = x @ params["W1"] + params["b1"]
    late = x[:, None] * hidden_delta(grads["b2"][None, :], new, z1[None, :], sigmoid)

    def loss(W1):
        a1 = sigmoid.f(x @ W1 + params["b1"])
        return np.sum((sigmoid.f(a1 @ new + params["b2"]) - t) ** 2) / 2

    return loss(params["W1"] - lr * late) - loss(params["W1"] - lr * grads["W1"])
""",
}

MATRICES_AND_BATCHES = {
    "linear_backward": """
def linear_backward(dZ, X, W):
    return dZ @ W.T, X.T @ dZ, np.sum(dZ, axis=0)
""",
    "activation_backward": """
def activation_backward(dA, Z, act):
    return act.deriv(Z) * dA
""",
    "mlp_backward": """
def mlp_backward(params, Zs, As, T, acts):
    grads = [None] * len(params)
    dA = As[-1] - T
    for i in reversed(range(len(params))):
        dZ = activation_backward(dA, Zs[i], acts[i])
        dA, dW, db = linear_backward(dZ, As[i], params[i][0])
        grads[i] = (dW / len(T), db / len(T))
    return grads
""",
}

SOFTMAX_CROSS_ENTROPY = {
    "log_softmax": """
def log_softmax(Z):
    S = Z - np.max(Z, axis=1, keepdims=True)
    return S - np.log(np.sum(np.exp(S), axis=1, keepdims=True))
""",
    "cross_entropy": """
def cross_entropy(Z, y):
    rows = log_softmax(Z)
    return -sum(rows[i, k] for i, k in enumerate(y)) / len(y)
""",
    "softmax_vjp": """
def softmax_vjp(P, G):
    return P * G - P * np.sum(P * G, axis=1, keepdims=True)
""",
    "softmax_cross_entropy_grad": """
def softmax_cross_entropy_grad(Z, y):
    dZ = np.exp(log_softmax(Z))
    for i, k in enumerate(y):
        dZ[i, k] -= 1
    return dZ / len(y)
""",
}

FULL_TRAINING = {
    "init_params": """
def init_params(sizes, rng, kind):
    spread = {"he": lambda n, m: 2 / n, "glorot": lambda n, m: 2 / (n + m), "zeros": lambda n, m: 0}[kind]
    return [
        (rng.normal(size=(n, m)) * np.sqrt(spread(n, m)), np.zeros(m)) for n, m in zip(sizes, sizes[1:])
    ]
""",
    "minibatches": """
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]
""",
    "sgd_step": """
def sgd_step(params, grads, lr):
    return [(W - dW * lr, b - db * lr) for (W, b), (dW, db) in zip(params, grads)]
""",
    "loss_and_grads": """
def loss_and_grads(params, X, y):
    layers, A = [], X
    for i, (W, b) in enumerate(params):
        Z = A @ W + b
        layers.append((A, Z))
        A = Z if i == len(params) - 1 else np.maximum(Z, 0)
    A = A - A.max(axis=1, keepdims=True)
    P = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(P[rows, y]).mean()
    P[rows, y] -= 1
    dZ, grads = P / len(y), []
    for i in reversed(range(len(params))):
        A, _ = layers[i]
        grads.insert(0, (A.T @ dZ, dZ.sum(axis=0)))
        if i:
            dZ = dZ @ params[i][0].T * (layers[i - 1][1] > 0)
    return loss, grads
""",
    "train": """
def train(X, y, sizes, lr, epochs, batch_size, rng):
    params, losses = init_params(sizes, rng, "he"), []
    for _ in range(epochs):
        seen = []
        for rows in minibatches(len(X), batch_size, rng):
            loss, grads = loss_and_grads(params, X[rows], y[rows])
            params = sgd_step(params, grads, lr)
            seen.append(loss)
        losses.append(np.mean(seen))
    return params, {"loss": losses}
""",
    "sanity_checks": """
def sanity_checks(params, X, y):
    few = [(W.copy(), b.copy()) for W, b in params]
    for _ in range(500):
        grads = loss_and_grads(few, X[:10], y[:10])[1]
        few = [(W - dW / 10, b - db / 10) for (W, b), (dW, db) in zip(few, grads)]
    return {
        "initial_loss": loss_and_grads(params, X, y)[0],
        "expected_loss": np.log(params[-1][1].size),
        "zero_input_loss": loss_and_grads(params, np.zeros_like(X), y)[0],
        "overfit_loss": loss_and_grads(few, X[:10], y[:10])[0],
    }
""",
}

LESSONS = {
    "one_neuron": ONE_NEURON,
    "going_bonkers": GOING_BONKERS,
    "hidden_delta": HIDDEN_DELTA,
    "matrices_and_batches": MATRICES_AND_BATCHES,
    "softmax_cross_entropy": SOFTMAX_CROSS_ENTROPY,
    "full_training": FULL_TRAINING,
}
