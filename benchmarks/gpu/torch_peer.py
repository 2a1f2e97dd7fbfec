#!/usr/bin/env python3
"""PyTorch's side of the comparison: the same operations on the same shapes, timed by CUDA events.

Answers one JSON object a line on stdin with one a line on stdout; an answer with "error" says why something was not done.
    {"do": "hello"}                      -> {"description": "..."}
    {"do": "prepare", "key": "gemm NN", "sizes": [..], "type": "f32", "copies": 4, "sample": 0.02}
                                         -> {"graph": true, "problem": null}
    {"do": "time", "mode": "eager"}      -> {"seconds": of one run}
    {"do": "peak", "type": "bf16"}       -> {"flops": a second}
    {"do": "release"}                    -> {}
"copies" sets of operands take turns, as many as ours has, so that no cache holds them.

    taas-gpu-bench --list | python3 torch_peer.py --self-check     needs no PyTorch: is every case known, and is the talk as above?
"""
import json
import math
import sys

# Batch of the training step is its only size; model and optimizer are the example's.
CNN_RATE, CNN_MOMENTUM = 0.001, 0.9


def operations(torch):
    """Name of an operation -> function of its sizes and type that makes operands and gives what one run calls."""
    functional = torch.nn.functional
    aten = torch.ops.aten

    def values(*shape):
        return torch.rand(shape, device="cuda") - 0.5

    def labels(count, classes):
        return torch.arange(count, device="cuda") % classes

    def rounded(tensor, kind):
        return tensor.to({"bf16": torch.bfloat16, "f16": torch.float16}.get(kind, torch.float32))

    def gemm(sizes, kind):
        m, n, k, turn_a, turn_b = sizes
        a = rounded(values(k, m) if turn_a else values(m, k), kind)
        b = rounded(values(n, k) if turn_b else values(k, n), kind)
        left, right = a.t() if turn_a else a, b.t() if turn_b else b
        out = torch.empty(m, n, device="cuda", dtype=a.dtype)
        return lambda: torch.mm(left, right, out=out)

    def linear(sizes, kind):
        m, n, k = sizes
        x, w, bias = rounded(values(m, k), kind), rounded(values(n, k), kind), rounded(values(n), kind)
        return lambda: torch.relu_(functional.linear(x, w, bias))

    def convolution(sizes, kind, direction):
        images, channels, side, filters, size = sizes
        pad = size // 2
        x = rounded(values(images, channels, side, side), kind)
        w = rounded(values(filters, channels, size, size), kind)
        if direction == "forward":
            return lambda: functional.conv2d(x, w, padding=pad)
        dy = rounded(values(images, filters, side, side), kind)
        wanted = [direction == "backward-data", direction == "backward-filter", False]
        return lambda: aten.convolution_backward(dy, x, w, None, [1, 1], [pad, pad], [1, 1], False, [0, 0], 1, wanted)

    def pool(sizes, run):
        x = values(*sizes)
        small = [sizes[0], sizes[1], sizes[2] // 2, sizes[3] // 2]
        return run(x, small, values(sizes[1]).view(1, -1, 1, 1))

    def max_backward(x, small, _):
        at = functional.max_pool2d(x, 2, return_indices=True)[1]
        dy = values(*small)
        return lambda: aten.max_pool2d_with_indices_backward(dy, x, [2, 2], [2, 2], [0, 0], [1, 1], False, at)

    def average_backward(x, small, _):
        dy = values(*small)
        return lambda: aten.avg_pool2d_backward(dy, x, [2, 2], [2, 2], [0, 0], False, True, None)

    def fused_backward(x, small, bias):
        active = torch.relu(x + bias)
        at = functional.max_pool2d(active, 2, return_indices=True)[1]
        dy = values(*small)

        def run():
            gradient = aten.max_pool2d_with_indices_backward(dy, active, [2, 2], [2, 2], [0, 0], [1, 1], False, at)
            gradient = aten.threshold_backward(gradient, active, 0)
            return gradient, gradient.sum((0, 2, 3))

        return run

    def unary(sizes, function):
        x, y = values(*sizes), torch.empty(*sizes, device="cuda")
        return lambda: function(x, y)

    def slope(sizes, function):
        x, dy, dx = values(*sizes), values(*sizes), torch.empty(*sizes, device="cuda")
        return lambda: function(x, dy, dx)

    def reduce(sizes, function):
        x = values(*sizes)
        return lambda: function(x)

    def softmax_backward(sizes):
        y, dy = torch.softmax(values(*sizes), 1), values(*sizes)
        return lambda: aten._softmax_backward_data(dy, y, 1, torch.float32)

    def cross_entropy(sizes):
        rows, classes = sizes
        x, target = values(rows, classes).requires_grad_(), labels(rows, classes)
        return lambda: torch.autograd.grad(functional.cross_entropy(x, target), x)

    def batch(sizes, run):
        c = sizes[1]
        return run(values(*sizes), values(c), values(c), torch.zeros(c, device="cuda"), torch.ones(c, device="cuda"))

    def batch_backward(x, gamma, beta, mean, variance):
        # By name: a tape made before would run its backward on another stream, which no graph captures. functional.batch_norm takes cuDNN's too.
        forward = aten.cudnn_batch_norm(x, gamma, beta, mean, variance, True, 0.1, 1e-5)
        dy = torch.rand_like(x)
        return lambda: aten.cudnn_batch_norm_backward(x, dy, gamma, mean, variance, forward[1], forward[2], 1e-5, forward[3])

    def layer(sizes, backward):
        x, gamma, beta, d = values(*sizes), values(sizes[1]), values(sizes[1]), [sizes[1]]
        if not backward:
            return lambda: aten.native_layer_norm(x, d, gamma, beta, 1e-5)
        forward = aten.native_layer_norm(x, d, gamma, beta, 1e-5)
        dy = torch.rand_like(x)
        return lambda: aten.native_layer_norm_backward(dy, x, d, forward[1], forward[2], gamma, beta, [True, True, True])

    def optimizer(sizes, make):
        parameters = [torch.nn.Parameter(values(size)) for size in sizes]
        for parameter in parameters:
            parameter.grad = values(parameter.numel())
        return make(parameters).step

    def training_step(sizes, kind):
        batch_size = sizes[0]
        nn = torch.nn
        model = nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 7 * 7, 512), nn.ReLU(), nn.Linear(512, 10)).cuda()
        sgd = torch.optim.SGD(model.parameters(), CNN_RATE, CNN_MOMENTUM, fused=True)
        samples, target = values(batch_size, 1, 28, 28), labels(batch_size, 10)
        autocast = torch.autocast("cuda", dtype=torch.bfloat16, enabled=kind == "bf16", cache_enabled=False)

        def run():
            sgd.zero_grad(set_to_none=True)
            with autocast:
                loss = functional.cross_entropy(model(samples), target)
            loss.backward()
            sgd.step()

        return run

    def copy_transposed(sizes):
        x, y = values(*sizes), torch.empty(sizes[1], sizes[0], device="cuda")
        return lambda: y.copy_(x.t())

    def pair(sizes, function):
        a, b, y = values(*sizes), values(*sizes), torch.empty(*sizes, device="cuda")
        return lambda: function(a, b, y)

    def add_row(sizes):
        x, row, y = values(*sizes), values(sizes[1]), torch.empty(*sizes, device="cuda")
        return lambda: torch.add(x, row, out=y)

    def fill(sizes, function):
        y = torch.empty(*sizes, device="cuda")
        return lambda: function(y)

    table = {
        "gemm NN": gemm, "gemm NT": gemm, "gemm TN": gemm,
        "gemm linear+bias+relu": linear,
        "conv2d forward": lambda s, t: convolution(s, t, "forward"),
        "conv2d backward-data": lambda s, t: convolution(s, t, "backward-data"),
        "conv2d backward-filter": lambda s, t: convolution(s, t, "backward-filter"),
        "pool2d max forward": lambda s, t: pool(s, lambda x, *_: lambda: functional.max_pool2d(x, 2, return_indices=True)),
        "pool2d max backward": lambda s, t: pool(s, max_backward),
        "pool2d average forward": lambda s, t: pool(s, lambda x, *_: lambda: functional.avg_pool2d(x, 2)),
        "pool2d average backward": lambda s, t: pool(s, average_backward),
        "pool2d bias+relu+max forward": lambda s, t: pool(s, lambda x, _, bias: lambda: functional.max_pool2d(torch.relu_(x + bias), 2, return_indices=True)),
        "pool2d bias+relu+max backward": lambda s, t: pool(s, fused_backward),
        "vector-add a+b": lambda s, t: pair(s, lambda a, b, y: torch.add(a, b, out=y)),
        "elementwise multiply": lambda s, t: pair(s, lambda a, b, y: torch.mul(a, b, out=y)),
        "elementwise add-row": lambda s, t: add_row(s),
        "elementwise scale": lambda s, t: unary(s, lambda x, y: torch.mul(x, 1.5, out=y)),
        "elementwise axpy": lambda s, t: unary(s, lambda x, y: y.add_(x, alpha=1e-3)),
        "elementwise copy": lambda s, t: unary(s, lambda x, y: y.copy_(x)),
        "elementwise transposed-copy": lambda s, t: copy_transposed(s),
        "activation relu": lambda s, t: unary(s, lambda x, y: torch.clamp_min(x, 0, out=y)),
        "activation leaky-relu": lambda s, t: unary(s, lambda x, y: aten.leaky_relu.out(x, 0.01, out=y)),
        "activation gelu": lambda s, t: unary(s, lambda x, y: aten.gelu.out(x, approximate="none", out=y)),
        "activation sigmoid": lambda s, t: unary(s, lambda x, y: torch.sigmoid(x, out=y)),
        "activation tanh": lambda s, t: unary(s, lambda x, y: torch.tanh(x, out=y)),
        "activation exp": lambda s, t: unary(s, lambda x, y: torch.exp(x, out=y)),
        "activation relu-backward": lambda s, t: slope(s, lambda x, dy, dx: aten.threshold_backward.grad_input(dy, x, 0, grad_input=dx)),
        "activation gelu-backward": lambda s, t: slope(s, lambda x, dy, dx: aten.gelu_backward.grad_input(dy, x, approximate="none", grad_input=dx)),
        "activation sigmoid-backward": lambda s, t: slope(s, lambda y, dy, dx: aten.sigmoid_backward.grad_input(dy, y, grad_input=dx)),
        "activation tanh-backward": lambda s, t: slope(s, lambda y, dy, dx: aten.tanh_backward.grad_input(dy, y, grad_input=dx)),
        "reduction sum-rows": lambda s, t: reduce(s, lambda x: x.sum(1)),
        "reduction max-rows": lambda s, t: reduce(s, lambda x: x.amax(1)),
        "reduction sum-columns": lambda s, t: reduce(s, lambda x: x.sum(0)),
        "reduction sum-all": lambda s, t: reduce(s, lambda x: x.sum()),
        "reduction sum-channels": lambda s, t: reduce(s, lambda x: x.sum((0, 2, 3))),
        "reduction argmax-rows": lambda s, t: reduce(s, lambda x: x.argmax(1)),
        "softmax forward": lambda s, t: unary(s, lambda x, y: torch.softmax(x, 1, out=y)),
        "softmax backward": lambda s, t: softmax_backward(s),
        "softmax log-forward": lambda s, t: unary(s, lambda x, y: torch.log_softmax(x, 1, out=y)),
        "softmax cross-entropy": lambda s, t: cross_entropy(s),
        "normalization batch-forward": lambda s, t: batch(s, lambda x, g, b, m, v: lambda: functional.batch_norm(x, m, v, g, b, True, 0.1, 1e-5)),
        "normalization batch-backward": lambda s, t: batch(s, batch_backward),
        "normalization batch-inference": lambda s, t: batch(s, lambda x, g, b, m, v: lambda: functional.batch_norm(x, m, v, g, b, False, 0.1, 1e-5)),
        "normalization layer-forward": lambda s, t: layer(s, False),
        "normalization layer-backward": lambda s, t: layer(s, True),
        "random uniform": lambda s, t: fill(s, lambda y: y.uniform_(-1, 1)),
        "random normal": lambda s, t: fill(s, lambda y: y.normal_(0, 1)),
        "random dropout": lambda s, t: unary(s, lambda x, y: functional.dropout(x, 0.5)),
        "optimizer sgd+momentum": lambda s, t: optimizer(s, lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9, fused=True)),
        "optimizer adam": lambda s, t: optimizer(s, lambda p: torch.optim.Adam(p, 1e-3, fused=True, capturable=True)),
        "training-step fashion-mnist cnn": training_step,
    }
    return table


class CudaTimer:
    """Times what an operation's table makes, on PyTorch's current GPU."""

    def __init__(self, torch):
        self.torch, self.table = torch, operations(torch)
        self.runs, self.graph, self.passes = [], None, {}
        torch.backends.cudnn.benchmark = True

    def describe(self):
        torch = self.torch
        return f"PyTorch {torch.__version__}, CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}, {torch.cuda.get_device_name()}"

    def prepare(self, key, sizes, kind, copies, sample):
        torch = self.torch
        # tf32 is the only type that is a switch in PyTorch; convolutions have it on unless told otherwise.
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = kind == "tf32"
        make = self.table[key]
        self.runs = [make(sizes, kind) for _ in range(copies)]
        problem = self.capture()
        self.passes = {"eager": self.calibrate(self.eager_pass, sample)}
        if self.graph is not None:
            self.passes["graph"] = self.calibrate(self.graph.replay, sample)
        return {"graph": self.graph is not None, "problem": problem}

    def eager_pass(self):
        for run in self.runs:
            run()

    def capture(self):
        """One graph of a run on each set of operands. Gives the problem where there can be none."""
        torch = self.torch
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.eager_pass()
        torch.cuda.current_stream().wait_stream(stream)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self.eager_pass()
        except RuntimeError as error:
            torch.cuda.synchronize()
            return f"no CUDA graph: {first_line(error)}"
        self.graph = graph
        return None

    def calibrate(self, once, sample):
        once()
        return calibrated(lambda passes: self.measure(once, passes), sample)

    def measure(self, once, passes):
        torch = self.torch
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        torch.cuda.synchronize()
        start.record()
        for _ in range(passes):
            once()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1e3

    def time(self, mode):
        once = self.graph.replay if mode == "graph" else self.eager_pass
        passes = self.passes[mode]
        return self.measure(once, passes) / (passes * len(self.runs))

    def peak(self, kind):
        side = 8192
        self.prepare("gemm NN", [side, side, side, 0, 0], kind, 1, 0.1)
        best = min(self.time("eager") for _ in range(3))
        self.release()
        return 2.0 * side ** 3 / best

    def release(self):
        self.runs, self.graph, self.passes = [], None, {}
        self.torch.cuda.empty_cache()


def calibrated(measure, sample):
    """Passes that take at least the sample's seconds, by doubling."""
    passes = 1
    while True:
        seconds = measure(passes)
        if seconds >= sample or passes >= 1 << 20:
            return max(1, math.ceil(passes * sample / max(seconds, 1e-9)))
        passes *= 2


def first_line(error):
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def answer(timer, question):
    """One question's answer."""
    do = question.get("do")
    if do == "hello":
        return {"description": timer.describe()}
    if do == "prepare":
        if question["key"] not in timer.table:
            return {"error": f"PyTorch's side knows no '{question['key']}'"}
        return timer.prepare(question["key"], question["sizes"], question["type"], question["copies"], question["sample"])
    if do == "time":
        return {"seconds": timer.time(question["mode"])}
    if do == "peak":
        return {"flops": timer.peak(question["type"])}
    if do == "release":
        timer.release()
        return {}
    return {"error": f"no such question: {do}"}


def serve(timer, questions, answers):
    """Answers until the questions end. A failure of one is its answer."""
    for line in questions:
        try:
            reply = answer(timer, json.loads(line))
        except Exception as error:  # whatever PyTorch throws belongs to this case alone
            reply = {"error": first_line(error)}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def connect():
    """A timer, or what says why there is none: {"error": ...} to every question."""
    try:
        import torch
    except ImportError:
        return Unavailable("PyTorch is not installed for this Python")
    if not torch.cuda.is_available():
        return Unavailable(f"PyTorch {torch.__version__} sees no GPU")
    return CudaTimer(torch)


class Unavailable:
    """Stands where there is no timer."""

    table = {}

    def __init__(self, why):
        self.why = why

    def describe(self):
        raise RuntimeError(self.why)

    def release(self):
        raise RuntimeError(self.why)


def self_check(cases):
    """Every case is in the table with sizes it can read, and the talk keeps to its form; without PyTorch."""
    import io
    from unittest import mock

    # Building the table and operands only calls the library; what it returns does not matter here.
    torch = mock.MagicMock()
    table = operations(torch)
    count = 0
    for line in cases:
        case = json.loads(line)
        assert case["key"] in table, f"PyTorch's side knows no '{case['key']}'"
        run = table[case["key"]](case["sizes"], case["type"])
        assert callable(run), case
        count += 1
    assert count > 0, "no cases came on stdin: taas-gpu-bench --list | torch_peer.py --self-check"
    used = calibrated(lambda passes: passes * 0.003, 0.02)
    assert used == 7, f"7 passes of 3 ms fill 20 ms, not {used}"

    class Scripted:
        table = {"gemm NN": None}

        def describe(self):
            return "scripted"

        def prepare(self, key, sizes, kind, copies, sample):
            return {"graph": copies > 1, "problem": None}

        def time(self, mode):
            raise RuntimeError(f"no {mode}\nmore lines")

        def release(self):
            pass

    questions = [
        ({"do": "hello"}, {"description": "scripted"}),
        ({"do": "prepare", "key": "gemm NN", "sizes": [1], "type": "f32", "copies": 2, "sample": 1}, {"graph": True, "problem": None}),
        ({"do": "prepare", "key": "unknown"}, {"error": "PyTorch's side knows no 'unknown'"}),
        ({"do": "time", "mode": "eager"}, {"error": "no eager"}),
        ({"do": "release"}, {}),
        ({"do": "dance"}, {"error": "no such question: dance"}),
    ]
    out = io.StringIO()
    serve(Scripted(), [json.dumps(question) for question, _ in questions], out)
    replies = [json.loads(line) for line in out.getvalue().splitlines()]
    assert replies == [expected for _, expected in questions], replies
    print(f"torch_peer: {count} cases known, {len(questions)} questions answered as they should")


if __name__ == "__main__":
    if "--self-check" in sys.argv[1:]:
        self_check(sys.stdin)
    else:
        serve(connect(), sys.stdin, sys.stdout)
