"""The faster matrix products are asked for only where they are missing and can run."""

from pathlib import Path

import pytest

from train.networks.paddle_process import PATH, fast_products

AMD = "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu sse2 avx2 fma\n"


def described(folder: Path, text: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(text, encoding="utf-8")
    return path


def test_amd_with_avx2_gets_the_faster_path(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    assert fast_products(environment, described(tmp_path, AMD))
    assert environment == {PATH: "5"}


@pytest.mark.parametrize(
    "text",
    [
        AMD.replace("AuthenticAMD", "GenuineIntel"),
        AMD.replace("avx2", "avx"),
        AMD.replace(" fma", ""),
        "CPU implementer\t: 0x41\nFeatures\t: fp asimd\n",
        "",
    ],
)
def test_others_are_left_alone(tmp_path: Path, text: str) -> None:
    environment: dict[str, str] = {}
    assert not fast_products(environment, described(tmp_path, text))
    assert environment == {}


def test_what_the_user_set_stays(tmp_path: Path) -> None:
    environment = {PATH: "4"}
    assert not fast_products(environment, described(tmp_path, AMD))
    assert environment == {PATH: "4"}


def test_a_system_that_does_not_say_is_left_alone(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    assert not fast_products(environment, tmp_path / "none")
    assert environment == {}
