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
MODULES = ["gates", "gru", "lstm", "mgu", "recurrence", "rnn", "run", "scan"]

SHOWS_C = "tanh_c = tf.tanh(after)\n        return (o * after, after), (i_f, g, o, c, tanh_c)\n"

NO_DROPOUT = "gates.matrix_gradients(inputs, sums, ())"

MUTANTS = [
    # cell, module, what stands there, what stands there instead
    ("lstm", "lstm", "after = f * c + i * g", "after = f * c + g"),
    ("lstm", "lstm", "after = f * c + i * g", "after = i * c + f * g"),
    ("lstm", "lstm", "tanh_c = tf.tanh(after)\n        return (o * tanh_c, after), (i_f, g, o, c, tanh_c)\n", SHOWS_C),
    ("lstm", "lstm", "of_c += tanh_gradient(tanh_c, of_h * o)\n", "of_c += of_h * o\n"),
    ("lstm", "lstm", "of_c += tanh_gradient(tanh_c, of_h * o)\n", "of_c = tanh_gradient(tanh_c, of_h * o)\n"),
    ("lstm", "lstm", "[of_c * g, of_c * c]", "[of_c * f, of_c * c]"),
    ("lstm", "lstm", "[of_c * g, of_c * c]", "[of_c * g, of_c]"),
    ("lstm", "lstm", "tanh_gradient(g, of_c * i), sigmoid", "sigmoid_gradient(g, of_c * i), sigmoid"),
    ("lstm", "lstm", "sigmoid_gradient(o, of_h * tanh_c)])\n", "sigmoid_gradient(o, of_h * c)])\n"),
    ("lstm", "lstm", "of_c * f), sums\n", "of_c), sums\n"),
    ("peephole", "lstm", "gates.joined([c, c])", "gates.joined([0 * c, c])"),
    ("peephole", "lstm", "gates.joined([c, c])", "gates.joined([c, 0 * c])"),
    ("peephole", "lstm", "o + p_o * after", "o + p_o * c"),
    ("peephole", "lstm", "tf.reshape(rows[:2], [-1])", "tf.reshape(rows[1::-1], [-1])"),
    ("peephole", "lstm", ", of_o * p_o]", "]"),
    ("peephole", "lstm", "gates.cut(of_i_f * p_i_f, 2)]", "gates.cut(of_i_f * p_i_f, 2)[:1]]"),
    ("peephole", "lstm", "gates.cut(of_i_f * p_i_f, 2)]", "gates.cut(of_i_f * p_i_f, 2)[1:]]"),
    ("peephole", "lstm", "(of_o, after)", "(of_o, c)"),
    ("peephole", "lstm", "(of_i, c)", "(of_i, after)"),
    ("gru", "gru", "g + z * change", "h - z * change"),
    ("gru", "gru", "sums[-1] + r * u", "sums[-1] + u"),
    ("gru", "gru", "u = u + weights[-1] if", "u = u if"),
    ("gru", "gru", "[of_h * change, of_x * u]", "[of_h * g, of_x * u]"),
    ("gru", "gru", "[of_h * change, of_x * u]", "[of_h * change, of_x]"),
    ("gru", "gru", "(*sums, of_x * r), turned", "(*sums, of_x), turned"),
    ("gru", "gru", "return (kept + ", "return (of_h + "),
    ("gru", "gru", "gates.cut(saved[0].stack(), 2)[1]", "gates.cut(saved[0].stack(), 2)[0]"),
    ("gru", "gru", "tf.ones([2 * cell.units]", "tf.zeros([2 * cell.units]"),
    ("mgu", "mgu", "reset = f * seen", "reset = f * h"),
    ("mgu", "mgu", "reset = f * seen", "reset = seen"),
    ("mgu", "mgu", "h + f * change", "g - f * change"),
    ("mgu", "mgu", "of_h * change + of_reset * seen", "of_h * change"),
    ("mgu", "mgu", "of_seen = of_reset * f + ", "of_seen = "),
    ("mgu", "mgu", "of_seen = of_seen * dropout[0]", "of_seen = of_seen"),
    ("mgu", "mgu", "of_h - of_new + of_seen", "of_h + of_seen"),
    ("mgu", "mgu", "saved[-1].stack()", "before"),
    ("rnn", "rnn", "self.leak * y + (1 - self.leak) * h", "y + (1 - self.leak) * h"),
    ("rnn", "rnn", "of_before + (1 - self.leak) * of_h", "of_before"),
    ("rnn", "rnn", "else self.leak * of_h)", "else of_h)"),
    ("lstm", "gates", "[state * factor for factor in dropout] if dropout", "[state for factor in dropout] if dropout"),
    ("lstm", "gates", "[part * factor for", "[part for"),
    ("lstm", "gates", "[before * factor for factor in dropout]", "[before for factor in dropout]"),
    ("lstm", "gates", "return tf.raw_ops.SigmoidGrad(y=y, dy=gradient)", "return gradient * y"),
    ("lstm", "gates", "_rows(inputs * factor) for factor in dropout", "_rows(inputs) for factor in dropout"),
    ("lstm", "gates", "if dropout else parts\n", "if False else parts\n"),
    ("lstm", "recurrence", "gates.matrix_gradients(inputs, sums, direction.input_dropout)", NO_DROPOUT),
    ("lstm", "recurrence", "for parts, _ in gradients for", "for parts, _ in gradients[:1] for"),
    ("lstm", "recurrence", "after = _chosen(masked, after, states)", "after = after"),
    ("lstm", "recurrence", "_unmasked(masked, gradients), direction.dropout", "gradients, direction.dropout"),
    ("lstm", "recurrence", "return _chosen(masked, passed, gradients), sums", "return tuple(passed), sums"),
    ("lstm", "recurrence", "gradients[0] + output, ", "output, "),
    ("lstm", "recurrence", "first = direction.states[0][None]", "first = 0 * direction.states[0][None]"),
    ("lstm", "recurrence", "[ran.after[1:], first] if", "[first, ran.after[:-1]] if"),
    ("lstm", "recurrence", "not direction.reverse)", "direction.reverse)"),
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
