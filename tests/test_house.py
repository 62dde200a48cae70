"""Who may import whom, and that the package lists all its folders."""

import ast
import configparser
from pathlib import Path

import pytest

from seqtasks.tasks import TASKS

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "seqtasks": "seqtasks",
    "tasks": "seqtasks.tasks",
    "layers": "seqtasks.layers",
    "pipelines": "seqtasks.pipelines",
}
OPEN_TO_ALL = ("seqtasks.errors", "seqtasks.config")

# Inside `pipelines` the data travels one way; a module imports only what stands on an earlier line, or on its own.
LINE = [
    ["files", "family", "flat", "locking", "memo", "ragged", "spool", "optimizers"],
    ["plots", "weights", "baselines"],
    ["vocabulary", "tokenizer", "catalogue", "sides", "vectors", "checkpoint"],
    ["subwords", "words"],
    ["encoding", "pretrained", "batches", "formats", "folders", "sources", "evaluation", "prediction"],
    ["refusal"],
    ["checking", "question"],
    ["word_features", "tagging.vocabularies", "classification.vocabularies", "translation.vocabularies", "training"],
    ["language.vocabularies", "language.choice"],
    ["language.encoder", "language.streams"],
    ["tagging.network", "classification.network", "translation.network", "language.network", "tensorboard"],
    ["tagging.service", "tagging.output"],
    ["classification.service", "classification.output", "classification.confusion", "classification.trajectories"],
    ["translation.service", "translation.output", "translation.alignment"],
    ["language.service", "language.output"],
    ["automata.clusters", "automata.reading"],
    ["automata.summary", "automata.drawing", "automata.curves"],
    ["tagging.family", "classification.family", "translation.family", "language.family", "serving", "run_folder"],
    ["run"],
    ["pace", "epoch_times"],
    ["comparison", "inspection", "extraction", "scoring", "sampling"],
]


def modules() -> list[tuple[str, Path]]:
    found = []
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            found.append((".".join([package, *(part for part in parts if part != "__init__")]), path))
    return found


def imports(path: Path, inside_functions: bool = True) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if inside_functions else tree.body
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: str(value) if isinstance(value, str) else "")
def test_each_room_imports_only_what_it_may(name, path):
    found = imports(path)
    for banned in ("tasks", "layers", "pipelines"):
        assert not any(within(imported, banned) for imported in found), f"{name} imports {banned} from the root"
    ours = {imported for imported in found if within(imported, "seqtasks") and not imported.startswith(OPEN_TO_ALL)}
    if within(name, "seqtasks.tasks"):
        assert all(within(imported, "seqtasks.tasks") for imported in ours - {"seqtasks"})
        assert not any(within(imported, heavy) for imported in found for heavy in ("keras", "tensorflow"))
    elif within(name, "seqtasks.layers"):
        assert all(within(imported, "seqtasks.layers") for imported in ours - {"seqtasks"})
    elif within(name, "seqtasks.pipelines"):
        assert not any(within(imported, "seqtasks.cli") for imported in ours)
        assert not ours & {f"seqtasks.tasks.{task}" for task in TASKS}, "pipelines knows no concrete task file"
    elif name.startswith(OPEN_TO_ALL):
        assert ours <= {"seqtasks"}
    else:
        top = imports(path, inside_functions=False)
        assert not any(within(imported, "seqtasks.pipelines") for imported in top), "pipelines only inside commands"


def test_data_travels_one_way_through_the_pipelines():
    place = {f"seqtasks.pipelines.{name}": at for at, names in enumerate(LINE) for name in names}
    for name, path in modules():
        if within(name, "seqtasks.pipelines") and path.name != "__init__.py":
            assert name in place, f"{name} has no place on the line"
            for imported in imports(path) & set(place) - {name}:
                assert place[imported] <= place[name], f"{name} imports {imported}"


def test_setup_lists_every_folder_with_modules():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    assert listed == {name for name, path in modules() if path.name == "__init__.py"}


def test_files_stay_short():
    long = {str(path) for _, path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > 350}
    assert not long


def test_nothing_is_loaded_that_could_run_code():
    banned = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve")
    paths = [path for _, path in modules()] + sorted((ROOT / "benchmarks").glob("*.py"))
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not any(within(name, root) for name in imports(path) for root in banned), path
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in ("allow_pickle", "safe_mode"):
                assert isinstance(node.value, ast.Constant) and node.value.value is (node.arg == "safe_mode"), path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("eval", "exec", "compile", "__import__"), path
                assert called.split(".")[-1] not in ("enable_unsafe_deserialization", "load_model"), path
                # NumPy's default is safe; here it is said
                assert (
                    called != "np.load"
                    or "allow_pickle" in {word.arg for word in node.keywords}
                    or "benchmarks" in str(path)
                )
