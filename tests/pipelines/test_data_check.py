"""All malformed lines of a file are named, and the rest of it is reported on."""

from seqtasks.config import resolve
from seqtasks.pipelines.checking import FAULTS, check
from seqtasks.tasks import load_task

CONFIG = resolve("ner", "tagging", {}, {}).data


def found(task: str, *paths, **flags) -> tuple[list[str], list[str]]:
    """Errors and other lines."""
    config = resolve(task, load_task(task).example_type.family, {}, flags).data
    lines = list(check(load_task(task), [str(path) for path in paths], config))
    return [line for fault, line in lines if fault], [line for fault, line in lines if not fault]


def test_every_malformed_line_is_named_and_the_rest_is_read(tmp_path):
    path = tmp_path / "x.conll"
    path.write_bytes(b"a\tO\n\nb\nc\tO\n\nd\xff\tO\n" + b"e" * 9_000_000 + b"\tO\nf\tO\n\nf\tB-PER\ng\tI-LOC\n")
    faults, lines = found("ner", path)
    assert [line.removeprefix(str(path)).split(";")[0] for line in faults] == [
        ":3: too few columns (1)",
        ":6: bytes that are not UTF-8",
        ":7: a line of more than 8,388,608 bytes",
    ]
    assert lines[0] == f"{path}: conll, 2 examples"
    assert "  scheme violations: 1" in lines and any(line.startswith(f"    {path}:11") for line in lines)


def test_a_malformed_line_leaves_no_half_of_its_sentence(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("-DOCSTART- O\na B-PER\nb\nc I-PER\nd O\ne\n\nf O\n")
    faults, lines = found("ner", path)
    assert [line.removeprefix(str(path))[:3] for line in faults] == [":3:", ":6:"]
    assert lines[0] == f"{path}: conll, 1 examples" and "  scheme violations: 0" in lines


def words(count: int) -> list[str]:
    return [f"{number}\tw\t_\tNOUN" + "\t_" * 6 for number in range(1, count + 1)] + [""]


def test_of_a_numbered_sentence_the_first_malformed_line_is_named(tmp_path):
    path = tmp_path / "x.conllu"
    sentences = [["# a", *words(3)], ["# b", *words(25)], words(2), words(4)]
    sentences[1][2] = "2\tw"
    sentences[3][3] = "5\tw\t_\tNOUN" + "\t_" * 6
    path.write_text("\n".join(line for sentence in sentences for line in sentence))
    faults, lines = found("pos", path)
    assert [line.removeprefix(str(path)).split(";")[0] for line in faults] == [
        ":8: too few columns (2)",
        ":39: a wrong word ID",
    ]
    assert lines[0] == f"{path}: conllu, 2 examples"


def test_every_tag_of_no_scheme_is_named_and_the_rest_is_surveyed(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("a\tX-PER\n\nb\tB-PER\nc\tI-LOC\n\nd\tO\ne\tPER\n\nf\tO\n")
    faults, lines = found("ner", path)
    assert [line.removeprefix(str(path))[:3] for line in faults] == [":1:", ":7:"]
    assert "  scheme violations: 1" in lines and any(line.startswith(f"    {path}:4") for line in lines)


def test_a_file_of_tags_of_no_scheme_is_given_up(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("a\tX-PER\n\n" * (FAULTS + 1))
    faults, _ = found("ner", path)
    assert len(faults) == FAULTS + 1 and faults[-1].startswith(f"{FAULTS} faults or more")


def test_a_files_own_name_says_which_is_for_training(tmp_path):
    (tmp_path / "train").mkdir()
    for name in ("dev", "train"):
        (tmp_path / "train" / f"{name}.conll").write_text("a\tO\n\n")
    _, lines = found("ner", tmp_path / "train/dev.conll", tmp_path / "train/train.conll")
    assert f"{tmp_path}/train/dev.conll beside {tmp_path}/train/train.conll:" in lines


def test_every_malformed_line_of_two_files_is_named(tmp_path):
    (tmp_path / "train.de").write_bytes(b"eins\nzwei\xff\ndrei\nvier\n")
    (tmp_path / "train.en").write_bytes(b"one\ntwo\nthr\xe9\nfour\n")
    for given in ("train", "train.de"):
        faults, lines = found("translate", tmp_path / given, source="de", target="en")
        assert [line.removeprefix(f"{tmp_path}/").split(";")[0] for line in faults] == [
            "train.de:2: bytes that are not UTF-8",
            "train.en:3: bytes that are not UTF-8",
        ]
        assert any("2 examples" in line for line in lines) and not any("empty side" in line for line in lines)


def test_a_file_of_faults_is_given_up(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("a\tO\n" + "b\n" * 100)
    faults, lines = found("ner", path)
    assert len(faults) == FAULTS + 1 and f"{FAULTS} malformed lines or more" in faults[-1] and not lines


def test_a_question_to_the_user_is_no_malformed_line(tmp_path):
    (tmp_path / "x.csv").write_text("a,b,c\n" * 5)
    faults, lines = found("sentiment", tmp_path / "x.csv")
    assert len(faults) == 1 and "--text-column" in faults[0] and not lines


def test_files_are_compared_with_the_one_for_training(tmp_path):
    for name, text in (("dev", "so good,y\n"), ("train", "so good,x\nso bad,x\n")):
        (tmp_path / f"{name}.csv").write_text("text,label\n" + text)
    _, lines = found("sentiment", tmp_path / "dev.csv", tmp_path / "train.csv")
    dev, train = tmp_path / "dev.csv", tmp_path / "train.csv"
    assert f"{dev} beside {train}:" in lines and f"    {dev}:2 says what {train}:2 says" in lines
    assert f"  labels of {dev} that {train} lacks: 1" in lines and f"    'y': 1, first at {dev}:2" in lines


def test_a_malformed_row_is_passed_over_with_all_its_lines(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('text,label\n"one\nx,a\ny,b\ntwo",a,extra\nthree,b\n"four\n\n5,a",,\nsix,a\n"seven\n,b\nx,y\n')
    faults, lines = found("sentiment", path)
    assert [line.removeprefix(str(path)).split(";")[0].split(":")[1] for line in faults] == ["2", "7", "11"]
    # where a row with an open quote ends is not to be told: the lines behind it are rows of their own
    assert lines[0] == f"{path}: csv, 4 examples"


def test_both_sides_of_a_pair_are_one(tmp_path):
    for name in ("train.de", "train.en"):
        (tmp_path / name).write_text("one\ntwo\n")
    faults, lines = found("translate", *sorted(tmp_path.iterdir()), tmp_path / "train", source="de", target="en")
    assert not faults and sum("2 examples" in line for line in lines) == 1
    assert not any("beside" in line for line in lines)


def test_one_file_under_two_names_is_told(tmp_path):
    (tmp_path / "train.conll").write_text("a\tO\n\n")
    (tmp_path / "dev.conll").symlink_to(tmp_path / "train.conll")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    faults, lines = found("ner", tmp_path / "train.conll", tmp_path / "dev.conll", tmp_path / "loop")
    assert any("dev.conll:1 says what" in line for line in lines) and len(faults) == 1


def test_a_sentence_without_an_end_is_one_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("seqtasks.tasks.readers.text.MOST_TOKENS", 20)
    path = tmp_path / "x.conll"
    path.write_text("a\tO\n" * 100 + "\nb\tO\n")
    faults, lines = found("ner", path)
    assert len(faults) == 1 and faults[0].startswith(f"{path}:21: a sentence of more than 20 tokens")
    assert lines[0] == f"{path}: conll, 1 examples"


def test_a_line_without_a_partner_is_told_once(tmp_path):
    (tmp_path / "train.de").write_text("eins\nzwei\ndrei\n")
    (tmp_path / "train.en").write_text("one\ntwo\n")
    faults, _ = found("translate", tmp_path / "train", source="de", target="en")
    assert len(faults) == 1 and "train.de:3: no partner" in faults[0]
