"""Lesson 8: the parts of the training loop."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("sgd_step", "plain"): """
def sgd_step(params, grads, lr):
    return [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
""",
    ("sgd_step", "copies"): """
def sgd_step(params, grads, lr):
    new = []
    for i in range(len(params)):
        W, b = params[i][0].copy(), params[i][1].copy()
        W -= lr * grads[i][0]
        b -= lr * grads[i][1]
        new.append((W, b))
    return new
""",
    ("minibatches", "generator"): """
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start:start + batch_size]
""",
    ("minibatches", "list"): """
def minibatches(n, batch_size, rng):
    indices = np.arange(n)
    rng.shuffle(indices)
    return np.split(indices, range(batch_size, n, batch_size))
""",
    ("train", "plain"): """
def train(X, y, sizes, lr, epochs, batch_size, rng):
    params = init_params(sizes, rng, "he")
    history = {"loss": []}
    for _ in range(epochs):
        losses = []
        for index in minibatches(len(X), batch_size, rng):
            loss, grads = loss_and_grads(params, X[index], y[index])
            params = sgd_step(params, grads, lr)
            losses.append(loss)
        history["loss"].append(np.mean(losses))
    return params, history
""",
    ("train", "loss at the end"): """
def train(X, y, sizes, lr, epochs, batch_size, rng):
    params, losses = init_params(sizes, rng, "he"), []
    for epoch in range(epochs):
        for rows in list(minibatches(X.shape[0], batch_size, rng)):
            grads = loss_and_grads(params, X[rows], y[rows])[1]
            params = sgd_step(params, grads, lr)
        losses.append(loss_and_grads(params, X, y)[0])
    return params, {"loss": losses}
""",
    ("sanity_checks", "plain"): """
def sanity_checks(params, X, y):
    initial, _ = loss_and_grads(params, X, y)
    zero, _ = loss_and_grads(params, np.zeros_like(X), y)
    few = [(W.copy(), b.copy()) for W, b in params]
    for _ in range(500):
        _, grads = loss_and_grads(few, X[:10], y[:10])
        few = sgd_step(few, grads, 0.1)
    overfit, _ = loss_and_grads(few, X[:10], y[:10])
    K = params[-1][1].size
    first = {"initial_loss": initial, "expected_loss": np.log(K)}
    return {**first, "zero_input_loss": zero, "overfit_loss": overfit}
""",
    ("sanity_checks", "own step"): """
def sanity_checks(params, X, y):
    out = {"initial_loss": float(loss_and_grads(params, X, y)[0])}
    out["expected_loss"] = float(-np.log(1 / params[-1][0].shape[1]))
    out["zero_input_loss"] = float(loss_and_grads(params, 0 * X, y)[0])
    Ws = [np.array(W) for W, _ in params]
    bs = [np.array(b) for _, b in params]
    for _ in range(500):
        grads = loss_and_grads(list(zip(Ws, bs)), X[:10], y[:10])[1]
        for l in range(len(Ws)):
            Ws[l] -= 0.1 * grads[l][0]
            bs[l] -= 0.1 * grads[l][1]
    out["overfit_loss"] = loss_and_grads(list(zip(Ws, bs)), X[:10], y[:10])[0]
    return out
""",
}

MUTANTS = (
    *singles("sgd_step", "plain", "any", ((("W - lr", "W + lr"), ("b - lr", "b + lr")), "sign")),
    *singles(
        "sgd_step",
        "copies",
        "any",
        ("params[i][0].copy(), params[i][1].copy()", "params[i]", "mutates_arguments"),
    ),
    *singles("sgd_step", "copies", "any", ((("W -= lr", "W += lr"), ("b -= lr", "b += lr")), "sign")),
)

UNKNOWN = (
    *unknowns("sgd_step", "plain", ("W - lr * dW", "W - lr ** 2 * dW", "wrong power of the rate")),
    *unknowns(
        "sgd_step", "plain", ("W - lr * dW", "W * (1 - lr * dW)", "a step in proportion to the weight")
    ),
    *unknowns(
        "minibatches",
        "generator",
        ("range(0, n, batch_size)", "range(0, n - batch_size + 1, batch_size)", "the short batch is lost"),
    ),
    *unknowns("minibatches", "list", ("    rng.shuffle(indices)\n", "", "never shuffled")),
    *unknowns("sanity_checks", "plain", ("np.log(K)", "np.log2(K)", "the wrong logarithm")),
    *unknowns("sanity_checks", "plain", ("np.zeros_like(X)", "np.ones_like(X)", "ones for zeros")),
)
