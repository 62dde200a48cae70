"""Faults put into the kernels, one at a time: each must turn the comparison with the cell red.

A mutant is a place in a kernel's source and what stands there instead. The comparison is the one of `test_kernels`.
"""

import importlib
import importlib.util
import sys

import keras
import pytest

from seqtasks.layers import Bidirectional
from tests.layers.drawing import MASK, layer, states
from tests.layers.test_kernels import both, compared

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="kernels are TensorFlow's")

PACKAGE = "seqtasks.layers.kernels"
MODULES = ["gates", "gru", "layout", "lstm", "mgu", "recurrence", "rnn", "run", "scan"]

NO_DROPOUT = "gates.matrix_gradients(course.inputs, sums, ())"

MUTANTS = [
    # cell, module, what stands there, what stands there instead
    ("lstm", "lstm", "after = f * c + i * g", "after = f * c + g"),
    ("lstm", "lstm", "after = f * c + i * g", "after = i * c + f * g"),
    ("lstm", "lstm", "(o * tf.tanh(after), after)", "(o * after, after)"),
    ("lstm", "lstm", "tanh_c = tf.tanh(steps.after[1])", "tanh_c = tf.tanh(steps.before[1])"),
    ("lstm", "lstm", "of_c += of_h * of_after\n", "of_c = of_h * of_after\n"),
    ("lstm", "lstm", "return tanh_gradient(tanh_c, o), f", "return o, f"),
    ("lstm", "lstm", "sigmoid_gradient(i, g)", "sigmoid_gradient(i, f)"),
    ("lstm", "lstm", "sigmoid_gradient(f, steps.before[1])", "sigmoid_gradient(f, steps.after[1])"),
    ("lstm", "lstm", "tanh_gradient(g, i), sigmoid", "sigmoid_gradient(g, i), sigmoid"),
    ("lstm", "lstm", "sigmoid_gradient(o, tanh_c)", "sigmoid_gradient(o, steps.after[1])"),
    ("lstm", "lstm", "(of_c, of_c, of_c, of_h), of_sums", "(of_c, of_c, of_c, of_c), of_sums"),
    ("lstm", "lstm", "of_c * of_c_before), sums", "of_c), sums"),
    ("lstm", "lstm", "gates.matrix_gradients(steps.before[0]", "gates.matrix_gradients(steps.after[0]"),
    ("peephole", "lstm", "i + p_i * c", "i"),
    ("peephole", "lstm", "f + p_f * c", "f + p_i * c"),
    ("peephole", "lstm", "o + p_o * after", "o + p_o * c"),
    ("peephole", "lstm", "of_after + of_o * p_o", "of_after"),
    ("peephole", "lstm", "of_i * p_i, of_f * p_f]", "of_i * p_i]"),
    ("peephole", "lstm", "of_i * p_i, of_f * p_f]", "of_f * p_f]"),
    ("peephole", "lstm", "(of_o, after)", "(of_o, c)"),
    ("peephole", "lstm", "(of_i, c)", "(of_i, after)"),
    ("gru", "gru", "g + z * (h - g)", "h - z * (h - g)"),
    ("gru", "gru", "sums[-1] + r * u", "sums[-1] + u"),
    ("gru", "gru", "u = u + weights[-1] if", "u = u if"),
    ("gru", "gru", "tanh_gradient(g, 1 - z)", "tanh_gradient(g, z)"),
    ("gru", "gru", "steps.before[0] - g, of_x * u", "steps.after[0] - g, of_x * u"),
    ("gru", "gru", "steps.before[0] - g, of_x * u", "steps.before[0] - g, of_x"),
    ("gru", "gru", "return z, of_x, of_x * r, ", "return z, of_x, of_x, "),
    ("gru", "gru", "return (of_h * kept + ", "return (of_h + "),
    ("gru", "gru", "(*sums, of_h * of_x)\n", "(*sums, of_h * of_u)\n"),
    ("gru", "gru", "gates.cut(steps.saved[0], 2)[1]", "gates.cut(steps.saved[0], 2)[0]"),
    ("gru", "gru", "tf.ones([2 * cell.units]", "tf.zeros([2 * cell.units]"),
    ("mgu", "mgu", "tf.matmul(f * seen, weights[1])", "tf.matmul(f * h, weights[1])"),
    ("mgu", "mgu", "tf.matmul(f * seen, weights[1])", "tf.matmul(seen, weights[1])"),
    ("mgu", "mgu", "h + f * (g - h)", "g - f * (g - h)"),
    ("mgu", "mgu", "of_h * of_change + of_reset * of_seen_f", "of_h * of_change"),
    ("mgu", "mgu", "of_seen = of_reset * f + ", "of_seen = "),
    ("mgu", "mgu", "of_seen = of_seen * dropout[0]", "of_seen = of_seen"),
    ("mgu", "mgu", "of_h * kept + of_seen", "of_h + of_seen"),
    ("mgu", "mgu", "return f, 1 - f, ", "return f, f, "),
    ("mgu", "mgu", "sigmoid_gradient(f, g - h)", "sigmoid_gradient(f, h - g)"),
    ("mgu", "mgu", "seen = h * dropout[0] if dropout else h\n        return", "seen = h\n        return"),
    ("mgu", "mgu", "reset = steps.saved[0] * steps.before[0]", "reset = steps.before[0]"),
    ("mgu", "mgu", "sums[1:], dropout[1:])", "sums[1:], ())"),
    ("rnn", "rnn", "self.leak * y + (1 - self.leak) * h", "y + (1 - self.leak) * h"),
    ("rnn", "rnn", "of_before + (1 - self.leak) * of_h", "of_before"),
    ("rnn", "rnn", "tf.cast(self.leak, y.dtype)", "tf.cast(1.0, y.dtype)"),
    ("lstm", "gates", "[state * factor for factor in dropout] if dropout", "[state for factor in dropout] if dropout"),
    ("lstm", "gates", "[part * factor for", "[part for"),
    ("lstm", "gates", "[before * factor for factor in dropout]", "[before for factor in dropout]"),
    ("lstm", "gates", "return tf.raw_ops.SigmoidGrad(y=y, dy=gradient)", "return gradient * y"),
    ("lstm", "gates", "_rows(inputs * factor) for factor in dropout", "_rows(inputs) for factor in dropout"),
    ("lstm", "gates", "if dropout else parts\n", "if False else parts\n"),
    ("lstm", "recurrence", "gates.matrix_gradients(course.inputs, sums, course.input_dropout)", NO_DROPOUT),
    ("lstm", "recurrence", "after = _chosen(masked, after, states)", "after = after"),
    ("lstm", "recurrence", "_unmasked(masked, gradients), course.dropout", "gradients, course.dropout"),
    ("lstm", "recurrence", "return _chosen(masked, passed, gradients), sums", "return tuple(passed), sums"),
    ("lstm", "recurrence", "gradients[0] + output, ", "output, "),
    ("lstm", "recurrence", "[first[None], after[:-1]], 0)", "[0 * first[None], after[:-1]], 0)"),
    ("lstm", "recurrence", "[after[1:], first[None]] if", "[first[None], after[:-1]] if"),
    ("lstm", "recurrence", "not course.reverse)", "course.reverse)"),
    ("lstm", "recurrence", "Lane(step, last, (outputs", "Lane(step, tuple(0 * state for state in last), (outputs"),
    ("lstm", "run", "if layer.zero_output_for_mask else _begun", "if False else _begun"),
    ("lstm", "run", "_begun(mask, layer.go_backwards)\n", "tf.ones_like(mask)\n"),
    ("lstm", "run", "reverse=reverse) > 0", "reverse=not reverse) > 0"),
    ("lstm", "run", "        after = tf.reverse(after, [0])\n", "        pass\n"),
    ("lstm", "run", "        layer.go_backwards,\n    )", "        False,\n    )"),
    ("lstm", "scan", "length - 1 - time if lane.reverse else time", "time"),
]


@pytest.mark.parametrize(("cell", "module", "here", "instead"), MUTANTS)
def test_a_mutant_turns_the_comparison_red(cell, module, here, instead, monkeypatch):
    put_in(monkeypatch, module, here, instead)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(cell)


@pytest.mark.parametrize("cell", ["lstm", "peephole", "gru", "mgu", "rnn"])
def test_without_a_fault_the_comparison_is_green(cell, monkeypatch):
    put_in(monkeypatch, "scan", "tf.constant(0)", "tf.constant(0)")
    compare(cell)


def compare(cell):
    """All of masks, states, dropout and directions at once; then what only the last output and zeros for masks show."""
    own = {"leak": 0.6} if cell == "rnn" else {}
    options = {"return_sequences": True, "return_state": True, "dropout": 0.3, "recurrent_dropout": 0.3, **own}
    fused, generic = (both(Bidirectional, layer(cell, **options, kernel=kernel)) for kernel in ("fused", "generic"))
    start = states(fused.forward_layer) + states(fused.backward_layer, seed=60)
    compared(fused, generic, start, {"mask": MASK, "start": True, "training": True})
    for sequences in (True, False):
        fused, generic = (
            layer(cell, return_sequences=sequences, go_backwards=True, kernel=kernel, **own)
            for kernel in ("fused", "generic")
        )
        compared(fused, generic, states(fused), {"mask": MASK, "start": True, "training": True})


def put_in(monkeypatch, module, here, instead):
    """Loads the kernels anew for this test, one of them with the fault."""
    for name in MODULES:
        importlib.import_module(f"{PACKAGE}.{name}")
    source = importlib.util.find_spec(f"{PACKAGE}.{module}").loader.get_source(f"{PACKAGE}.{module}")
    assert here in source, f"{module} has no {here!r} any more"
    for name in ["", *(f".{name}" for name in MODULES)]:
        monkeypatch.delitem(sys.modules, PACKAGE + name)
    monkeypatch.setattr(sys, "meta_path", [Faulty(f"{PACKAGE}.{module}", here, instead), *sys.meta_path])


class Faulty:
    """A finder that loads one module with another text."""

    def __init__(self, name, here, instead):
        self.name, self.here, self.instead = name, here, instead

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        spec = next(found for finder in others if (found := finder.find_spec(name, path)))
        here, instead = self.here, self.instead

        class Loader(type(spec.loader)):
            def get_code(self, fullname):
                text = self.get_source(fullname).replace(here, instead)
                return compile(text, self.get_filename(fullname), "exec")

        spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec
