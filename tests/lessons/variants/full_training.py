"""Known student answers to lesson ``full_training`` and the verdict that each must get.

Each answer replaces one solution cell; the other five stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _init(*body: str) -> str:
    return function("init_params(sizes, rng, kind)", *body)


def _drawn(std: str, draw: str = "rng.normal(0, std, (n, m))", bias: str = "np.zeros(m)") -> str:
    return _init(
        "params = []",
        "for n, m in zip(sizes, sizes[1:]):",
        f"    std = {std}",
        f"    params.append(({draw}, {bias}))",
        "return params",
    )


STD = "{'he': 2 / n, 'glorot': 2 / (n + m), 'zeros': 0}[kind] ** 0.5"


def _batches(*body: str) -> str:
    return function("minibatches(n, batch_size, rng)", *body)


def _cut(order: str, stop: str = "n") -> str:
    return _batches(
        f"order = {order}", f"for i in range(0, {stop}, batch_size):", "    yield order[i:i + batch_size]"
    )


def _step(*body: str) -> str:
    return function("sgd_step(params, grads, lr)", *body)


def _gradients(
    output: str = "(P - np.eye(P.shape[1])[y]) / len(y)",
    dW: str = "As[l].T @ delta",
    db: str = "delta.sum(axis=0)",
    slope: str = " * (Zs[l - 1] > 0)",
    back: str = "delta @ params[l][0].T",
    loss: str = "-np.log(P[np.arange(len(y)), y]).mean()",
    start: str = "",
) -> str:
    return function(
        "loss_and_grads(params, X, y)",
        *([start] if start else []),
        "Zs, As = forward(params, X)",
        "P = np.exp(log_softmax(Zs[-1]))",
        f"loss, grads = {loss}, []",
        f"delta = {output}",
        "for l in range(len(params) - 1, -1, -1):",
        f"    grads.append(({dW}, {db}))",
        "    if l:",
        f"        delta = ({back}){slope}",
        "return loss, grads[::-1]",
    )


def _train(
    start: str = 'init_params(sizes, rng, "he")',
    batches: str = "minibatches(len(X), batch_size, rng)",
    pairing: str = "X[i], y[i]",
    update: str = "params = sgd_step(params, grads, lr)",
    note: str = "losses.append(loss)",
    mean: str = "sum(losses) / max(len(losses), 1)",
    end: str = "return params, history",
) -> str:
    return function(
        "train(X, y, sizes, lr, epochs, batch_size, rng)",
        f"params, history = {start}, {{'loss': []}}",
        "for e in range(epochs):",
        "    losses = []",
        f"    for i in {batches}:",
        f"        loss, grads = loss_and_grads(params, {pairing})",
        f"        {update}",
        f"        {note}",
        f"    history['loss'].append({mean})",
        end,
    )


def _sanity(
    expected: str = "np.log(params[-1][1].size)",
    zero: str = "loss(params, np.zeros(X.shape), y)",
    few: str = "X[:10], y[:10]",  # trained on, and asked
    steps: int = 500,
    initial: str = "loss(params, X, y)",
) -> str:
    return function(
        "sanity_checks(params, X, y)",
        "loss = lambda *at: loss_and_grads(*at)[0]",
        "net = params",
        f"for _ in range({steps}):",
        f"    net = sgd_step(net, loss_and_grads(net, {few})[1], 0.1)",
        f"return dict(initial_loss={initial}, expected_loss={expected},",
        f"            zero_input_loss={zero}, overfit_loss=loss(net, {few}))",
    )


RIGHT = (
    Variant("even draws", "init_params", _drawn(STD, "rng.uniform(-1, 1, (n, m)) * std * 3**0.5"), "pass"),
    Variant(
        "all batches in a list",
        "minibatches",
        _batches(
            "order = np.arange(n)",
            "rng.shuffle(order)",
            "return np.split(order, range(batch_size, n, batch_size))",
        ),
        "pass",
    ),
    Variant(
        "copies changed in place",
        "sgd_step",
        _step(
            "new = [(W.copy(), b.copy()) for W, b in params]",
            "for (W, b), (dW, db) in zip(new, grads):",
            "    W -= lr * dW",
            "    b -= lr * db",
            "return new",
        ),
        "pass",
    ),
    Variant("P - Y and one-hot rows", "loss_and_grads", _gradients(), "pass"),
    Variant(
        "1/B at each gradient, masks in place",
        "loss_and_grads",
        function(
            "loss_and_grads(params, X, y)",
            "Zs, As = forward(params, X)",
            "n, out = len(y), [None] * len(params)",
            "d = np.exp(log_softmax(Zs[-1]))",
            "loss = -np.log(d[range(n), y]).sum() / n",
            "d[range(n), y] -= 1",
            "for l in range(len(params))[::-1]:",
            "    out[l] = (As[l].T.dot(d) / n, d.sum(0) / n)",
            "    d = d.dot(params[l][0].T)",
            "    if l:",
            "        d[As[l] <= 0] = 0",
            "return loss, out",
        ),
        "pass",
    ),
    Variant(
        "float32 on the way",
        "loss_and_grads",
        _gradients(
            start="X, params = np.float32(X), [(np.float32(W), np.float32(b)) for W, b in params]",
            output="(P - np.eye(P.shape[1], dtype=np.float32)[y]) / np.float32(len(y))",
        ),
        "pass",
        note="float32",
    ),
    Variant("one mean over the batches", "train", _train(), "pass"),
    Variant(
        "the loss on all data",
        "train",
        _train(mean="loss_and_grads(params, X, y)[0]"),
        "pass",
    ),
    Variant(
        "each batch by its size",
        "train",
        _train(note="losses.append(loss * len(i))", mean="sum(losses) / len(X)"),
        "pass",
    ),
    Variant("zeros of the shape of X", "sanity_checks", _sanity(), "pass"),
)


WRONG_TURNS = (
    Variant(
        "the variance drawn",
        "init_params",
        _drawn(STD.removesuffix(" ** 0.5")),
        "partial",
        ("variance_for_std",),
    ),
    Variant(
        "even draws up to the std",
        "init_params",
        _drawn(STD, "rng.uniform(-std, std, (n, m))"),
        "partial",
        ("std_as_uniform_limit",),
    ),
    Variant(
        "he for every kind",
        "init_params",
        _drawn("(2 / n) ** 0.5"),
        "partial",
        ("kind_ignored",),
        share=2 / 3,
    ),
    Variant(
        "biases drawn too",
        "init_params",
        _drawn(STD, bias="rng.normal(0, std, m)"),
        "partial",
        ("biases_not_zero",),
    ),
    Variant(
        "a generator of its own",
        "init_params",
        _drawn(STD, "np.random.default_rng(0).normal(0, std, (n, m))"),
        "partial",
        ("rng_ignored",),
    ),
    Variant(
        "full batches only",
        "minibatches",
        _cut("rng.permutation(n)", "n - batch_size + 1"),
        "partial",
        ("last_batch_dropped",),
        share=1 / 3,
    ),
    Variant("as in the file", "minibatches", _cut("np.arange(n)"), "partial", ("not_shuffled",), share=2 / 3),
    Variant(
        "drawn with replacement",
        "minibatches",
        _cut("rng.integers(0, n, n)"),
        "partial",
        ("drawn_with_replacement",),
        share=2 / 3,
    ),
    Variant(
        "that many batches",
        "minibatches",
        _batches("return np.array_split(rng.permutation(n), batch_size)"),
        "partial",
        ("batch_size_as_count",),
        share=2 / 3,
    ),
    Variant(
        "batches shuffled, not examples",
        "minibatches",
        _batches(
            "pieces = np.split(np.arange(n), range(batch_size, n, batch_size))",
            "return [pieces[i] for i in rng.permutation(len(pieces))]",
        ),
        "partial",
        ("batches_shuffled_only",),
        share=1 / 3,
    ),
    Variant(
        "uphill",
        "sgd_step",
        _step("return [(W + lr * dW, b + lr * db) for (W, b), (dW, db) in zip(params, grads)]"),
        "fail",
        ("sign",),
    ),
    Variant(
        "the rate left out",
        "sgd_step",
        _step("return [(W - dW, b - db) for (W, b), (dW, db) in zip(params, grads)]"),
        "fail",
        ("lr_missing",),
    ),
    Variant(
        "into the caller's arrays",
        "sgd_step",
        _step(
            "for (W, b), (dW, db) in zip(params, grads):",
            "    W -= lr * dW",
            "    b -= lr * db",
            "return params",
        ),
        "partial",
        ("mutates_arguments",),
    ),
    Variant("no gate", "loss_and_grads", _gradients(slope=""), "partial", ("missing_slope",), share=1 / 3),
    Variant(
        "no 1/B",
        "loss_and_grads",
        _gradients(output="P - np.eye(P.shape[1])[y]"),
        "fail",
        ("missing_1_over_n",),
    ),
    Variant(
        "the gate on what comes back",
        "loss_and_grads",
        _gradients(slope=" * (delta @ params[l][0].T > 0)"),
        "partial",
        ("relu_gate_on_upstream",),
        share=1 / 3,
    ),
    Variant(
        "the forward matrix",
        "loss_and_grads",
        _gradients(back="delta @ params[l][0]"),
        "error",
        ("weights_transposed",),
    ),
    Variant(
        "the mean for the biases",
        "loss_and_grads",
        _gradients(db="delta.mean(axis=0)"),
        "partial",
        ("extra_1_over_n",),
    ),
    Variant(
        "slope of softmax again",
        "loss_and_grads",
        _gradients(output="(P - np.eye(P.shape[1])[y]) * P * (1 - P) / len(y)"),
        "fail",
        ("slope_extra_at_output",),
    ),
    Variant(
        "nudged",
        "loss_and_grads",
        function(
            "loss_and_grads(params, X, y)",
            "L = lambda: -log_softmax(forward(params, X)[0][-1])[np.arange(len(y)), y].mean()",
            "def slopes(array):",
            "    found = np.zeros(array.shape)",
            "    for i in np.ndindex(array.shape):",
            "        old = array[i]",
            "        array[i] = old + 1e-5",
            "        up = L()",
            "        array[i] = old - 1e-5",
            "        found[i] = (up - L()) / 2e-5",
            "        array[i] = old",
            "    return found",
            "return L(), [(slopes(W), slopes(b)) for W, b in params]",
        ),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "the step is not kept",
        "train",
        _train(update="sgd_step(params, grads, lr)"),
        "fail",
        ("left_as_it_was",),
    ),
    Variant(
        "a seed of its own",
        "train",
        _train(
            start='init_params(sizes, np.random.default_rng(0), "he")',
            batches="minibatches(len(X), batch_size, np.random.default_rng(0))",
        ),
        "partial",
        ("rng_ignored",),
    ),
    Variant(
        "a seed of its own for the weights alone",
        "train",
        _train(start='init_params(sizes, np.random.default_rng(0), "he")'),
        "partial",
        ("rng_ignored",),
    ),
    Variant(
        "a Glorot start",
        "train",
        _train(start='init_params(sizes, rng, "glorot")'),
        "partial",
        ("kind_ignored",),
        share=6 / 7,
    ),
    Variant(
        "one order for all epochs",
        "train",
        _train(batches="dealt").replace(
            "    for e in", "    dealt = list(minibatches(len(X), batch_size, rng))\n    for e in"
        ),
        "partial",
        ("not_shuffled",),
        share=6 / 7,
    ),
    Variant(
        "the losses added up",
        "train",
        _train(mean="sum(losses)"),
        "partial",
        ("missing_1_over_n",),
        share=6 / 7,
    ),
    Variant(
        "the loss of the last batch",
        "train",
        _train(mean="losses[-1]"),
        "partial",
        ("one_batch_only",),
        share=6 / 7,
    ),
    Variant(
        "the loss before the last step",
        "sanity_checks",
        _sanity(steps=499),
        "partial",
        ("history_off_by_one",),
        share=0.75,
    ),
    Variant(
        "all examples by heart, ten asked",
        "sanity_checks",
        _sanity(few="X, y").replace("loss(net, X, y)", "loss(net, X[:10], y[:10])"),
        "partial",
        ("overfit_all_examples",),
        share=0.75,
    ),
    Variant(
        "the logarithm to base 2",
        "sanity_checks",
        _sanity(expected="np.log2(params[-1][1].size)"),
        "partial",
        ("log_base",),
        share=0.75,
    ),
    Variant(
        "labels that occur",
        "sanity_checks",
        _sanity(expected="np.log(len(set(y)))"),
        "partial",
        ("counts_labels_seen",),
        share=0.75,
    ),
    Variant(
        "all examples by heart",
        "sanity_checks",
        _sanity(few="X, y"),
        "partial",
        ("overfit_all_examples",),
        share=0.75,
    ),
    Variant(
        "the input left in",
        "sanity_checks",
        _sanity(zero="loss(params, X, y)"),
        "partial",
        ("input_not_zero",),
        share=0.75,
    ),
)


UNKNOWN = (
    Variant("no root and a half", "init_params", _drawn("2 / (n + 3 * m)"), "partial"),
    Variant(
        "the rate squared",
        "sgd_step",
        _step("return [(W - lr**2 * dW, b - lr**2 * db) for (W, b), (dW, db) in zip(params, grads)]"),
        "fail",
    ),
    Variant(
        "the error cubed",
        "loss_and_grads",
        _gradients(output="(P - np.eye(P.shape[1])[y]) ** 3 / len(y)"),
        "fail",
    ),
    Variant(
        "ones for zeros",
        "sanity_checks",
        _sanity(zero="loss(params, np.ones(X.shape), y)"),
        "partial",
        share=0.75,
    ),
    Variant("labels of other examples", "train", _train(pairing="X[i], y[i[::-1]]"), "partial", share=1 / 7),
)


ROBUST = (
    Variant("a kind that is not there", "init_params", _drawn("{'He': 1}[kind]"), "error", note="KeyError"),
    Variant(
        "numbers for batches", "minibatches", _batches("return rng.permutation(n)"), "partial", share=1 / 3
    ),
    Variant("nothing yielded", "minibatches", _batches("rng.permutation(n)"), "ungradable", note="None"),
    Variant(
        "endless batches",
        "minibatches",
        _batches("order = rng.permutation(n)", "while True:", "    yield order[:batch_size]"),
        "ungradable",
        note="10000",
    ),
    Variant(
        "a generator of pairs",
        "sgd_step",
        _step("return ((W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads))"),
        "ungradable",
        note="generator",
    ),
    Variant(
        "returns nothing",
        "loss_and_grads",
        function("loss_and_grads(params, X, y)", "forward(params, X)"),
        "ungradable",
        note="None",
    ),
    Variant(
        "the gradients alone",
        "loss_and_grads",
        _gradients().replace("return loss, ", "return "),
        "ungradable",
    ),
    Variant(
        "labels out of range",
        "loss_and_grads",
        _gradients(loss="-np.log(P[np.arange(len(y)), y + 1]).mean()"),
        "error",
        note="IndexError",
    ),
    Variant(
        "prints every loss",
        "loss_and_grads",
        _gradients().replace("    return", "    print(loss)\n    return"),
        "pass",
    ),
    Variant(
        "a batch larger than the data",
        "train",
        _train(batches="[rng.choice(len(X), 1 + len(X), replace=False)]"),
        "error",
        note="ValueError",
    ),
    Variant(
        "diverges", "train", _train(update="params = sgd_step(params, grads, 1e3 * lr)"), "fail", note=""
    ),
    Variant("takes minutes", "train", "import time\n" + _train(note="time.sleep(1)"), "timeout"),
    Variant("no history", "train", _train(end="return params"), "ungradable", note="pair"),
    Variant(
        "keys of its own",
        "sanity_checks",
        _sanity().replace("initial_loss=", "initial=").replace("overfit_loss=", "overfit="),
        "ungradable",
        note="keys",
    ),
    Variant(
        "untouched",
        "train",
        function(
            "train(X, y, sizes, lr, epochs, batch_size, rng)",
            "# YOUR CODE HERE",
            "raise NotImplementedError()",
        ),
        "not_started",
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
