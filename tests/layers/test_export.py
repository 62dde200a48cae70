"""Every cell in a SavedModel: loaded in Python without the project's code, and by TensorFlow's C++ loader."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from seqtasks.layers import CELLS, Bidirectional
from tests.layers.drawing import MASK, draw, layer

pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="a SavedModel is TensorFlow's")

X = draw(3, 6, 4, seed=7)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A SavedModel of all cells, each in both directions and under a last layer, and what they answer in Python."""
    import tensorflow as tf

    x, mask = keras.Input((None, 4), name="x"), keras.Input((None,), dtype="bool", name="mask")
    outputs = {}
    for name in CELLS:
        both = Bidirectional(layer(name, units=3, return_sequences=True, kernel="fused"))
        outputs[name] = layer(name, units=2, inputs=6, kernel="fused")(both(x, mask=mask), mask=mask)
    model = keras.Model([x, mask], outputs)
    path = tmp_path_factory.mktemp("export") / "model"
    archive = keras.export.ExportArchive()
    archive.track(model)
    signature = [tf.TensorSpec([None, None, 4], tf.float32, "x"), tf.TensorSpec([None, None], tf.bool, "mask")]
    archive.add_endpoint("serve", lambda x, mask: model([x, mask]), input_signature=signature)
    archive.write_out(path, verbose=False)
    return path, {name: value.numpy() for name, value in model([X, MASK]).items()}


def test_a_saved_model_answers_without_our_code(saved, tmp_path):
    path, expected = saved
    np.savez(tmp_path / "inputs.npz", x=X, mask=MASK)
    code = f"""
import sys, numpy as np, tensorflow as tf
model = tf.saved_model.load({str(path)!r})
inputs = np.load({str(tmp_path / "inputs.npz")!r})
np.savez({str(tmp_path / "outputs.npz")!r}, **model.serve(inputs["x"], inputs["mask"]))
assert not any(name.startswith("seqtasks") for name in sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    answers = np.load(tmp_path / "outputs.npz")
    for name in CELLS:
        np.testing.assert_allclose(answers[name], expected[name], atol=1e-6, err_msg=name)


def test_the_cpp_loader_takes_every_cell(saved, tmp_path):
    path, expected = saved
    np.save(tmp_path / "x.npy", X), np.save(tmp_path / "mask.npy", MASK)
    command = [
        sys.executable,
        "-m",
        "tensorflow.python.tools.saved_model_cli",
        "run",
        "--dir",
        path,
        "--tag_set",
        "serve",
    ]
    inputs = f"x={tmp_path / 'x.npy'};mask={tmp_path / 'mask.npy'}"
    options = ["--signature_def", "serve", "--inputs", inputs, "--outdir", tmp_path]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in CELLS:
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected[name], atol=1e-6, err_msg=name)
