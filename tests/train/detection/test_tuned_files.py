"""What is written of tuned settings: `tuned.toml`, `inference.yml`, lines to paste."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from textlines.errors import InputError
from train.detection.configuration import published_configuration, read_configuration
from train.detection.deployment import deployment_notes, lines_to_paste, tuned_yml
from train.detection.page_intervals import FigureChange
from train.detection.settings import PredictionSettings
from train.detection.tuned_file import (
    FigureRecord,
    PagesRecord,
    SettingsRecord,
    TunedFile,
    read_tuned,
)

FOUND = PredictionSettings(
    limit_side_len=416, thresh=0.4, box_thresh=0.7, unclip_ratio=1.2, use_dilation=True
)

CONFIGURATION = replace(published_configuration("PP-OCRv4_mobile_det"), settings=FOUND)


def tuned(settings: PredictionSettings = FOUND) -> TunedFile:
    pages = PagesRecord(
        labels="pages/Label.txt",
        sha256="0" * 64,
        pages=20,
        regions=55,
        hmean=FigureRecord.of(FigureChange(0.7, 0.8, (0.05, 0.15))),
        reading=FigureRecord.of(FigureChange(0.2, 0.4, None)),
    )
    return TunedFile(
        model="PP-OCRv4_mobile_det",
        model_files={"inference.pdiparams": "1" * 64},
        objective="hmean",
        tried=120,
        memory_mb=200,
        settings=SettingsRecord.of(settings),
        deployed=SettingsRecord.of(PredictionSettings()),
        searched=pages,
        judged=pages,
    )


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "tuned.toml"
    tuned().write(path)
    assert read_tuned(path) == tuned()
    assert read_tuned(path).settings.settings() == FOUND
    assert read_tuned(path).judged.hmean.change == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tried = 120", "tried = -1", r"tried: "),
        ("unclip_ratio = 1.2", "unclip_ratio = -1.0", "unclip_ratio is -1.0, not above 0"),
        ('limit_type = "max"', 'limit_type = "long"', r"settings\.limit_type: "),
        ("format = 1", "format = 2", "format: "),
    ],
)
def test_what_is_broken_is_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "tuned.toml"
    tuned().write(path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_tuned(path)


def test_the_configuration_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "inference.yml"
    path.write_text(tuned_yml(CONFIGURATION), encoding="utf-8")
    assert read_configuration(path) == CONFIGURATION


def test_lines_to_paste_say_the_settings() -> None:
    module, pipeline, line, yml = (one.text for one in lines_to_paste(CONFIGURATION, Path("det")))
    for text, prefix in ((module, ""), (pipeline, "text_det_")):
        call = ast.parse(text, mode="eval").body
        assert isinstance(call, ast.Call)
        said = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        assert said[f"{prefix}limit_side_len"] == 416 and said[f"{prefix}unclip_ratio"] == 1.2
    assert "--text_det_limit_side_len 416 --text_det_limit_type max --text_det_thresh 0.4" in line
    section = yaml.safe_load(yml)["SubModules"]["TextDetection"]
    assert section["box_thresh"] == 0.7 and section["max_side_limit"] == 4000


def test_what_a_call_cannot_say_is_noted() -> None:
    notes = " ".join(deployment_notes(CONFIGURATION))
    assert "use_dilation: true from inference.yml alone" in notes and "limit_type" not in notes
    short = replace(CONFIGURATION, settings=replace(FOUND, limit_type="min", max_side_limit=900))
    notes = " ".join(deployment_notes(short))
    assert "of limit_type min inference.yml cannot tell paddleocr, which takes max" in notes
    assert "max_side_limit is heard" in notes
    curved = replace(CONFIGURATION, settings=replace(FOUND, box_type="poly"))
    notes = " ".join(deployment_notes(curved))
    assert "use_dilation: true and box_type: poly from inference.yml alone" in notes
    assert "paddleocr.PaddleOCR puts boxes in order as quads" in notes
