"""Bad corpora, lists, dictionaries and profiles: named with the way out, or counted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Write = Callable[[str, str | bytes], Path]

STYLE = 'faces = ["seven_segment"]\n[output]\nheight = 16\n'


@pytest.fixture
def generate(synth_here: Run, write_file: Write, tmp_path: Path) -> Run:
    """Return a function that runs `synth generate` in a quick style, into `run`."""
    style = write_file("quick.toml", STYLE)

    def run(*words: object) -> Any:
        shared = ("--style", style, "--workers", 1, "--out", tmp_path / "run")
        return synth_here("generate", *shared, *words)

    return run


def counts(tmp_path: Path) -> dict[str, int]:
    """Read the counts of the run."""
    found: dict[str, int] = json.loads((tmp_path / "run" / "run.json").read_text())["counts"]
    return found


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "holds no line of text. Add lines or name another --corpus."),
        ("\n \n\n", "holds no line of text (blank_line: 3"),
        ("\ufeff\n", "holds no line of text ("),
        ("12\x0734\n", "holds no line of text (control: 1"),
        ("값 1,200원\n".encode("cp949"), "looks like CP949"),
        ("12.5\n".encode("utf-16"), "is UTF-16, not UTF-8. Convert it: iconv -f UTF-16"),
    ],
)
def test_a_corpus_without_a_usable_line_is_refused(
    content: str | bytes, what: str, generate: Run, write_file: Write, tmp_path: Path
) -> None:
    corpus = write_file("corpus.txt", content)
    ended = generate("--corpus", corpus, "--count", 5)
    assert ended.code == 1
    assert str(corpus) in ended.err
    assert what in ended.err
    assert not (tmp_path / "run").exists()


def test_what_is_odd_in_a_corpus_is_counted_and_told(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    lines = [
        b"\xef\xbb\xbf12.5",  # 1: a mark
        b"30\x0731",  # 2: a control character
        "값".encode("cp949"),  # 3: another encoding
        b"",  # 4: blank
        b"47.01  8",  # 5: two spaces
        b"7" * 1_000_000,  # 6: a megabyte without a space
        b"88.8",
    ]
    corpus = write_file("corpus.txt", b"\n".join(lines) + b"\n")
    ended = generate("--corpus", corpus, "--count", 20)
    assert ended.code == 0, ended.err
    found = counts(tmp_path)
    told = {name: count for name, count in found.items() if name.startswith(("left", "changed"))}
    assert told == {
        "left out: control": 1, "left out: not_utf8": 1, "left out: blank_line": 1,
        "changed: bom": 1, "changed: doubled_spaces": 1, "changed: cut": 1,
    }  # fmt: skip
    assert f"left out: line with a control character: 1 ({corpus}:2)" in ended.out
    assert f"left out: line that is not UTF-8: 1 ({corpus}:3 (byte 0" in ended.out
    assert f"changed: byte order mark taken off: 1 ({corpus}:1)" in ended.out
    assert f"changed: doubled spaces made single: 1 ({corpus}:5)" in ended.out
    assert f"changed: cut at word boundaries: 1 ({corpus}:6)" in ended.out
    labels = (tmp_path / "run" / "rec_gt_train.txt").read_text()
    assert max(len(line.split("\t")[1]) for line in labels.splitlines()) <= 25


def test_what_is_odd_in_a_list_is_counted_and_told(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    texts = write_file("list.txt", b"12.5\n30\x0731\n")
    ended = generate("--text-list", texts, "--json")
    assert ended.code == 0
    events = [json.loads(line) for line in ended.err.splitlines()]
    assert events[0] == {
        "event": "input",
        "effect": "left_out",
        "reason": "text: control",
        "count": 1,
        "places": [f"{texts}:2"],
    }
    assert json.loads(ended.out)["counts"]["left out: text: control"] == 1
    again = generate("--text-list", texts)
    assert f"text: line with a control character, left out: 1 ({texts}:2)" in again.err
    assert counts(tmp_path)["left out: text: control"] == 1


@pytest.mark.parametrize("kind", ["text", "labels"])
def test_a_line_that_is_drawn_is_not_told_as_left_out(
    kind: str, generate: Run, write_file: Write, tmp_path: Path
) -> None:
    lines = ["31  42", "17.5", " 8\t6" if kind == "text" else " 8\u00a06"]
    head = "" if kind == "text" else "a.jpg\t"
    corpus = write_file("corpus.txt", "".join(f"{head}{line}\n" for line in lines))
    ended = generate("--corpus", corpus, "--count", 9)
    assert ended.code == 0, ended.err
    labels = (tmp_path / "run" / "rec_gt_train.txt").read_text().splitlines()
    assert {line.split("\t")[1] for line in labels} == {"31 42", "17.5", "8 6"}
    assert "left out" not in ended.out + ended.err
    assert f"changed: doubled spaces made single: 1 ({corpus}:1)" in ended.out
    assert f"changed: tabs and special spaces made plain: 1 ({corpus}:3)" in ended.out
    assert f"changed: spaces at the ends taken off: 1 ({corpus}:3)" in ended.out
    assert {n: c for n, c in counts(tmp_path).items() if n.startswith(("left", "changed"))} == {
        "changed: doubled_spaces": 1, "changed: odd_spaces": 1, "changed: edge_spaces": 1,
    }  # fmt: skip


def test_what_was_changed_in_a_list_is_told_as_changed(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    texts = write_file("list.txt", "12  5\n\n31\n")
    ended = generate("--text-list", texts, "--json")
    assert ended.code == 0
    events = [json.loads(line) for line in ended.err.splitlines() if '"input"' in line]
    assert [(one["effect"], one["reason"], one["places"]) for one in events] == [
        ("left_out", "text: blank_line", [f"{texts}:2"]),
        ("changed", "text: doubled_spaces", [f"{texts}:1"]),
    ]
    found = json.loads(ended.out)["counts"]
    assert found["changed: text: doubled_spaces"] == found["left out: text: blank_line"] == 1
    again = generate("--text-list", texts)
    assert f"text: doubled spaces made single: 1 ({texts}:1)" in again.err
    assert f"text: blank line, left out: 1 ({texts}:2)" in again.err


def test_lines_that_come_with_the_package_are_cut_and_not_left_out(
    generate: Run, tmp_path: Path
) -> None:
    ended = generate("--count", 5, "--max-length", 12)
    assert ended.code == 0, ended.err
    assert "changed: cut at word boundaries: " in ended.out
    found = counts(tmp_path)
    assert found["changed: cut"] > 0
    assert "left out: cut" not in found


def test_a_folder_of_corpora_goes_on_without_the_bad_ones(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    write_file("corpora/good.txt", "12.5\n30.9\n")
    write_file("corpora/empty.txt", "")
    write_file("corpora/photo.jpg", b"\xff\xd8")
    ended = generate("--corpus", tmp_path / "corpora", "--count", 3)
    assert ended.code == 0, ended.err
    assert counts(tmp_path)["left out: empty_file"] == 1
    assert counts(tmp_path)["left out: other_file"] == 1
    assert "empty.txt" in ended.out


def test_a_folder_without_a_corpus_is_refused(generate: Run, write_file: Write) -> None:
    folder = write_file("corpora/photo.jpg", b"\xff\xd8").parent
    ended = generate("--corpus", folder, "--count", 3)
    assert ended.code == 1
    assert f"{folder}: holds no line of text (" in ended.err
    assert "Put files ending in .txt, .tsv, .lst there" in ended.err


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('[[source]]\nname = "a"\nkind = "text"\npath = "x.txt"\nweight = 3\n', "weight"),
        ('[[source]]\nname = "a"\nkind = "poem"\npath = "x.txt"\n', "kind"),
        ('[[source]]\nname = "a"\nkind = "text"\npath = "missing.txt"\n', "missing.txt"),
        ("[[source]\n", "TOML"),
        ("", "source"),
    ],
)
def test_a_broken_corpus_table_names_file_and_key(
    content: str, what: str, generate: Run, write_file: Write
) -> None:
    table = write_file("mix.toml", content)
    ended = generate("--corpus", table, "--count", 3)
    assert ended.code in (1, 2)
    assert ("mix.toml" in ended.err) or what == "missing.txt"
    assert what in ended.err
    assert "Traceback" not in ended.err


FILES = ("--profile", "--text-list", "--corpus", "--original", "--like", "--exclude-texts")


@pytest.mark.parametrize("option", [*FILES, "--dictionary"])
def test_a_missing_file_is_named(option: str, generate: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    chars = () if option in ("--profile", "--text-list") else ("--chars", "12")
    ended = generate(option, missing, "--count", 3, *chars)
    assert ended.code == 1
    assert str(missing) in ended.err
    assert "is not there. Check the path." in ended.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "option", [option for option in (*FILES, "--dictionary") if option != "--corpus"]
)
def test_a_folder_in_place_of_a_file_is_named(option: str, generate: Run, tmp_path: Path) -> None:
    chars = () if option in ("--profile", "--text-list") else ("--chars", "12")
    folder = tmp_path / "folder"
    folder.mkdir()
    ended = generate(option, folder, "--count", 3, *chars)
    assert ended.code == 1
    assert f"{folder}: " in ended.err
    assert "is a folder. Name a file in it." in ended.err


@pytest.mark.parametrize("option", ["--text-list", "--exclude-texts", "--original", "--like"])
def test_a_list_in_another_encoding_is_named(option: str, generate: Run, write_file: Write) -> None:
    path = write_file("list.txt", "a.jpg\t값 1,200원\nb.jpg\t합계\n".encode("cp949"))
    chars = () if option == "--text-list" else ("--chars", "12")
    ended = generate(option, path, "--count", 3, *chars)
    assert ended.code == 1
    assert str(path) in ended.err


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", ": holds no text. Name another file."),
        ("1\x074\n", ": holds no text (control: 1 ("),
        ("값".encode("cp949"), "looks like CP949"),
    ],
)
def test_a_list_without_a_usable_text_is_refused(
    content: str | bytes, what: str, generate: Run, write_file: Write
) -> None:
    path = write_file("list.txt", content)
    ended = generate("--text-list", path)
    assert ended.code == 1
    assert str(path) in ended.err
    assert what in ended.err


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "the profile is no JSON"),
        ("[]", "is JSON, but no error profile"),
        ('{"version": 99}', "is an error profile of version 99, this program reads version "),
        ('{"version": 1}', "holds what an error profile may not: "),
    ],
)
def test_a_bad_profile_is_refused(
    content: str, what: str, generate: Run, write_file: Write
) -> None:
    path = write_file("profile.json", content)
    ended = generate("--profile", path, "--count", 3)
    assert ended.code == 1
    assert str(path) in ended.err
    assert what in ended.err
    assert "Make it again with `train mine`" in ended.err


def test_a_profile_with_an_unknown_key_is_refused(generate: Run, write_file: Write) -> None:
    from textlines.formats.profile import profile_text
    from textlines.profile.measure import measure
    from textlines.profile.reading import Reading

    profile = measure([Reading("a.jpg", "470", "47O"), Reading("b.jpg", "1", "7")], None).profile
    content = json.loads(profile_text(profile))
    path = write_file("profile.json", json.dumps({**content, "colour": 3}))
    ended = generate("--profile", path, "--count", 3)
    assert ended.code == 1
    assert f"{path}: holds what an error profile may not: colour: extra inputs" in ended.err


def test_characters_that_no_face_holds_are_named(generate: Run, tmp_path: Path) -> None:
    ended = generate("--chars", "값갑", "--count", 10)
    assert ended.code in (1, 2)
    assert "--chars: names no character that can be served (" in ended.err
    assert "값" in ended.err
    assert "Add faces or texts that hold them." in ended.err
    assert not (tmp_path / "run" / "plan.jsonl").exists()


def test_texts_that_no_face_holds_are_named(
    generate: Run, write_file: Write, tmp_path: Path
) -> None:
    ended = generate("--text-list", write_file("list.txt", "가나다\n"))
    assert ended.code == 1
    assert "가" in ended.err
    assert not (tmp_path / "run" / "plan.jsonl").exists()
    mixed = generate("--text-list", write_file("list.txt", "가나다\n12.5\n"))
    assert mixed.code == 1
    assert "2 images were asked for, 1 could be planned" in mixed.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--count", 0), "--count: is 0, not from 1 to "),
        (("--count", -5), "--count: is -5, not from 1 to "),
        (("--count", "many"), "--count"),
        (("--count", 5, "--shard", "3/3"), "--shard 3/3: is not i/n with 0 <= i < n."),
        (("--count", 5, "--shard", "one"), "--shard one: is not i/n with 0 <= i < n."),
        (("--count", 5, "--workers", -1), "--workers -1: is negative."),
        (("--count", 5, "--filler", 2), "--filler: is 2, not from 0 to 1."),
        (("--count", 5, "--alpha", -1), "--alpha: is -1, not from 0 to 1."),
        (("--count", 5, "--repeat-cap", -1), "--repeat-cap: is -1, not from 1 to"),
        (("--count", 5, "--max-length", 0), "--max-length 0: is not from 1 to 400."),
        (("--count", 5, "--max-length", 9000), "--max-length 9000: is not from 1 to 400."),
        (("--count", 5, "--fonts-licence", "all"), "--fonts-licence all: is neither any nor known"),
        (("--count", 5, "--family-weight", "Noto"), "--family-weight Noto: is not FAMILY=WEIGHT."),
        (("--count", 5, "--family-weight", "Noto=1"), "there is no family 'Noto' among "),
        (("--count", 5, "--text-list", "x.txt"), "x.txt"),
        ((), "--count: is missing."),
    ],
)
def test_nonsense_options_are_refused(
    words: tuple[object, ...], what: str, generate: Run, tmp_path: Path
) -> None:
    ended = generate("--chars", "0123", *words)
    assert ended.code in ((1, 2) if "x.txt" in words else (2,))
    assert what in ended.err
    assert not (tmp_path / "run").exists()


def test_two_purposes_exclude_each_other(generate: Run, write_file: Write) -> None:
    ended = generate("--chars", "1", "--text-list", write_file("list.txt", "1\n"))
    assert ended.code == 2
    assert "--chars and --text-list: exclude each other. Name one of them." in ended.err


@pytest.mark.parametrize(
    ("setting", "what"),
    [
        ("output.height", "there is no key=value in it"),
        ("output.height=", "output.height: Input should be a valid integer"),
        ("=32", "there is no key=value in it"),
        ("output..height=32", "there is no key=value in it"),
        ("output.height=tall", "output.height: Input should be a valid integer"),
        ("output.height=[3", "output.height: Input should be a valid integer"),
        ("output.format=gif", "output.format: Input should be 'jpg' or 'png'"),
        ("output.height=4000", "output.height: Input should be less than or equal to 512"),
        ("output.depth=3", "output.depth is unknown"),
        ("name.deeper=3", "name is a value in this style and holds no keys"),
        ("camera.halo.p=1", "camera.halo: there is no such part. There are: "),
        ("camera.jpeg.grade=3", "camera.jpeg.grade: there is no such parameter. There are: "),
        ("camera.jpeg.p=-1", "camera.jpeg.p: Input should be greater than or equal to 0"),
        ("surfaces.lava.p=1", "surfaces.lava: there is no such part. There are: "),
    ],
)
def test_nonsense_settings_are_refused(setting: str, what: str, generate: Run) -> None:
    ended = generate("--chars", "0123", "--count", 5, "--set", setting)
    assert ended.code == 2
    assert what in ended.err
    assert f"--set {setting}" in ended.err or "there is no such" in what
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (STYLE + "depth = 3\n", "output.depth is unknown"),
        ("colour = 3\n", "colour is unknown"),
        ("faces = [", "cannot be read as TOML ("),
        (b"\xb0\xaa = 1\n", "cannot be read as TOML ("),
        ('faces = ["handwriting"]\n', "faces.0: Input should be "),
    ],
)
def test_a_bad_style_names_file_and_key(
    content: str | bytes, what: str, synth_here: Run, write_file: Write, tmp_path: Path
) -> None:
    style = write_file("my.toml", content)
    words = ("--chars", "1", "--count", 1, "--out", tmp_path / "run")
    ended = synth_here("generate", "--style", style, *words)
    assert ended.code == 2
    assert f"{style}: " in ended.err
    assert what in ended.err


def test_no_such_style(synth_here: Run, tmp_path: Path) -> None:
    words = ("--chars", "1", "--count", 1, "--out", tmp_path / "run")
    ended = synth_here("generate", "--style", "neon", *words)
    assert ended.code == 2
    named = "document, form, lcd, package, plate, receipt, sign"
    assert f"--style neon: there is no such style. There are: {named}" in ended.err
    ended = synth_here("generate", "--style", tmp_path / "neon.toml", *words)
    assert ended.code == 2
    assert f"{tmp_path / 'neon.toml'}: there is no such file." in ended.err
