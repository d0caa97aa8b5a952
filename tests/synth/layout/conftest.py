"""Small pages, drawn once: with our display faces and the one face that comes with Pillow."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ImageFont

from synth.layout.page_engine import DrawnPage
from synth.layout.page_job import PageJob, PageOptions, assemble_pages

Options = Callable[..., list[str]]


@pytest.fixture(scope="session")
def print_font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the font that Pillow carries into a folder of its own: Latin letters, CC0."""
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "print.otf").write_bytes(ImageFont.load_default(20).path.getvalue())
    return folder


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write words that this font holds."""
    path = tmp_path_factory.mktemp("words") / "words.txt"
    path.write_text("TOTAL\nLITRES\nkWh\nbar\nSET\nReset\nPump 4\nMax 30 kg\n")
    return path


@pytest.fixture(scope="session")
def page_job(cache_home: Path, print_font: Path, words: Path) -> Callable[..., PageJob]:
    """Return a function that puts a job of small pages together."""

    def make(**options: object) -> PageJob:
        given = {"count": 40, "size": 480, "words": words, "fonts": (print_font,), **options}
        return assemble_pages(PageOptions(**given))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def drawn(page_job: Callable[..., PageJob]) -> list[DrawnPage]:
    """Draw forty pages."""
    job = page_job(seed=11)
    engine = job.setup.engine()
    return [engine.page(planned) for planned in job.plan()]


@pytest.fixture(scope="session")
def page_options(print_font: Path, words: Path) -> Options:
    """Return a function that returns the options of a command that draws a few small pages."""

    def options(count: int = 5, **more: object) -> list[str]:
        given = {
            "count": count,
            "size": 320,
            "words": words,
            "fonts": print_font,
            "seed": 3,
            **more,
        }
        return ["pages", *(str(part) for name, v in given.items() for part in (f"--{name}", v))]

    return options
