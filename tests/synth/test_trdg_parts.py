"""trdg behind its adapter: seeded by line, boxes along with what is bent, and said where it is not.

Where trdg is not installed, a stand-in with its calls is asked, which draws from the same streams.
"""

import inspect
import random
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pictures

from synth import plugins, trdg_parts
from synth.faces.display import display_faces
from synth.plugins import plugin_parts
from synth.rendering.bends import Bend, bent, bent_boxes
from synth.rendering.looks import bind
from synth.rendering.sample import Sample, Setup
from synth.rendering.style import Style, load_style, make_style
from textlines.errors import UsageError
from textlines.formats.plan_rows import PlanRow
from textlines.installing import install_line

REAL = find_spec("trdg") is not None
CALM = (
    *('plugins=["trdg"]', 'faces=["dot_matrix"]', "photos.p=0", "distractors={}", "stroke={}"),
    *("geometry={}", "light={}", "camera={}"),
)


def distorting(move: Callable[[int, int], int]) -> Callable[..., Any]:
    """Return a distortion that moves columns and rows, and grows the picture to hold both."""

    def distort(
        image: Any, mask: Any, vertical: bool = False, horizontal: bool = False
    ) -> tuple[Any, Any]:
        full = np.asarray(image)
        height, width = full.shape[:2]
        most = int(height**0.5)
        grown = np.zeros((height + 2 * most * vertical, width + 2 * most * horizontal, 4), np.uint8)
        for at in range(width if vertical else height):
            start = most + move(at, most)
            if vertical:
                grown[start : start + height, at] = full[:, at]
            else:
                grown[at, start : start + width] = full[at]
        return Pictures.fromarray(grown), mask

    return distort


def noise(height: int, width: int) -> Any:
    """Return noise from OpenCV's stream."""
    levels = np.zeros((height, width), np.uint8)
    cv2.randn(levels, 200, 20)
    return Pictures.fromarray(levels).convert("RGBA")


def waves(height: int, width: int) -> Any:
    """Return stripes that the stream of `random` decides."""
    levels = [random.randrange(120, 256) for _ in range(width)]
    return Pictures.fromarray(np.array([levels] * height, np.uint8)).convert("RGBA")


def cut(height: int, width: int, folder: str) -> Any:
    """Return one colour that the names of a folder, in their order, and the stream decide."""
    names = sys.modules["trdg.background_generator"].os.listdir(folder)
    grey = 150 + 20 * names.index(random.choice(names))
    return Pictures.new("RGB", (width, height), (grey, grey, 255))


@pytest.fixture(scope="module", params=[*(["trdg"] if REAL else []), "stand-in"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Offer trdg, a stand-in and the real one where it is installed (extra `fonts`)."""
    trdg_parts._backgrounds.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "stand-in":
            folder = tmp_path_factory.mktemp("trdg")
            (folder / "images").mkdir()
            for name in ("b.jpg", "a.jpg", "c.jpg"):
                (folder / "images" / name).touch()
            grounds: Any = ModuleType("trdg.background_generator")
            grounds.__file__ = str(folder / "background_generator.py")
            grounds.gaussian_noise, grounds.quasicrystal, grounds.image = noise, waves, cut
            bends: Any = ModuleType("trdg.distorsion_generator")
            bends.sin = distorting(lambda at, most: int(np.sin(at / 57) * most))
            bends.cos = distorting(lambda at, most: int(np.cos(at / 57) * most))
            bends.random = distorting(lambda at, most: random.randint(0, most - 1))
            package: Any = ModuleType("trdg")
            package.background_generator, package.distorsion_generator = grounds, bends
            for module in (package, grounds, bends):
                patch.setitem(sys.modules, module.__name__, module)
            patch.setattr(plugins, "distribution", lambda name: SimpleNamespace(entry_points=()))
        yield request.param
    trdg_parts._backgrounds.cache_clear()


def style_of(*keys: str) -> Style:
    """Return a calm style with parts of trdg."""
    return load_style("document", (*CALM, *keys))


def samples_of(style: Style, order: list[int]) -> dict[int, Sample]:
    """Draw lines in an order."""
    faces = tuple(face for face in display_faces() if face.kind == "dot_matrix")
    engine = Setup(style, faces, None, 4).engine()
    return {
        at: engine.sample(PlanRow(at, f"NO {at} {at * 7 % 10}.5", (), faces[0].id, style.name))
        for at in order
    }


GROUNDS = ("trdg_gaussian", "trdg_quasicrystal", "trdg_image")
BENDS = ("trdg_sin", "trdg_cos", "trdg_random")


@pytest.mark.parametrize("name", GROUNDS)
def test_a_ground_depends_on_its_seed_alone(loaded: str, name: str) -> None:
    ground = plugin_parts(["trdg"], "surfaces", "here")[name]
    first = ground(24, 60, None, None, seed=7)
    assert (first.shape, first.dtype) == ((24, 60, 3), np.uint8)
    others = [ground(24, 60, None, None, seed=seed) for seed in range(8)]
    random.seed(1)
    cv2.setRNGSeed(1)
    np.testing.assert_array_equal(ground(24, 60, None, None, seed=7), first)
    assert any((other != first).any() for other in others)


@pytest.mark.parametrize("name", [*GROUNDS, *BENDS])
def test_the_stream_of_random_is_put_back(loaded: str, name: str) -> None:
    random.seed(5)
    before = random.getstate()
    if name in GROUNDS:
        plugin_parts(["trdg"], "surfaces", "here")[name](16, 20, None, None, seed=1)
    else:
        plugin_parts(["trdg"], "bend", "here")[name](16, 20, (4, 4, 12, 12), seed=1)
    assert random.getstate() == before


def test_a_calm_ground_is_one_colour(loaded: str) -> None:
    for name in ("trdg_quasicrystal", "trdg_image"):
        ground = plugin_parts(["trdg"], "surfaces", "here")[name]
        assert np.ptp(ground(24, 60, None, None, calm=1, seed=7), axis=(0, 1)).max() <= 1


HEIGHT, WIDTH = 48, 240


@st.composite
def letters(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    size = draw(st.integers(10, 44))
    x, y = draw(st.integers(2, 60)), draw(st.integers(1, HEIGHT - size - 1))
    mask, boxes = np.zeros((HEIGHT, WIDTH), np.uint8), []
    for left in range(x, WIDTH - size - 2, size + 6)[: draw(st.integers(1, 6))]:
        mask[y : y + size, left : left + size] = 255
        boxes.append((left, y, left + size, y + size))
    return mask, np.array(boxes, np.int32)


@given(
    row=letters(),
    name=st.sampled_from(BENDS),
    ways=st.sampled_from([(1, 0), (0, 1), (1, 1)]),
    amount=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_ink_stays_inside_and_boxes_go_along(
    loaded: str,
    row: tuple[np.ndarray, np.ndarray],
    name: str,
    ways: tuple[int, int],
    amount: float,
    seed: int,
) -> None:
    mask, boxes = row
    box = (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
    part = plugin_parts(["trdg"], "bend", "here")[name]
    given_ = {"vertical": ways[0], "horizontal": ways[1], "amount": amount, "seed": seed}
    bend = Bend(*part(HEIGHT, WIDTH, box, **given_))
    moved, placed = bent(mask, bend), bent_boxes(boxes, bend)
    rim = np.concatenate([moved[0], moved[-1], moved[:, 0], moved[:, -1]])
    assert rim.max() < 128
    outside = moved.copy()
    for x0, y0, x1, y1 in placed.tolist():
        assert moved[y0:y1, x0:x1].max() > 128
        outside[y0:y1, x0:x1] = 0
    assert outside.max(initial=0) < 160
    for plane, again in zip(bend, part(HEIGHT, WIDTH, box, **given_), strict=True):
        np.testing.assert_array_equal(plane, again)


def test_no_moves_leave_the_line(loaded: str) -> None:
    part = plugin_parts(["trdg"], "bend", "here")["trdg_sin"]
    x, y = part(HEIGHT, WIDTH, (20, 10, 200, 40), vertical=0, seed=1)
    assert (x == np.arange(WIDTH)).all() and (y == np.arange(HEIGHT)[:, None]).all()


def test_columns_follow_the_sine(loaded: str) -> None:
    part = plugin_parts(["trdg"], "bend", "here")["trdg_sin"]
    _, y = part(HEIGHT, 400, (10, 16, 390, 32), seed=1)
    low = np.arange(HEIGHT)[:, None] - y
    assert low[:, 90].mean() > 4 and low[:, 270].mean() < -4


def test_lines_are_drawn_and_depend_on_no_others(loaded: str) -> None:
    style = style_of(
        "surfaces={ trdg_gaussian = {}, trdg_quasicrystal = { calm = 0.7 }, "
        "trdg_image = { calm = [0.4, 0.8] } }",
        "bend={ trdg_sin = { p = 0.5 }, trdg_cos = { p = 0.3, horizontal = 1 }, "
        "trdg_random = { p = 0.5, amount = [0.1, 0.4] } }",
    )
    forwards, backwards = samples_of(style, list(range(12))), samples_of(style, [7, 3, 11])
    assert all(forwards[at].data == sample.data for at, sample in backwards.items())
    rows = [sample.record for sample in forwards.values()]
    used = {name for row in rows for name, _ in row["effects"]}
    assert used >= {"trdg_sin", "trdg_random"}
    assert len({row["surface"][0] for row in rows}) == 3
    assert sum(row["fallback"] for row in rows) <= 1


def test_numbers_beyond_what_is_drawn_are_refused(loaded: str) -> None:
    with pytest.raises(UsageError, match=r"bend\.trdg_random\.amount: asks for 0\.1 to 0\.9, and "):
        bind(style_of("bend.trdg_random={ amount = [0.1, 0.9] }"))
    with pytest.raises(UsageError, match=r"surfaces\.trdg_image\.calm: asks for 2"):
        bind(style_of("surfaces={ trdg_image = { calm = 2 } }"))


def numbers_of(part: Callable[..., Any]) -> set[str]:
    """Return the parameters of a part that a style may set."""
    parameters = inspect.signature(part).parameters.values()
    return {one.name for one in parameters if one.kind is one.KEYWORD_ONLY} - {"seed"}


def test_the_limits_are_those_of_parts() -> None:
    for key in trdg_parts.LIMITS:
        stage, name, parameter = key.split(".")
        assert parameter in numbers_of(trdg_parts._PARTS[stage][name])


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide trdg."""
    trdg_parts._backgrounds.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "trdg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "trdg", None)
    yield
    trdg_parts._backgrounds.cache_clear()


def test_without_trdg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(plugins, "distribution", absent)
    with pytest.raises(UsageError) as caught:
        bind(make_style({"plugins": ["trdg"]}))
    assert f"there is no package trdg. Install it: {install_line('fonts')}" in str(caught.value)


def test_a_broken_trdg_is_named(hidden: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "distribution", lambda name: SimpleNamespace(entry_points=()))
    with pytest.raises(UsageError, match=r"the package trdg does not load \(ModuleNotFoundError"):
        bind(make_style({"plugins": ["trdg"]}))


def test_nothing_of_trdg_is_loaded_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"surfaces\.trdg_image: there is no such part"):
        bind(make_style({"surfaces": {"trdg_image": {}}}))


def test_every_part_stands_in_the_documents() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    for name in ("styles.md", "styles.ko.md"):
        text = (docs / name).read_text(encoding="utf-8")
        for parts in trdg_parts._PARTS.values():
            for part, function in parts.items():
                (row,) = (row for row in text.splitlines() if row.startswith(f"| `{part}` |"))
                assert all(f"`{key}`" in row for key in numbers_of(function))
