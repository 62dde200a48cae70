"""The table of cells: it agrees with the files, and reading it loads nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

import seqtasks.layers
from seqtasks.errors import ConfigError
from seqtasks.layers import CELLS, load_cell


@pytest.mark.parametrize("name", CELLS)
def test_every_name_has_a_module_of_its_own_with_the_layer(name):
    layer = load_cell(name)
    assert layer.__module__ == f"seqtasks.layers.{name}"
    assert (Path(seqtasks.layers.__file__).parent / "kernels" / f"{name}.py").exists() or name == "peephole"


def test_an_unknown_cell_names_the_nearest():
    with pytest.raises(ConfigError, match=r"received 'lstn'.*allowed: rnn, gru, lstm, peephole, mgu; try: lstm"):
        load_cell("lstn")


def test_every_exported_name_is_there():
    for name in seqtasks.layers.__all__:
        assert getattr(seqtasks.layers, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        seqtasks.layers.Nothing  # noqa: B018


def test_the_table_loads_neither_keras_nor_tensorflow():
    code = "import sys, seqtasks.layers; sys.exit(bool({'keras', 'tensorflow', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
