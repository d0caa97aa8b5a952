import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from balance.checks import survey as surveys
from balance.checks.image_facts import ALPHA, CMYK, TURNED, ImageFacts, look
from balance.checks.survey import FactCache, cache_file, survey
from textlines.errors import MachineError


def saved(array: np.ndarray, format: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).convert(mode).save(out, format, **options)
    return out.getvalue()


def turned_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def cases(kit: Any) -> dict[str, tuple[bytes | None, str]]:
    line = kit.drawn("text 1")
    jpeg = saved(line, "JPEG")
    return {
        "missing.jpg": (None, "image_missing"),
        "empty.jpg": (b"", "image_empty"),
        "cut.jpg": (jpeg[: len(jpeg) // 2], "image_truncated"),
        "text.jpg": (b"no image at all", "image_broken"),
        "blank.jpg": (saved(np.full((40, 200, 3), 200, np.uint8), "JPEG"), "image_blank"),
        "tiny.png": (saved(line[::6], "PNG"), "image_tiny"),
        "long.png": (saved(np.tile(line, (1, 12, 1)), "PNG"), "image_aspect"),
        "high.png": (saved(line.swapaxes(0, 1).copy(), "PNG"), "image_sideways"),
        "alpha.png": (saved(line, "PNG", "RGBA"), "image_alpha"),
        "cmyk.jpg": (saved(line, "JPEG", "CMYK"), "image_cmyk"),
        "turned.jpg": (
            saved(line.swapaxes(0, 1).copy(), "JPEG", exif=turned_exif()),
            "image_exif",
        ),
    }


def test_each_bad_image_is_found_at_its_line(kit: Any) -> None:
    wanted = cases(kit)
    for name, (data, _) in wanted.items():
        if data is not None:
            kit.text(name, data)
    kit.save("fine.jpg", kit.drawn("text 1"))
    names = ["fine.jpg", *wanted]
    file = kit.text("labels.txt", "".join(f"{name}\ttext 1\n" for name in names))
    checked = kit.check(file, near=False)
    for number, (name, (_, code)) in enumerate(wanted.items(), 2):
        assert number in kit.places(checked, code), name
    found = {f.line for c in checked.findings.counts() for f in checked.findings.listed(c)}
    assert 1 not in found


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("text 1", "image_sideways"),
        ("12.50", "image_sideways"),
        ("합계 1", "image_sideways"),
        ("Exit 出口", "image_sideways"),
        ("出口 2", "image_aspect"),  # may be a column of upright characters
        ("1", ""),  # one character is as high as it is
    ],
)
def test_a_high_crop_lies_on_its_side_by_its_label(kit: Any, label: str, code: str) -> None:
    kit.save("high.png", np.rot90(kit.drawn("text 1")).copy())
    kit.save("wide.png", kit.drawn("text 1"))
    file = kit.text("labels.txt", f"wide.png\t{label}\nhigh.png\t{label}\n")
    checked = kit.check(file, near=False)
    found = {
        one: kit.places(checked, one)
        for one in ("image_sideways", "image_aspect")
        if kit.places(checked, one)
    }
    assert found == ({code: [2]} if code else {})


def test_an_image_that_may_not_be_read_stops_the_check(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be sound: whoever runs the check has not the rights."""

    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    kit.save("a.jpg", kit.drawn("x"))
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(MachineError, match=r"a\.jpg: may not be read"):
        look(kit.folder / "a.jpg")


def test_a_loop_of_links_is_unreadable_and_ends(kit: Any) -> None:
    (kit.folder / "a.jpg").symlink_to(kit.folder / "b.jpg")
    (kit.folder / "b.jpg").symlink_to(kit.folder / "a.jpg")
    (kit.folder / "loop").symlink_to(kit.folder, target_is_directory=True)
    file = kit.text("labels.txt", "a.jpg\tx\nloop/loop/a.jpg\ty\n")
    assert kit.places(kit.check(file), "image_unreadable") == [1, 2]


@pytest.mark.parametrize("name", ["with space/값 1.jpg", "漢字/😀.png", "a" * 200 + ".jpg"])
def test_paths_of_every_script_are_found(kit: Any, name: str) -> None:
    checked = kit.check(kit.lines("labels.txt", {name: "text"}))
    assert checked.findings.total("error") == 0
    assert checked.survey is not None and checked.survey.facts[f"{kit.folder}/{name}"].width


def test_a_thin_mark_is_not_blank_and_grain_is(kit: Any) -> None:
    image = np.full((48, 300, 3), 230, np.uint8)
    image[30:36, 100:106] = 20
    kit.save("dot.png", image)
    draw = np.random.default_rng(0)
    kit.save("grain.png", draw.integers(225, 232, (48, 300, 3)).astype(np.uint8))
    assert not look(kit.folder / "dot.png").is_blank
    assert look(kit.folder / "grain.png").is_blank


def test_traits_are_told_by_the_header(kit: Any) -> None:
    for name, trait in (("alpha.png", ALPHA), ("cmyk.jpg", CMYK), ("turned.jpg", TURNED)):
        data = cases(kit)[name][0]
        assert data is not None
        assert look(kit.text(name, data)).traits == trait


def test_facts_come_from_the_cache_until_the_file_changes(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, cache = kit.save("a.jpg", kit.drawn("one")), kit.folder / "cache" / "facts.sqlite"
    first = survey([str(path)], cache=cache, workers=1)
    again = survey([str(path)], cache=cache, workers=1)
    assert (first.known, again.known) == (0, 1)
    assert first.facts == again.facts and first.facts[str(path)].hashes
    os.utime(path, ns=(1, 1))
    assert survey([str(path)], cache=cache, workers=1).known == 0


def test_a_killed_survey_goes_on(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(kit.save(f"{n}.png", kit.drawn("ab", seed=n))) for n in range(6)]
    cache = kit.folder / "facts.sqlite"
    monkeypatch.setattr(surveys, "CHUNK", 2)

    def die(done: int, total: int, note: str) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        survey(paths, cache=cache, workers=1, watch=die)
    assert survey(paths, cache=cache, workers=1).known == 4


def test_workers_find_the_same_as_one(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(kit.save(f"{n}.png", kit.drawn("ab", seed=n))) for n in range(5)]
    monkeypatch.setattr(surveys, "ALONE", 1)
    monkeypatch.setattr(surveys, "CHUNK", 2)
    alone = survey(paths, cache=None, workers=1)
    assert dict(survey(paths, cache=None, workers=2).facts) == dict(alone.facts)


def test_workers_start_where_opencv_has_threads_already(kit: Any, tmp_path: Path) -> None:
    """A forked worker would wait for ever for threads that it has no copy of."""
    paths = [str(kit.save(f"{n}.png", kit.drawn("ab", seed=n))) for n in range(5)]
    code = (
        "import sys, cv2, numpy as np\n"
        "import balance.checks.survey as surveys\n"
        "def main():\n"
        "    cv2.setNumThreads(4)\n"
        "    cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.uint8), (31, 31), 5)\n"
        "    surveys.ALONE, surveys.CHUNK = 1, 2\n"
        "    print(len(surveys.survey(sys.argv[1:], cache=None, workers=2).facts))\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script), *paths],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.fspath, sys.path))},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout) == (0, "5\n"), done.stderr


def test_an_image_that_changes_while_it_is_looked_at_is_reported_and_not_kept(
    kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.lines("labels.txt", {"a.jpg": "one"})
    cache = kit.folder / "facts.sqlite"

    def slow(path: Path) -> ImageFacts:
        facts = look(path)
        path.write_bytes(path.read_bytes() + b"\0")
        return facts

    monkeypatch.setattr(surveys, "look", slow)
    checked = kit.check(kit.folder / "labels.txt", cache=cache)
    assert kit.only(checked, "changed_while_read").file.endswith("a.jpg")
    monkeypatch.undo()
    assert kit.check(kit.folder / "labels.txt", cache=cache).survey.known == 0


@pytest.mark.parametrize("content", [b"this is no database", b""])
def test_a_broken_cache_is_no_reason_to_fail(kit: Any, content: bytes) -> None:
    cache, path = kit.text("facts.sqlite", content), kit.save("a.jpg", kit.drawn("x"))
    found = survey([str(path)], cache=cache, workers=1)
    assert found.facts[str(path)].width and bool(found.cache_trouble) == bool(content)


def test_a_cache_that_cannot_be_written_says_so(kit: Any) -> None:
    kit.text("file", "")
    store = FactCache(kit.folder / "file" / "facts.sqlite")
    assert "file" in store.trouble and store.find({"a": (1, 1)}) == {}
    store.keep([("a", (1, 1), ImageFacts())])


def test_the_cache_lies_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/cache")
    assert cache_file().parent == Path("/some/cache/ocr-mend")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_file().parent == Path("~/.cache/ocr-mend").expanduser()


def test_an_image_of_more_pixels_than_any_line_is_refused_by_its_header(kit: Any) -> None:
    header = saved(np.zeros((8, 8, 3), np.uint8), "BMP")
    huge = header[:18] + (8_000).to_bytes(4, "little") * 2 + header[26:]
    kit.text("huge.bmp", huge)
    checked = kit.check(kit.text("labels.txt", "huge.bmp\ttext 1\n"), near=False)
    assert kit.places(checked, "image_too_large") == [1]
    assert "8000 x 8000 pixels" in kit.only(checked, "image_too_large").detail
