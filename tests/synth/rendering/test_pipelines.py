"""A pipeline of albumentations in a style: seeded by line, judged, and it moves nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.faces.display import display_faces
from synth.rendering.pipelines import PipelinePart, bind_pipeline
from synth.rendering.sample import Sample, Setup
from synth.rendering.style import Style, load_style, make_style
from tests.running import files_of, run_module, run_without
from textlines.errors import InputError, UsageError
from textlines.formats.plan_rows import PlanRow

albumentations = pytest.importorskip("albumentations", reason="the extra augment is not installed")

NOISE = {"__class_fullname__": "GaussNoise", "p": 1.0, "std_range": [0.02, 0.05]}
INVERT = {"__class_fullname__": "InvertImg", "p": 1.0}


def serialised(*transforms: dict[str, Any], p: float = 1.0) -> dict[str, Any]:
    """Return a pipeline as albumentations writes it."""
    compose = {"__class_fullname__": "Compose", "p": p, "transforms": list(transforms)}
    return {"__version__": albumentations.__version__, "transform": compose}


def style_of(*transforms: dict[str, Any], p: float = 1.0) -> Style:
    """Return the style of displays with a pipeline."""
    table = load_style("lcd").model_dump(mode="json", by_alias=True)
    pipeline = {"p": p, "pipeline": serialised(*transforms)}
    return make_style({**table, "name": "mine", "albumentations": pipeline})


def samples_of(style: Style, order: list[int]) -> dict[int, Sample]:
    """Draw lines in an order."""
    faces = tuple(face for face in display_faces() if face.kind == "seven_segment")
    engine = Setup(style, faces, None, 4).engine()
    return {
        at: engine.sample(PlanRow(at, f"{at}{at * 7 % 10}.5", (), faces[0].id, style.name))
        for at in order
    }


def used(sample: Sample) -> list[str]:
    """Return the names of the effects of a line."""
    return [name for name, _ in sample.record["effects"]]


def test_a_line_does_not_depend_on_the_lines_before_it() -> None:
    style = style_of(
        {
            "__class_fullname__": "OneOf",
            "p": 1.0,
            "transforms": [NOISE, {"__class_fullname__": "RandomBrightnessContrast", "p": 1.0}],
        }
    )
    forth, back = samples_of(style, [*range(12)]), samples_of(style, [*reversed(range(12))])
    for at in range(12):
        assert forth[at].data == back[at].data
    seeds = [
        params["seed"]
        for sample in forth.values()
        for name, params in sample.record["effects"]
        if name == "albumentations"
    ]
    assert len(set(seeds)) == len(seeds) >= 10


def test_it_changes_its_share_of_the_lines_and_no_other() -> None:
    plain, all_of_them = samples_of(load_style("lcd"), [*range(40)]), style_of(NOISE, p=0.3)
    changed = 0
    for at, sample in samples_of(all_of_them, [*range(40)]).items():
        if "albumentations" in used(sample):
            changed += 1
            difference = sample.image.astype(int) - plain[at].image
            assert 0.5 < np.abs(difference).mean() < 20
        else:
            assert np.array_equal(sample.image, plain[at].image)
    assert 4 <= changed <= 22


def test_a_line_that_it_makes_illegible_is_drawn_otherwise() -> None:
    for sample in samples_of(style_of(INVERT), [*range(8)]).values():
        assert "albumentations" not in used(sample)
        assert "contrast" in sample.record["refused"]


@settings(max_examples=20, deadline=None)
@given(height=st.integers(8, 64), width=st.integers(8, 400), seed=st.integers(0, 2**32 - 1))
def test_an_image_keeps_its_shape_and_its_channels(height: int, width: int, seed: int) -> None:
    grey = PipelinePart(pipeline=serialised({"__class_fullname__": "ToGray", "p": 1.0}))
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :, 2] = 255  # red, as BGR
    changed = bind_pipeline(grey, "style").apply(image, seed)
    assert changed.shape == image.shape
    assert 70 <= int(changed[0, 0, 0]) <= 80  # .299 of 255: blue would be 29


@pytest.mark.parametrize(
    ("transform", "told"),
    [
        ({"__class_fullname__": "Rotate"}, r"moves pixels \(Rotate\)"),
        (
            {"__class_fullname__": "OneOf", "transforms": [{"__class_fullname__": "Perspective"}]},
            r"moves pixels \(Perspective\).*\[geometry\]",
        ),
        ({"__class_fullname__": "Resize", "height": 9, "width": 9}, r"moves pixels \(Resize\)"),
        ({"__class_fullname__": "ToFloat", "p": 1.0}, "makes float32 of .* of uint8"),
        ({"__class_fullname__": "Blurr"}, "is no pipeline that albumentations .* loads.*Blurr"),
        ({"__class_fullname__": "GaussNoise", "std_range": [3, 1]}, "loads .*std_range"),
    ],
)
def test_what_is_no_pipeline_of_pixels_is_refused(transform: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        Setup(style_of(transform), (), None, 1).engine()
    assert refused.value.where == "style 'mine', albumentations"


def test_blanked_pixels_stay_where_they_are() -> None:
    hole = {"__class_fullname__": "CoarseDropout", "p": 1.0, "hole_height_range": [2, 3]}
    assert samples_of(style_of(hole | {"hole_width_range": [2, 3]}), [0])


def test_a_file_is_found_beside_its_style_and_stands_in_the_style(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('[albumentations]\np = 0.5\nfile = "worn.json"\n')
    albumentations.save(
        albumentations.Compose([albumentations.GaussNoise(p=1)]), tmp_path / "worn.json"
    )
    style = load_style(str(tmp_path / "mine.toml"), ["albumentations.p=0.25"])
    assert style.albumentations is not None
    assert style.albumentations.p == 0.25
    inner = style.albumentations.pipeline["transform"]["transforms"]
    assert [each["__class_fullname__"] for each in inner] == ["GaussNoise"]


def test_a_file_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[albumentations]\nfile = "worn.json"\n')
    with pytest.raises(InputError, match=r"worn\.json: the pipeline is not there"):
        load_style(str(file))
    (tmp_path / "worn.json").write_text("[")
    with pytest.raises(InputError, match=r"worn\.json: the pipeline is no JSON"):
        load_style(str(file))
    (tmp_path / "worn.json").write_text('{"a": 1}')
    with pytest.raises(UsageError, match=r'albumentations\.pipeline: .*holds no "transform"'):
        load_style(str(file))


def test_a_run_is_the_same_for_any_workers_and_is_redrawn(tmp_path: Path) -> None:
    (tmp_path / "worn.json").write_text(json.dumps(serialised(NOISE)))
    (tmp_path / "mine.toml").write_text(
        'faces = ["seven_segment"]\n[albumentations]\nfile = "worn.json"\n'
    )
    words = ("--style", "mine.toml", "--count", "24", "--seed", "3")
    for workers in ("1", "2"):
        done = run_module(
            "synth", "generate", *words, "--workers", workers, "--out", workers, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")
    record = json.loads((tmp_path / "1" / "run.json").read_text())
    versions = record["configuration"]["packages"]
    assert versions["albumentations"] == albumentations.__version__
    again = run_module("synth", "redraw", "1", "--index", "5", "--out", "5.jpg", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


def test_without_albumentations_it_is_said_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "worn.json").write_text(json.dumps(serialised(NOISE)))
    (tmp_path / "mine.toml").write_text('[albumentations]\nfile = "worn.json"\n')
    words = ("generate", "--style", tmp_path / "mine.toml", "--count", "1", "--out", tmp_path / "o")
    done = run_without(["albumentations"], "synth", *words)
    assert done.returncode == 1
    assert "needs albumentations" in done.stderr and "[augment]" in done.stderr
