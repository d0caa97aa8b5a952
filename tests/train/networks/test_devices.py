"""What "auto" is on a machine, and what is said where a GPU is asked for and none is there."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from textlines.errors import UsageError
from train.networks import devices
from train.networks.devices import chosen_device, count_gpus
from train.reading.model_opening import reading_device

VERSION = "full_version     = '3.3.1'\ncuda_version     = {!r}\n"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that puts a wheel of Paddle in place: built for something, with cards."""

    def put(cuda: str, cards: int) -> None:
        (tmp_path / "version").mkdir()
        (tmp_path / "version/__init__.py").write_text(VERSION.format(cuda), encoding="utf-8")
        spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
        monkeypatch.setattr(devices, "find_spec", lambda _: spec)
        device = SimpleNamespace(
            is_compiled_with_cuda=lambda: True,
            cuda=SimpleNamespace(device_count=lambda: cards),
        )
        fake = SimpleNamespace(device=device)
        monkeypatch.setitem(__import__("sys").modules, "paddle", fake)

    return put


@pytest.mark.parametrize(
    ("cuda", "cards", "wanted"), [("12.6", 2, "gpu"), ("12.6", 0, "cpu"), ("False", 2, "cpu")]
)
def test_auto_is_a_gpu_where_paddle_is_built_for_it_and_sees_one(
    wheel: Any, cuda: str, cards: int, wanted: str
) -> None:
    wheel(cuda, cards)
    assert chosen_device("auto") == wanted
    assert count_gpus() == (cards if wanted == "gpu" else 0)
    assert chosen_device("gpu") == "gpu"  # asked for by name: what opens it says no
    assert chosen_device("cpu") == "cpu"


def test_without_paddle_auto_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_spec", lambda _: None)
    assert chosen_device("auto") == "cpu"


def test_only_a_folder_of_ours_reads_on_a_gpu(wheel: Any, tmp_path: Path) -> None:
    wheel("12.6", 1)
    ours = tmp_path / "base"
    ours.mkdir()
    (ours / "model.toml").write_text("", encoding="utf-8")
    assert reading_device(str(ours), "auto") == "gpu"
    assert reading_device(str(ours), "auto", "paddle") == "gpu"
    assert reading_device(str(ours), "auto", "onnx") == "cpu"
    assert reading_device(str(ours), "auto", "reference") == "cpu"
    for other in ("PP-OCRv4_mobile_rec", str(tmp_path / "model.onnx")):
        assert reading_device(other, "auto") == "cpu"
        assert reading_device(other, "gpu") == "gpu"


def test_a_gpu_that_is_not_there_is_told(paddle: Any) -> None:
    if count_gpus():
        pytest.skip("there is one")
    with pytest.raises(
        UsageError, match=r"--device gpu: needs a GPU; this Paddle .*README"
    ) as told:
        devices.use_device("gpu", "--device gpu")
    assert "paddlepaddle-gpu" in str(told.value)
    assert devices.use_device("cpu", "--device cpu") == "cpu"
    with devices.on_cpu():
        assert paddle.device.get_device() == "cpu"


def test_each_process_has_a_card_of_its_own_or_is_told(wheel: Any) -> None:
    wheel("12.6", 2)
    paddle = __import__("sys").modules["paddle"]
    chosen: list[str] = []
    paddle.device.set_device = chosen.append
    paddle.version = SimpleNamespace(full_version="3.3.1")
    for rank in ("0", "1"):
        environment = {devices.CARD: rank}
        assert devices.use_device("gpu", "a plan", environment=environment) == f"gpu:{rank}"
    assert chosen == ["gpu:0", "gpu:1"]
    with pytest.raises(UsageError, match=r"a plan: .*process 3 .*none of 2.*--devices 2"):
        devices.use_device("gpu", "a plan", environment={devices.CARD: "2"})
