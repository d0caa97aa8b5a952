"""For tests: the `synth` command, as a process of its own and inside this one; fonts made here."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Contours = tuple[tuple[tuple[int, int], ...], ...]

QUICK = """
about = "small and quick to draw"
faces = ["seven_segment"]
[output]
height = 16
[geometry]
rotation = { p = 0.3, deg = [-2.0, 2.0] }
[camera]
gaussian_blur = { p = 0.3, sigma = [0.3, 0.6] }
sensor_noise = { p = 0.3, level = [0.5, 2] }
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Set one cache for all commands of the session, and hide the fonts of this machine."""
    home = tmp_path_factory.mktemp("cache")
    changed = {"XDG_CACHE_HOME": str(home), "OCR_FONT_DIRS": ""}
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    yield home
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture
def start_synth(cache_home: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Yield a function that starts the installed script, in a process group of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, **options: Any) -> "subprocess.Popen[str]":
        command = [str(Path(sys.executable).with_name("synth")), *map(str, arguments)]
        # A shell that runs tests in the background starts them with Ctrl-C ignored, and what is
        # ignored is inherited: the script is started as from a terminal.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
                **options,
            )
        finally:
            signal.signal(signal.SIGINT, before)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def run_synth(start_synth: Callable[..., "subprocess.Popen[str]"]) -> Callable[..., Ended]:
    """Return a function that runs the installed script to its end."""

    def run(*arguments: object, **options: Any) -> Ended:
        process = start_synth(*arguments, **options)
        out, err = process.communicate(timeout=300)
        return Ended(process.returncode, out, err)

    return run


@pytest.fixture
def synth_here(
    cache_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Return a function that runs the command line inside this process: quicker, no new Python."""
    import signal

    from synth.cli import main

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["synth", *map(str, arguments)])
        capsys.readouterr()
        on_term = signal.getsignal(signal.SIGTERM)
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGTERM, on_term)
        assert isinstance(code, int)
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture(scope="session")
def quick_options() -> Callable[[Path, int], list[str]]:
    """Return a function that writes a style and texts into a folder and returns a run's options.

    A sample of the style is drawn in half a millisecond.
    """

    def options(folder: Path, samples: int) -> list[str]:
        style, texts = folder / "quick.toml", folder / "texts.txt"
        style.write_text(QUICK)
        texts.write_text("".join(f"{k * 37 % 10_000:04}\n" for k in range(samples)))
        named = ["--style", str(style), "--text-list", str(texts)]
        return ["generate", *named, "--repeat-cap", "0", "--seed", "3"]

    return options


@pytest.fixture
def quick_run(
    tmp_path: Path, quick_options: Callable[[Path, int], list[str]]
) -> Callable[[int], list[str]]:
    """Return a function from a count of numbers to the options of a quick run of them."""
    return lambda samples: quick_options(tmp_path, samples)


@pytest.fixture
def draw_run(
    tmp_path: Path, quick_run: Callable[[int], list[str]], synth_here: Callable[..., Any]
) -> Callable[[int], Path]:
    """Return a function that draws a quick run of so many numbers and returns its folder."""

    def draw(samples: int) -> Path:
        ended = synth_here(*quick_run(samples), "--workers", 1, "--out", tmp_path / "run")
        assert ended.code == 0, ended.err
        return tmp_path / "run"

    return draw


@pytest.fixture(scope="session")
def contents_of() -> Callable[[Path], dict[str, str]]:
    """Return a function that hashes every file of a folder but the lock files."""

    def contents(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".lock")
        }

    return contents


def box(left: int, bottom: int, right: int, top: int) -> tuple[tuple[int, int], ...]:
    return ((left, bottom), (left, top), (right, top), (right, bottom))


@pytest.fixture(scope="session")
def rectangle() -> Callable[[int, int, int, int], Any]:
    """Return the function that makes a rectangle (left, bottom, right, top) in font units."""
    return box


@pytest.fixture
def make_font(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a TrueType font of simple shapes, 1000 units to the em."""

    def make(
        glyphs: Mapping[str, Contours],
        name: str = "Test",
        style: str = "Regular",
        licence: str = "",
        path: Path | None = None,
        glyph_names: Mapping[str, str] | None = None,
    ) -> Path:
        from fontTools.fontBuilder import FontBuilder
        from fontTools.pens.ttGlyphPen import TTGlyphPen

        names = {char: (glyph_names or {}).get(char, f"uni{ord(char):04X}") for char in glyphs}
        shapes: dict[str, Contours] = {".notdef": (box(50, 0, 90, 700), box(200, 0, 240, 700))}
        shapes |= {names[char]: contours for char, contours in glyphs.items()}
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(list(shapes))
        builder.setupCharacterMap({ord(char): names[char] for char in glyphs})
        drawn = {}
        for glyph, contours in shapes.items():
            pen = TTGlyphPen(None)
            for contour in contours:
                pen.moveTo(contour[0])
                for point in contour[1:]:
                    pen.lineTo(point)
                pen.closePath()
            drawn[glyph] = pen.glyph()
        builder.setupGlyf(drawn)
        table = builder.font["glyf"]
        builder.setupHorizontalMetrics(
            {glyph: (600, getattr(table[glyph], "xMin", 0)) for glyph in shapes}
        )
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupNameTable(
            {"familyName": name, "styleName": style, "licenseDescription": licence}, mac=False
        )
        builder.setupOS2()
        builder.setupPost()
        target = path or tmp_path / f"{name}-{style}.ttf"
        target.parent.mkdir(parents=True, exist_ok=True)
        builder.save(target)
        return target

    return make
