"""Exported Paddle folders, as a user of PaddleOCR has them in its cache."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from textlines.errors import InputError
from train.models.base_folder import read_base
from train.models.model_sources import resolve
from train.reading.model_opening import open_model

NAME = "korean_PP-OCRv5_mobile_rec"
SYLLABLES = tuple(chr(code) for code in range(0xAC00, 0xAC00 + 11_172))
OTHERS = tuple(chr(code) for code in range(0x4E00, 0x4E00 + 11_945 - 11_172))


@pytest.fixture(scope="module")
def cache(
    tmp_path_factory: pytest.TempPathFactory, skip_or_fail: Callable[[str], NoReturn]
) -> Path:
    """Make PaddleOCR's cache with a Korean model of drawn weights in it."""
    try:
        import paddle
        import yaml

        from train.networks.building import build
        from train.networks.spec import FAMILIES
        from train.weights.graph_export import export_program
    except ImportError as error:
        skip_or_fail(f"{error.name} is not installed (extra `train`)")
    home = tmp_path_factory.mktemp("pdx")
    paddle.seed(3)
    network = build(FAMILIES["svtr_lcnet_v4"].with_classes(11_947))
    with paddle.no_grad():
        # As drawn, all classes of a time step are about as likely: rounding would decide.
        network.head.fc.weight.set_value(network.head.fc.weight * 30.0)
    folder = home / "official_models" / NAME
    export_program(network, folder)
    content = {
        "Global": {"model_name": NAME},
        "PreProcess": {"transform_ops": [{"RecResizeImg": {"image_shape": [3, 48, 320]}}]},
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": [*SYLLABLES, *OTHERS]},
    }
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (folder / "inference.yml").write_text(text, encoding="utf-8")
    return home


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    """Write three crops and their label file."""
    import cv2

    rng = np.random.default_rng(1)
    for number, width in enumerate((90, 300, 700)):
        pixels = rng.integers(0, 256, (6, width // 8, 3), np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), cv2.resize(pixels, (width, 48)))
    labels = tmp_path / "rec_gt.txt"
    labels.write_text("".join(f"{number}.png\t값\n" for number in range(3)), encoding="utf-8")
    return labels


@pytest.fixture
def home(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(cache))
    monkeypatch.setenv("OCR_MEND_CACHE", str(tmp_path / "converted"))
    yield cache


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "train", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("home")
def test_a_korean_model_in_the_cache_works_by_its_name(crops: Path, tmp_path: Path) -> None:
    made = run("weights", NAME, "--out", "base", "--labels", crops, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "11,945 entries + space + blank = 11,947 classes" in made.stdout
    assert "same text on 9 of 9 lines" in made.stdout
    base = read_base(tmp_path / "base")
    assert (base.spec.name, base.alphabet.entries[0]) == (NAME, "가")
    for model, out in ((NAME, "by_name.jsonl"), ("base/", "by_base.jsonl")):
        done = run("evaluate", "--model", model, "--labels", crops, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    by_name, by_base = (
        [row.split('"score"')[0] for row in (tmp_path / out).read_text("utf-8").splitlines()]
        for out in ("by_name.jsonl", "by_base.jsonl")
    )
    assert by_name == by_base
    assert len(by_name) == 3


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("engine", ["onnx", "reference"])
@pytest.mark.parametrize(
    ("size", "message"),
    [
        (lambda whole: whole // 2, r"inference\.pdiparams: is cut short: .*Copy the model folder"),
        (lambda whole: 0, r"inference\.pdiparams: holds 0 tensors, its program names \d+"),
        (lambda whole: whole + 64, r"inference\.pdiparams: is no Paddle tensor file"),
    ],
    ids=["half", "empty", "longer"],
)
def test_parameters_that_are_not_whole_are_told_before_paddle_opens_them(
    cache: Path, tmp_path: Path, engine: Any, size: Callable[[int], int], message: str
) -> None:
    source = resolve(NAME)
    folder = tmp_path / "rec"
    folder.mkdir()
    for file in (*source.files, cache / "official_models" / NAME / "inference.yml"):
        (folder / file.name).write_bytes(file.read_bytes())
    parameters = folder / "inference.pdiparams"
    whole = parameters.read_bytes()
    wanted = size(len(whole))
    parameters.write_bytes((whole + b"\1" * 64)[:wanted])
    with pytest.raises(InputError, match=message):
        open_model(str(folder), engine=engine)
