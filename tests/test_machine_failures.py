"""A failure of the machine stops the command; it is never counted as a fault of a file."""

import errno
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as pillow

from balance.checks.image_facts import look
from balance.imports.source_files import ImageFinder
from balance.mixing.label_columns import Images
from balance.mixing.slices import with_slack
from synth.faces.font_files import read_font_file
from synth.rendering.photos import PhotoBank
from synth.run import drawing
from textlines.errors import MachineError
from textlines.files import files_below
from textlines.pixels.decode import ImageError, decode_image, read_image
from train.seen import digests_of
from train.tuning.training_lines import image_size

# Not `sys.path`: other tests put benchmarks/ there, which holds a `train.py`.
ROOT = Path(__file__).resolve().parents[1]

SHIM = "import sys\nsys.modules[{name!r}] = None\n"
"""A module that cannot be imported, as where libGL is missing."""


def run(
    folder: Path, *arguments: str, shim: str = "", code: str = ""
) -> subprocess.CompletedProcess[str]:
    (folder / "shim").mkdir(exist_ok=True)
    (folder / "shim" / "sitecustomize.py").write_text(shim, encoding="utf-8")
    path = os.pathsep.join([str(folder / "shim"), *sys.path])
    command = [sys.executable, *(["-c", code] if code else ["-m"]), *arguments]
    environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


def one_line(done: subprocess.CompletedProcess[str], words: str) -> None:
    assert done.returncode == 1, done.stderr
    assert words in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def drawn(folder: Path, count: int) -> None:
    """Write a label file of sound images."""
    lines = []
    for number in range(count):
        image = np.full((40, 200, 3), 230, np.uint8)
        cv2.putText(image, f"{number:06d}", (8, 30), 0, 1.0, (30, 30, 30), 2)
        cv2.imwrite(str(folder / f"{number}.png"), image)
        lines.append(f"{number}.png\t{number:06d}\n")
    (folder / "train.txt").write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize("module", ["cv2", "PIL.Image"])
@pytest.mark.parametrize("count", [3, 130])
def test_a_library_that_does_not_load_breaks_no_image(
    module: str, count: int, tmp_path: Path
) -> None:
    """In this process and in workers; the next call finds no verdict of that kind in its cache."""
    drawn(tmp_path, count)
    check = ("balance", "check", "train.txt", "--fix", "fixed.txt", "--workers", "2")
    done = run(tmp_path, *check, shim=SHIM.format(name=module))
    one_line(done, "a library does not load")
    assert not (tmp_path / "fixed.txt").exists()
    done = run(tmp_path, *check)
    assert "broken" not in done.stdout + done.stderr
    assert len((tmp_path / "fixed.txt").read_text(encoding="utf-8").splitlines()) == count


STARVED = """
import resource, sys
from pathlib import Path
from balance.checks.image_facts import look
from balance.checks import check_text, checking, mending, survey
from balance.cli import main
look(Path("small.png")), look(Path("small_rgba.png")), look(Path("small.jpg"))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (48 << 20), -1))
sys.argv = ["balance", "check", sys.argv[1], "--fix", "fixed.txt", "--workers", "1", "--no-near"]
main()
"""


@pytest.mark.parametrize(("name", "mode"), [("a.png", "L"), ("a.jpg", "RGB"), ("b.png", "RGBA")])
def test_short_memory_breaks_no_image(name: str, mode: str, tmp_path: Path) -> None:
    """36 million pixels are within the limit: with memory they are read."""
    pillow.new(mode, (6000, 6000)).save(tmp_path / name)
    for small, kind in (("small.png", "RGB"), ("small_rgba.png", "RGBA"), ("small.jpg", "RGB")):
        pillow.new(kind, (40, 20)).save(tmp_path / small)
    (tmp_path / "train.txt").write_text(f"{name}\t1\n", encoding="utf-8")
    one_line(run(tmp_path, "train.txt", code=STARVED), "there is not enough memory")
    assert not (tmp_path / "fixed.txt").exists()
    assert look(tmp_path / name).fault == ""


def test_what_the_file_is_to_blame_for_is_counted_as_before(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jpg"
    noise = np.random.default_rng(1).integers(0, 256, (40, 200, 3), np.uint8)
    cv2.imwrite(str(whole), noise)
    (tmp_path / "cut.jpg").write_bytes(whole.read_bytes()[:-900])
    pillow.new("1", (8000, 8000)).save(tmp_path / "large.png")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    faults = {
        "cut.jpg": "truncated",
        "large.png": "too_large",
        "pipe.jpg": "unreadable",
        "loop.jpg": "unreadable",
        "none.jpg": "missing",
        "a\0b.jpg": "unreadable",
    }
    for name, fault in faults.items():
        assert look(tmp_path / name).fault == fault, name
        with pytest.raises(ImageError) as met:
            read_image(tmp_path / name)
        assert met.value.reason == fault
    names = [tmp_path / name for name in faults]
    assert [image_size(path) is None for path in names] == [False, False, True, True, True, True]
    assert digests_of(names)[1] == (True, True, False, False, False, False)


def image_finder(folder: Path) -> object:
    return ImageFinder([folder])


def listed(folder: Path) -> object:
    name = b"one.png"
    return Images(folder, "listing").present(with_slack(name), np.array([0]), np.array([len(name)]))


READERS: dict[str, Callable[[Path], object]] = {
    "a crop": lambda folder: read_image(folder / "one.png"),
    "a look at a crop": lambda folder: look(folder / "one.png"),
    "the size of a crop": lambda folder: image_size(folder / "one.png"),
    "the hash of a crop": lambda folder: digests_of([folder / "one.png"]),
    "photos": PhotoBank,
    "a font": lambda folder: read_font_file(folder / "one.ttf"),
    "a listing": listed,
    "pages of an annotation": image_finder,
    "files of a corpus": files_below,
}


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EACCES, errno.EIO, errno.ENOMEM])
@pytest.mark.parametrize("reader", READERS)
def test_every_reader_tells_the_machine_from_the_file(
    reader: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root reads what it may not, so the system's answer is a stub."""
    pillow.new("RGB", (600, 400)).save(tmp_path / "one.png")
    (tmp_path / "one.ttf").write_bytes(b"\x00\x01\x00\x00")
    READERS[reader](tmp_path)

    def refuse(path: Any, *rest: Any, **options: Any) -> Any:
        raise OSError(code, os.strerror(code), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        patched.setattr(os, "scandir", refuse)
        patched.setattr(Path, "read_bytes", refuse)
        with pytest.raises(MachineError):
            READERS[reader](tmp_path)


def test_a_locale_that_cannot_write_a_name_breaks_no_image(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("값.png\t1\n", encoding="utf-8")
    pillow.new("RGB", (60, 40)).save(tmp_path / "값.png")
    code = (
        "import sys; sys.argv = ['balance', 'check', 'train.txt', '--fix', 'fixed.txt'];"
        "from balance.cli import main; main()"
    )
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, **locale, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    one_line(done, "this locale (ascii) cannot write the name. Set PYTHONUTF8=1.")
    assert not (tmp_path / "fixed.txt").exists()


def test_decoders_without_memory_are_told_from_broken_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pillow's decoders say in words alone that memory was short."""
    import io

    from PIL import ImageFile

    held = io.BytesIO()
    pillow.new("RGBA", (40, 20)).save(held, "PNG")

    def load(self: ImageFile.ImageFile) -> None:
        raise OSError("out of memory error when reading image file")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(MachineError, match="not enough memory"):
        decode_image(held.getvalue(), name="a.png")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "there is not enough memory"),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "a library does not load"),
        (OSError(errno.EMFILE, "Too many open files"), "too many files are open"),
        (RuntimeError("std::bad_alloc"), "there is not enough memory"),
    ],
)
def test_a_worker_that_draws_hands_the_machines_failure_on(
    error: Exception, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise error

    monkeypatch.setattr(drawing, "draw_block", fail)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=drawing._serve, args=(None, tmp_path, theirs, [ours]))
    process.start()
    theirs.close()
    ours.send("a block")
    answer = ours.recv()
    process.join()
    assert isinstance(answer, MachineError) and words in str(answer)
    assert "\n" not in str(answer)
