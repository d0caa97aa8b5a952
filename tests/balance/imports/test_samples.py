"""Each format's small valid source: what comes of it, by name and by auto, in every encoding."""

import os
import random
import re
import subprocess
import sys
import typing
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from balance.commands.import_ import import_
from balance.imports.foreign_forms import FORMS, Format
from balance.imports.importing import Imported, import_lines
from tests.annotated_forms import SAMPLES, Sample, page
from tests.running import run_module
from textlines.errors import InputError, UsageError
from textlines.formats.run_record import RunRecord
from textlines.labels.lmdb_store import write_lmdb

AUTO = [name for name in SAMPLES if name != "json"]


def imported(
    sample: Sample, folder: Path, format: Any, out: str = "out", **options: Any
) -> Imported:
    source, mapping = sample.write(folder)
    return import_lines(source, format, folder / out, mapping=mapping, **options)


def labels(folder: Path, out: str = "out") -> list[str]:
    rows = (folder / out / "rec_gt.txt").read_text(encoding="utf-8").splitlines()
    return [row.split("\t")[1] for row in rows]


def test_every_format_has_a_sample_a_description_and_a_place_in_the_command() -> None:
    formats = set(typing.get_args(Format))
    assert set(FORMS) == formats and set(SAMPLES) | {"lmdb"} == formats
    hint = typing.get_type_hints(import_)["format"]
    assert set(typing.get_args(hint)) == formats | {"auto"}


def test_the_help_names_every_format() -> None:
    argument = typing.get_type_hints(import_, include_extras=True)["format"].__metadata__[0]
    assert set(typing.get_args(Format)) - set(re.findall(r"[\w-]+", argument.help)) == set()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gives_its_lines(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    done = imported(sample, tmp_path, name)
    assert labels(tmp_path) == list(sample.labels)
    assert done.tally.as_dict() == dict(sample.counts)
    record = RunRecord.read(tmp_path / "out/run.json")
    assert record.configuration["format"] == name
    annotations = [file for file in sample.files if not file.endswith(".toml")]
    below = [file.removeprefix(f"{sample.source}/") for file in annotations]
    assert sorted(record.inputs) == sorted(below)


@pytest.mark.parametrize("name", AUTO)
def test_the_form_is_told_by_content(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    source, _ = sample.write(tmp_path)
    done = import_lines(source, "auto", tmp_path / "out")
    assert done.format == name or done.format in FORMS[typing.cast("Format", name)].like
    assert labels(tmp_path) == list(sample.labels)
    again = import_lines(source, "auto", tmp_path / "out")
    assert (again.is_whole, again.format) == (True, done.format)


@pytest.mark.parametrize("name", AUTO)
@pytest.mark.parametrize("encoding", ["cp949", "utf-8-sig", "utf-16"])
def test_a_sample_in_another_encoding_is_read_and_counted(
    name: str, encoding: str, tmp_path: Path
) -> None:
    sample = SAMPLES[name]
    source, _ = sample.write(tmp_path)
    for file in sample.files:
        text = (tmp_path / file).read_text(encoding="utf-8")
        (tmp_path / file).write_bytes(text.encode(encoding))
    done = import_lines(source, typing.cast("Format", name), tmp_path / "out")
    assert labels(tmp_path) == list(sample.labels)
    # A text of kraken's in ASCII alone is UTF-8 as well.
    odd = sum(not text.isascii() or encoding == "utf-16" for text in sample.files.values())
    assert done.tally["recoded"] == (0 if encoding == "utf-8-sig" else odd)


@pytest.mark.parametrize("name", SAMPLES)
def test_decomposed_labels_are_composed(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    source, mapping = sample.write(tmp_path)
    for file in sample.files:
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        path.write_text(unicodedata.normalize("NFD", text), encoding="utf-8")
    done = import_lines(source, typing.cast("Format", name), tmp_path / "out", mapping=mapping)
    assert labels(tmp_path) == list(sample.labels)
    assert done.tally["nfd"] >= 1


@pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if s.images == ("page.png",)])
@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_names_of_images_are_found_composed_or_not(
    name: str, forms: tuple[str, str], tmp_path: Path
) -> None:
    sample = SAMPLES[name]
    told, stored = (unicodedata.normalize(form, "영수증") for form in forms)
    files = {
        file.replace("page", told): text.replace("page.png", f"{told}.png").replace(
            '"page"', f'"{told}"'
        )
        for file, text in sample.files.items()
    }
    changed = Sample(files, sample.source, (f"{stored}.png",), sample.mapping)
    imported(changed, tmp_path, name)
    assert labels(tmp_path) == list(sample.labels)


IN_DEPTH = [
    name
    for name, sample in SAMPLES.items()
    if FORMS[typing.cast("Format", name)].suffixes and name not in
    ("ppocr-det", "ppocr-rec", "lsvt", "label-studio")
]  # fmt: skip


@pytest.mark.parametrize("name", IN_DEPTH)
def test_annotations_lie_in_depth_and_images_elsewhere(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    for part in ("b/2", "a/1"):
        moved = {f"notes/{part}/{file}": text for file, text in sample.files.items()}
        images = tuple(f"pages/{part}/{image}" for image in sample.images)
        Sample(moved, "notes", images).write(tmp_path)
    mapping = tmp_path / f"notes/a/1/{sample.mapping}" if sample.mapping else None
    done = import_lines(
        tmp_path / "notes",
        typing.cast("Format", name),
        tmp_path / "notes/out",
        images=tmp_path / "pages",
        mapping=mapping,
    )
    assert done.lines == 2 * len(sample.labels)
    assert labels(tmp_path / "notes") == list(sample.labels) * 2
    assert done.tally["image_twice"] == 0
    # A file far below is another source.
    file = next(f for f in sorted(sample.files) if not f.endswith(".toml"))
    path = tmp_path / f"notes/b/2/{file}"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds the import of another source, of this one"):
        import_lines(
            tmp_path / "notes",
            typing.cast("Format", name),
            tmp_path / "notes/out",
            images=tmp_path / "pages",
            mapping=mapping,
        )


ALIKE = {"icdar2015", "sroie", "mtwi", "labelme", "x-anylabeling", "textocr", "coco-text"}


@pytest.mark.parametrize("named", [name for name in SAMPLES if name != "json"])
def test_a_form_named_for_another_is_refused_with_the_call_that_reads_it(
    named: str, tmp_path: Path
) -> None:
    for name, sample in SAMPLES.items():
        is_like = name in FORMS[typing.cast("Format", named)].like
        # What no parser of a folder sees, as the suffix is another one's, is told all the same.
        if name in (named, "json") or is_like or sample.files.keys() == SAMPLES[named].files.keys():
            continue
        folder = tmp_path / name
        with pytest.raises(InputError) as raised:
            imported(sample, folder, named)
        assert "balance import" in str(raised.value) or "holds no" in str(raised.value)
        assert not (folder / "out").exists()


def test_several_forms_in_one_folder_are_named_and_none_is_taken(tmp_path: Path) -> None:
    SAMPLES["mlt"].write(tmp_path / "all")
    SAMPLES["cvat"].write(tmp_path / "all")
    with pytest.raises(InputError) as raised:
        import_lines(tmp_path / "all", "auto", tmp_path / "out")
    assert "holds files of 2 forms: cvat (" in str(raised.value)
    assert "; mlt (ICDAR MLT box files: " in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", "plain words\n", "is in no form that is known"),
        ("a.json", '{"res": {"rec_text": "x"}}', "is a result of PaddleOCR 3 (res.json), of which"),
        ("a.zip", "PK\x03\x04", "is a zip archive (unpack it first), of which nothing"),
        ("a.yml", "Global:\n  a: 1\nArchitecture:\n  b: 2\n", "is a training configuration of"),
    ],
)
def test_auto_says_what_a_file_is_that_nothing_comes_of(
    name: str, content: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as raised:
        import_lines(tmp_path / name, "auto", tmp_path / "out")
    assert told in str(raised.value)


def test_label_files_of_a_folder_are_named_where_there_are_several(tmp_path: Path) -> None:
    for name in ("train.txt", "val.txt"):
        (tmp_path / name).write_text("0.png\t값\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds 2 files .* recognition label file .*val\.txt"):
        import_lines(tmp_path, "auto", tmp_path / "out")
    (tmp_path / "val.txt").unlink()
    SAMPLES["ppocr-rec"].write(tmp_path / "x")
    (tmp_path / "x/rec_gt.txt").rename(tmp_path / "x/train.txt")
    done = import_lines(tmp_path / "x", "auto", tmp_path / "out")
    assert (done.format, done.lines) == ("ppocr-rec", 2)


def test_a_mapping_and_json_go_together(tmp_path: Path) -> None:
    source, mapping = SAMPLES["json"].write(tmp_path)
    with pytest.raises(UsageError, match="--mapping: goes with the format json"):
        import_lines(source, "json", tmp_path / "out")
    with pytest.raises(UsageError, match="--mapping: goes with the format json"):
        import_lines(source, "aihub", tmp_path / "out", mapping=mapping)


def test_an_import_that_was_refused_leaves_its_folder_free(tmp_path: Path) -> None:
    source, _ = SAMPLES["cvat"].write(tmp_path)
    good = source.read_text(encoding="utf-8")
    source.write_text(good.replace("</annotations>", ""), encoding="utf-8")
    with pytest.raises(InputError, match=r"annotations\.xml:\d+: the annotation is no XML"):
        import_lines(source, "cvat", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    source.write_text(good, encoding="utf-8")
    assert import_lines(source, "cvat", tmp_path / "out").lines == 2


@pytest.fixture
def mutated(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the module that changes samples."""
    folder = str(Path(__file__).resolve().parents[3] / "benchmarks")
    monkeypatch.syspath_prepend(folder)
    from benchmarks import mutated_forms

    return mutated_forms


@pytest.mark.parametrize("name", SAMPLES)
def test_changed_annotations_end_in_lines_or_in_words(
    name: str, mutated: Any, tmp_path: Path
) -> None:
    found = mutated.try_format(name, SAMPLES[name], 50, random.Random(name), tmp_path / "case")
    assert (found.failed, found.tried) == (0, 50), found.first
    assert found.read and found.read + found.refused == 50


def test_the_loop_sees_a_traceback(
    mutated: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("balance.imports.importing.import_lines", broken)
    found = mutated.try_format("trdg", SAMPLES["trdg"], 3, random.Random(1), tmp_path / "case")
    assert (found.failed, found.read) == (3, 0) and "KeyError: 'x'" in found.first


def test_the_command_says_what_it_read_and_what_it_refused(tmp_path: Path) -> None:
    source, _ = SAMPLES["mlt"].write(tmp_path)
    done = run_module("balance", "import", "auto", source, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        f"{source}: read as mlt",
        f"{tmp_path / 'out/rec_gt.txt'}: 2 lines of 1 page",
    ]
    refused = run_module("balance", "import", "icdar2015", source, "--out", tmp_path / "other")
    assert refused.returncode == 1
    assert f"Call: balance import mlt {source}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_lmdb_is_told_by_its_folder_and_by_its_file(tmp_path: Path) -> None:
    write_lmdb(tmp_path / "store", [(page(), "값")])
    for number, source in enumerate(("store", "store/data.mdb")):
        done = import_lines(tmp_path / source, "auto", tmp_path / f"out{number}")
        assert (done.format, done.lines) == ("lmdb", 1)


def test_the_benchmark_prints_a_table_and_ends_with_0_where_nothing_failed() -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, root / "benchmarks/mutated_forms.py", "--count", "5", "trdg", "mlt"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.fspath(root)},
    )
    assert done.returncode == 0, done.stderr
    head, trdg, mlt = (line.split() for line in done.stdout.splitlines())
    assert head == ["format", "tried", "read", "refused", "tracebacks"]
    assert (trdg[0], trdg[1], trdg[4]) == ("trdg", "2", "0")
    assert (mlt[0], mlt[1], mlt[4]) == ("mlt", "3", "0")
