"""Drawing from Python: what a renderer takes, what it refuses, and the bytes of the command."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synth
from synth.faces.display import display_faces
from synth.rendering.sample import DrawingError
from synth.rendering.style import load_style, make_style
from textlines.errors import InputError, UsageError
from textlines.formats.plan_rows import PLAN
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import LabelError

METER: dict[str, Any] = {
    "name": "meter",
    "faces": ["seven_segment"],
    "output": {"height": 24},
    "camera": {"gaussian_blur": {"p": 0.5, "sigma": [0.3, 0.6]}},
}
METER_TOML = """
name = "meter"
faces = ["seven_segment"]
[output]
height = 24
[camera]
gaussian_blur = { p = 0.5, sigma = [0.3, 0.6] }
"""
TEXTS = ["47.01", "0.5", "1234"]
FAMILIES = sorted({face.family for face in display_faces() if face.kind == "seven_segment"})


@pytest.fixture(autouse=True)
def _in_a_cache_of_the_tests(cache_home: Path) -> None:
    """Keep what is known of faces out of the user's cache."""


def bytes_of(renderer: synth.Renderer) -> list[bytes]:
    return [sample.data for sample in renderer.lines(TEXTS)]


def families_of(renderer: synth.Renderer, count: int) -> list[str]:
    return [sample.record["face"]["family"] for sample in renderer.lines(["47"] * count)]


def test_what_the_package_names_is_there() -> None:
    assert set(synth.__all__) == {"Renderer", "Sample", "Style", "render"}
    assert all(callable(getattr(synth, name)) for name in synth.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'rendered'"):
        synth.rendered  # noqa: B018


def test_a_style_is_one_as_a_file_a_table_or_an_object(tmp_path: Path) -> None:
    file = tmp_path / "meter.toml"
    file.write_text(METER_TOML)
    drawn = bytes_of(synth.Renderer(METER, seed=3))
    assert drawn == bytes_of(synth.Renderer(file, seed=3))
    assert drawn == bytes_of(synth.Renderer(str(file), seed=3))
    assert drawn == bytes_of(synth.Renderer(make_style(METER), seed=3))
    assert drawn != bytes_of(synth.Renderer(METER, seed=4))


def test_a_name_is_the_style_of_the_package() -> None:
    named = synth.Renderer("lcd", seed=3).render("47.01")
    assert named.data == synth.Renderer(load_style("lcd"), seed=3).render("47.01").data
    assert named.data == synth.render("47.01", style="lcd", seed=3).data
    assert named.record["style"] == "lcd"


def test_settings_go_over_a_table_and_leave_it_as_it_is() -> None:
    before = json.dumps(METER)
    changed = ["output.height=32", "camera.gaussian_blur.p=0"]
    renderer = synth.Renderer(METER, settings=changed, seed=3)
    for sample in renderer.lines(TEXTS):
        assert sample.image.shape[0] == 32 and sample.record["effects"] == []
    assert json.dumps(METER) == before


@given(st.integers(0, 2**31), st.sampled_from(TEXTS))
@settings(max_examples=15, deadline=None)
def test_a_sample_depends_on_seed_number_and_text_alone(seed: int, text: str) -> None:
    one = synth.Renderer(METER, seed=seed)
    one.render("88", 1)
    sample, again = one.render(text, 7), synth.Renderer(METER, seed=seed).render(text, 7)
    assert sample.data == again.data and sample.record == again.record
    assert np.array_equal(sample.image, again.image)
    assert sample.record["text"] == text and sample.record["index"] == 7


def test_lines_are_numbered_from_where_they_start() -> None:
    drawn = list(synth.Renderer(METER, seed=3).lines(TEXTS, start=40))
    assert [sample.record["index"] for sample in drawn] == [40, 41, 42]
    assert [sample.data for sample in drawn] != bytes_of(synth.Renderer(METER, seed=3))


def test_a_label_is_composed_and_one_that_no_line_can_hold_is_refused() -> None:
    renderer = synth.Renderer(METER)
    with pytest.raises(LabelError, match="is empty"):
        renderer.render("")
    with pytest.raises(LabelError, match=r"U\+0009"):
        renderer.render("1\t2")


def test_an_alphabet_is_one_as_a_file_entries_or_an_object(tmp_path: Path) -> None:
    file = tmp_path / "digits.txt"
    file.write_text("\n".join("0123456789.") + "\n")
    alphabets: tuple[Any, ...] = (file, str(file), list("0123456789."), Alphabet.read(file))
    drawn = [bytes_of(synth.Renderer(METER, alphabet=alphabet)) for alphabet in alphabets]
    assert all(lines == drawn[0] for lines in drawn)


@pytest.mark.parametrize("text", ["47V", "4O.1", "값"])
def test_a_label_outside_the_alphabet_is_refused(text: str) -> None:
    renderer = synth.Renderer(METER, alphabet=list("0123456789."))
    with pytest.raises(LabelError, match=r"holds what the dictionary does not: .* Replace it"):
        renderer.render(text)


def test_a_space_is_held_as_the_alphabet_says() -> None:
    digits = tuple("0123456789.")
    assert synth.Renderer(METER, alphabet=Alphabet(digits)).render("1 2").record["text"] == "1 2"
    with pytest.raises(LabelError, match="SPACE"):
        synth.Renderer(METER, alphabet=Alphabet(digits, use_space_char=False)).render("1 2")


def test_what_the_alphabet_cannot_hold_is_mistaken_for_nothing() -> None:
    """Alone, a seven-segment 1 may be an I or an l, unless no label can hold those."""
    with pytest.raises(DrawingError, match="not clear '1' 'I'"):
        synth.Renderer(METER).render("1")
    sample = synth.Renderer(METER, alphabet=list("0123456789")).render("1")
    assert sample.record["text"] == "1"


def test_families_are_drawn_by_their_weights() -> None:
    heavy, never = FAMILIES[0], FAMILIES[1]
    weights = {heavy: 40.0, never: 0.0}
    drawn = families_of(synth.Renderer(METER, family_weights=weights, seed=1), 200)
    assert drawn.count(heavy) > 100 and never not in drawn and len(set(drawn)) > 2


def test_fonts_of_unknown_licence_are_left_out_where_only_known_ones_are_wanted(
    make_font: Callable[..., Path], rectangle: Callable[..., Any], tmp_path: Path
) -> None:
    shapes = {"L": (rectangle(50, 0, 150, 700), rectangle(150, 0, 500, 100))}
    make_font(shapes, "Free", licence="SIL Open Font License", path=tmp_path / "a.ttf")
    other = {"L": (rectangle(60, 0, 170, 690), rectangle(170, 0, 520, 110))}
    make_font(other, "Unknown", licence="Ask me", path=tmp_path / "b.ttf")
    options: dict[str, Any] = {"fonts": [tmp_path], "alphabet": ["L"], "seed": 1}
    every, known = (
        synth.Renderer("document", licence=licence, **options) for licence in ("any", "known")
    )
    families = [
        {sample.record["face"]["family"] for sample in renderer.lines(["LL"] * 30)}
        for renderer in (every, known)
    ]
    assert families == [{"Free", "Unknown"}, {"Free"}]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "cheque"}, r"--style cheque: there is no such style\. There are: document"),
        ({"style": "no.toml"}, r"no\.toml: there is no such file"),
        ({"style": {"inks": {}}}, r"style 'table': inks is unknown\. See docs/styles"),
        ({"style": {"name": "m", "output": 3}}, r"style 'm': output: .* valid dictionary\. See"),
        ({"style": {"light": {"fog": {}}}}, r"style 'table', light\.fog: there is no such part"),
        ({"settings": ["output.height"]}, r"--set output\.height: there is no key=value in it"),
        (
            {"style": make_style(METER), "settings": ["output.height=32"]},
            r"settings output\.height=32: go over a name, .* and 'meter' is a Style",
        ),
        ({"licence": "free"}, r"licence 'free': is neither any nor known"),
        (
            {"family_weights": {"Mend Serif": 1}},
            r"family_weights\['Mend Serif'\]: there is no such",
        ),
        ({"family_weights": {FAMILIES[0]: -1}}, r"is -1, and a weight is 0 or above"),
        ({"family_weights": {FAMILIES[0]: float("nan")}}, r"is nan, and a weight is 0 or above"),
        ({"alphabet": []}, r"alphabet: holds no entry"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        synth.Renderer(**{"style": METER, **options})


def test_files_that_are_not_there_are_refused_by_their_name(tmp_path: Path) -> None:
    for option in ("alphabet", "backgrounds"):
        with pytest.raises(InputError, match=f"{tmp_path / 'none'}"):
            synth.Renderer(METER, **{option: tmp_path / "none"})
    with pytest.raises(InputError, match="none"):
        synth.Renderer("document", fonts=[tmp_path / "none"])


def test_a_text_that_no_face_draws_is_refused_with_why() -> None:
    with pytest.raises(DrawingError, match=r"no face may draw it: .* Add fonts that hold"):
        synth.Renderer(METER).render("값")


def test_with_a_plan_it_draws_the_bytes_of_the_command(
    draw_run: Callable[[int], Path], tmp_path: Path
) -> None:
    """The command chooses a face for its plan; where only one may be drawn, all else is alike."""
    run = draw_run(6)
    record = json.loads((run / "run.json").read_text())
    style = make_style(record["configuration"]["style"])
    rows = [json.loads(line) for line in (run / PLAN).read_text().splitlines()]
    faces = {face.id: face.family for face in display_faces()}
    same = 0
    for row in rows:
        alone = {family: float(family == faces[row["face"]]) for family in FAMILIES}
        renderer = synth.Renderer(
            style, family_weights=alone, seed=record["seed"], plan=record["outputs"][PLAN]
        )
        sample = renderer.render(row["text"], row["index"])
        same += sample.data == (run / sample.record["image"]).read_bytes()
    assert same == len(rows) == 6


def test_a_call_needs_no_command_line() -> None:
    code = "import sys, synth; synth.Renderer; print('typer' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
