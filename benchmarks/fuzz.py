"""Feed the readers bytes that nobody meant, until one of them fails with a traceback.

    python benchmarks/fuzz.py --count 10000 [READER ...] [--keep DIR] [--seed 1] [--workers 2]

runs command lines over mutated real files of every kind that a command reads (`fuzz_world`: made
by the commands themselves; `fuzz_mutate`; `fuzz_run`). A case ends with a known exit code, without
a traceback, within 20 s and 2 GB. A table of readers is printed, failing inputs are kept in DIR,
and any of them ends it with 1.

    pip install atheris
    python benchmarks/fuzz.py [label dictionary profile plan ...] [--seconds 600] [--keep DIR]

Each reader runs in a process of its own under atheris (coverage-guided, from small true files).
A reader may refuse its input with a `MendError`; anything else is a fault: its input is kept in
DIR and printed, and the command ends with 1. What was found stays as a test.
"""

import argparse
import atexit
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from textlines.errors import MendError

Reader = Callable[[Path], object]


def _label(path: Path) -> object:
    from textlines.labels.label_file import read_labels
    from textlines.labels.tally import Tally

    return list(read_labels(path, tally=Tally()))


def _check(path: Path) -> object:
    """Run the whole check on texts, with what `--fix` writes."""
    from balance.checks.check_page import check_page
    from balance.checks.check_text import summary_json, text_lines
    from balance.checks.checking import Request, run_checks
    from balance.checks.mending import write_mended

    checked = run_checks(Request(train=(path,), look=False))
    target = path.with_name("fixed.txt")
    write_mended(
        target, checked.sets[0], checked.findings, checked.alphabet, max_length=25, sizes=None
    )
    return check_page(checked), summary_json(checked, {}), list(text_lines(checked))


def _dictionary(path: Path) -> object:
    from textlines.labels.alphabet import Alphabet

    alphabet = Alphabet.read(path)
    return alphabet.oddities(), alphabet.characters, alphabet.missing("a값 1")


def _dictionary_yml(path: Path) -> object:
    return _dictionary(path.rename(path.with_suffix(".yml")))


def _profile(path: Path) -> object:
    from textlines.formats.profile import load_profile, profile_text

    return profile_text(load_profile(path))


def _plan(path: Path) -> object:
    from textlines.formats.plan_rows import read_plan

    return list(read_plan(path))


def _predictions(path: Path) -> object:
    from balance.checks.reading_checks import read_table

    return read_table(path)


def _text_boxes(path: Path) -> object:
    from balance.imports.box_files import read_text_boxes
    from balance.imports.source_files import ImageFinder
    from textlines.labels.tally import Tally

    image = path.with_name("page.jpg")
    image.touch()
    source = path.rename(path.with_name("page.txt"))
    return [
        list(read_text_boxes(source, [source], format, ImageFinder([path.parent]), Tally()))
        for format in ("icdar2015", "rctw17")
    ]


def _json_boxes(path: Path) -> object:
    from balance.imports.box_files import read_ppocr_det
    from textlines.labels.tally import Tally

    path.with_name("a.jpg").touch()
    return list(read_ppocr_det(path, path.parent, Tally()))


def _label_studio(path: Path) -> object:
    from balance.imports.label_studio import read_label_studio
    from balance.imports.source_files import ImageFinder
    from textlines.labels.tally import Tally

    path.with_name("a.jpg").touch()
    return list(read_label_studio(path, ImageFinder([path.parent]), Tally()))


_DET = '[{"transcription": "a", "points": [[1, 2], [9, 2], [9, 5], [1, 5]], "difficult": false}]'
_TASK = (
    '[{"id": 1, "data": {"ocr": "/d/a.jpg"}, "annotations": [{"result": [{"id": "x", '
    '"original_width": 9, "original_height": 9, "type": "rectangle", "value": {"x": 1, "y": 1, '
    '"width": 9, "height": 9, "rotation": 3}}, {"id": "x", "value": {"text": ["a"]}}]}]}]'
)

READERS: Mapping[str, tuple[Reader, tuple[str, ...]]] = {
    "label": (_label, ("a.jpg\tA값\n", '["a.jpg", "b.jpg"]\tx\r\n', "\ufeffa\\b.jpg\te\u0301\n")),
    "check": (_check, ("a.jpg\tA값 \n", "a.jpg\tשלום\nb.jpg\t\u200b \u00a0\n")),
    "dictionary": (_dictionary, ("a\nb\n값\n", "\ufeffa\r\n\ne\u0301\n")),
    "dictionary-yml": (_dictionary_yml, ("PostProcess:\n  character_dict:\n  - a\n  - '1'\n",)),
    "profile": (_profile, ()),
    "plan": (_plan, ()),
    "predictions": (_predictions, ("path\ttruth\tprediction\tscore\na.jpg\ta\tb\t0.9\n",)),
    "text-boxes": (_text_boxes, ('1,2,9,2,9,5,1,5,0,"a,b"\n', "1,2,9,2,9,5,1,5,###\n")),
    "json-boxes": (_json_boxes, (f"a.jpg\t{_DET}\n",)),
    "label-studio": (_label_studio, (_TASK,)),
}


def seeds_of(name: str) -> Iterable[bytes]:
    """Yield small true files of a reader."""
    yield from (seed.encode() for seed in READERS[name][1])
    if name == "profile":
        from textlines.formats.profile import profile_text
        from textlines.profile.measure import measure
        from textlines.profile.reading import Reading

        readings = [Reading("a.jpg", "10값", "1O값", 0.9), Reading("b.jpg", "a b", "ab", 0.5)]
        yield profile_text(measure(readings, None).profile).encode()
    if name == "plan":
        row = {"index": 0, "text": "값 1", "targets": ["1"], "face": "0-0", "style": "a",
               "split": "train", "source": "x"}  # fmt: skip
        yield (json.dumps(row, ensure_ascii=False) + "\n").encode()


def attempt(name: str, data: bytes, folder: Path) -> None:
    """Read some bytes as a file; a refusal is fine, any other error goes up."""
    for left in folder.iterdir():
        left.unlink()
    path = folder / "input.txt"
    path.write_bytes(data)
    with contextlib.suppress(MendError):
        READERS[name][0](path)


def in_memory() -> str | None:
    """Name a folder in memory, if there is one: a slow disk is no fault of a reader."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def fuzz(name: str, seconds: int, keep: Path) -> None:
    """Run atheris on one reader in this process; ends it."""
    import atheris

    folder = Path(tempfile.mkdtemp(dir=in_memory()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with atheris.instrument_imports(include=["textlines", "synth.plan", "balance"]):
        for seed in seeds_of(name):
            attempt(name, seed, folder)
    corpus = keep / f"corpus-{name}"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(name)):
        (corpus / f"seed{number}").write_bytes(seed)
    # A dictionary of the bytes that matter finds in seconds what chance finds in hours.
    words = keep / f"words-{name}"
    words.write_text(
        "".join(
            f'"{word}"\n'
            for word in (
                "\\x09", "\\x0d\\x0a", "\\xef\\xbb\\xbf", "\\x00", "\\xff\\xfe", "..\\x2f",
                "\\xe1\\x84\\x92\\xe1\\x85\\xa1", "\\xe2\\x80\\x8b", "\\xed\\xa0\\x80", "[\\x22",
                "1e999", "NaN", "-0", "null", "{}", "[]", "\\\\ud800",
            )
        )
    )  # fmt: skip
    options = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={seconds}",
        f"-dict={words}",
        f"-artifact_prefix={keep}/{name}-",
        "-max_len=4096",
        "-rss_limit_mb=3000",
        # In seconds by the clock: on a busy machine a short one would blame the reader.
        "-timeout=300",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    atheris.Setup(options, lambda data: attempt(name, data, folder))
    atheris.Fuzz()


def _commands(given: argparse.Namespace) -> int:
    """Fuzz command lines; the exit code."""
    from benchmarks.fuzz_run import fuzz_commands, table_lines

    table, found = fuzz_commands(
        given.readers, given.count, given.seed, given.keep.absolute(), given.workers
    )
    for line in table_lines(table):
        print(line)
    for one in found:
        last = one.ended.said.strip().splitlines()[-1:] or [""]
        told = f"{one.reader} {one.number}: {one.ended.verdict} ({one.file}: {one.mutation})"
        print(f"{told} {last[0][:150]}")
    return 1 if found else 0


def main() -> None:
    """Fuzz the readers one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("readers", nargs="*", help=f"of {', '.join(READERS)} [default: all]")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--count", type=int, help="cases of command lines over mutated files")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    parser.add_argument("--workers", type=int, default=2, help="processes for --count")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-out"))
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.count is not None:
        raise SystemExit(_commands(given))
    unknown = set(given.readers) - set(READERS)
    if unknown:
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    try:
        import atheris  # noqa: F401
    except ImportError:
        raise SystemExit("fuzz.py needs atheris: pip install atheris") from None
    given.keep.mkdir(parents=True, exist_ok=True)
    if given.one:
        fuzz(given.readers[0], given.seconds, given.keep)
        return
    failed = []
    for name in given.readers or READERS:
        command = [sys.executable, __file__, name, "--one", "--seconds", str(given.seconds),
                   "--keep", str(given.keep)]  # fmt: skip
        log = given.keep / f"{name}.log"
        with log.open("w") as out:
            code = subprocess.run(command, stdout=out, stderr=out, check=False).returncode
        text = log.read_text(errors="replace")
        runs = [line for line in text.splitlines() if "number_of_executed_units" in line]
        print(f"{name}: {'no fault' if code == 0 else 'FAULT'}, {' '.join(runs) or log}")
        if code:
            failed.append(name)
            print(text[-3000:])
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
