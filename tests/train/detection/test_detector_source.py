"""What is exported: a run's best weights, or any detector, with its settings and its history."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime")
onnx = pytest.importorskip("onnx")

from tests.train.detection.detector_runs import NAME, tuned_file, write_run  # noqa: E402
from textlines.errors import InputError  # noqa: E402
from train.detection.configuration import (  # noqa: E402
    configuration_text,
    published_configuration,
)
from train.detection.detector_source import open_detector_source  # noqa: E402
from train.detection.settings import PUBLISHED, PredictionSettings  # noqa: E402

Make = Callable[..., Path]

FOUND = PredictionSettings(limit_side_len=608, unclip_ratio=1.1, limit_type="min")


@pytest.fixture
def run(detector_file: Make, tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", onnx.load(str(detector_file())), settings=FOUND)


def test_a_run_gives_its_best_weights_with_what_they_have_seen(run: Path) -> None:
    source = open_detector_source(str(run))
    assert source.is_run and source.name == NAME
    assert source.detector.source.path == run / "best" / "inference.onnx"
    assert source.tuned == run / "best" / "tuned.toml"
    assert (source.history.saw, len(source.history.images), source.history.gaps) == (1, 2, ())
    assert source.program is None


def test_the_settings_of_the_base_are_those_of_its_folder_or_those_that_tuning_began_with(
    run: Path,
) -> None:
    assert open_detector_source(str(run)).deployed.settings == PUBLISHED[NAME]
    (run / "best" / "tuned.toml").unlink()
    assert open_detector_source(str(run)).deployed == published_configuration(NAME)
    (run / "base").mkdir()
    for name in ("inference.json", "inference.pdiparams"):
        (run / "base" / name).write_bytes(b"")
    known = published_configuration("PP-OCRv5_mobile_det")
    other = replace(known, settings=replace(known.settings, thresh=0.25))
    (run / "base" / "inference.yml").write_text(configuration_text(other), encoding="utf-8")
    source = open_detector_source(str(run))
    assert source.deployed == other
    assert source.program == run / "base" / "inference.json"


def test_what_tuning_began_with_is_what_the_base_was_deployed_with(run: Path) -> None:
    begun = tuned_file(FOUND, {}).model_copy(
        update={"deployed": tuned_file(replace(FOUND, thresh=0.5), {}).settings}
    )
    begun.write(run / "best" / "tuned.toml")
    assert open_detector_source(str(run)).deployed.settings.thresh == 0.5


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("best/inference.onnx", r"best/ holds no inference\.onnx"),
        ("best/inference.yml", r"best/ holds no inference\.yml"),
    ],
)
def test_a_run_that_goes_on_is_not_exported(run: Path, broken: str, message: str) -> None:
    (run / broken).unlink()
    with pytest.raises(InputError, match=f"has not finished: {message}"):
        open_detector_source(str(run))


def test_a_run_of_a_recognizer_is_exported_elsewhere(run: Path) -> None:
    for name in ("model.toml", "weights.npz"):
        (run / "best" / name).write_bytes(b"")
    with pytest.raises(InputError, match=r"is the run of a recognizer\. Export it: train export"):
        open_detector_source(str(run))


def test_a_plan_names_its_base(run: Path) -> None:
    (run / "plan.toml").write_text("steps = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"plan\.toml: names no base"):
        open_detector_source(str(run))


def test_a_run_without_a_history_has_lost_it(run: Path) -> None:
    (run / "best" / "history.json").unlink()
    assert len(open_detector_source(str(run)).history.gaps) == 1


def test_a_strangers_detector_begins_an_empty_history(detector_file: Make) -> None:
    path = detector_file("PP-OCRv6_small_det.onnx")
    source = open_detector_source(str(path))
    assert not source.is_run and source.tuned is None and source.program is None
    assert (source.history.saw, source.history.gaps) == (0, ())
    assert source.deployed.settings == PUBLISHED["PP-OCRv6_small_det"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not there"):
        open_detector_source(str(tmp_path / "run"))
