from pathlib import Path

import pytest

from synth.doctor import Check, diagnose, diagnosis, worst
from synth.doctor.distributions import Owner, judge_opencv
from textlines.errors import InputError

HEADLESS = Owner("opencv-python-headless", "4.10.0.84")
DESKTOP = Owner("opencv-python", "4.10.0.84")
NEWER = Owner("opencv-python", "5.0.0.93")


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> list[Check]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return diagnose()


def test_every_part_is_looked_at(checks: list[Check]) -> None:
    named = {check.name: check for check in checks}
    assert {"raqm", "cv2", "cache", "display faces", "package names", "cores"} <= set(named)
    assert {"trdg", "albumentations", "paddle", "paddleocr", "onnxruntime"} <= set(named)
    assert "package names" in named
    assert named["raqm"].status == "ok"
    assert named["cv2"].status == "ok"
    assert named["display faces"].found == "24 seven-segment, 8 dot matrix"


def test_whatever_is_not_ok_says_what_to_do(checks: list[Check]) -> None:
    assert all(check.advice for check in checks if check.status != "ok")


def test_one_opencv_is_right() -> None:
    assert judge_opencv([HEADLESS], "4.10.0", "") == Check(
        "cv2", "ok", "4.10.0, owned by opencv-python-headless 4.10.0.84"
    )


def test_several_owners_of_one_version_pass_and_name_the_one_that_needs_libgl() -> None:
    check = judge_opencv([DESKTOP, HEADLESS], "4.10.0", "")
    assert check.status == "ok"
    assert "opencv-python needs it" in check.advice


def test_owners_of_several_versions_fail_and_name_the_winner() -> None:
    check = judge_opencv([NEWER, HEADLESS], "4.10.0", "")
    assert check.status == "fail"
    assert "the files of opencv-python-headless win" in check.found
    assert check.advice.endswith("opencv-python-headless==5.0.0.93")


def test_a_missing_libgl_is_named() -> None:
    error = "libGL.so.1: cannot open shared object file: No such file or directory"
    check = judge_opencv([DESKTOP], "", error)
    assert check.status == "fail"
    assert "libGL is missing" in check.found
    assert check.advice.endswith(" --force-reinstall --no-deps opencv-python-headless==4.10.0.84")


def test_an_empty_cv2_fails() -> None:
    check = judge_opencv([DESKTOP], "", "")
    assert (check.status, "`cv2` is empty" in check.found) == ("fail", True)


def test_an_import_of_another_version_fails() -> None:
    assert judge_opencv([HEADLESS], "4.9.0", "").status == "fail"


def test_an_opencv_that_no_wheel_brought_passes() -> None:
    assert judge_opencv([], "4.11.0", "").status == "ok"


def test_a_check_that_goes_wrong_is_a_failed_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_the_moon() -> list[Check]:
        raise InputError("moon", "is not there", "Wait.")

    monkeypatch.setattr(diagnosis, "LOOKS", (check_the_moon,))
    assert diagnose() == [
        Check("the moon", "fail", "InputError: moon: is not there. Wait.", "Wait.")
    ]


def test_the_worst_status_counts() -> None:
    ok, warn, fail = (Check("x", status, "") for status in ("ok", "warn", "fail"))  # type: ignore[arg-type]
    assert worst([ok]) == "ok"
    assert worst([ok, warn]) == "warn"
    assert worst([warn, fail, ok]) == "fail"


def test_without_raqm_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import features

    monkeypatch.setattr(features, "check", lambda name: False)
    (check,) = diagnosis.check_raqm()
    assert (check.status, "pip install" in check.advice) == ("fail", True)


def test_a_cache_that_cannot_be_written_fails_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(diagnosis, "LOOKS", (diagnosis.check_cache,))
    (check,) = diagnose()
    assert check.status == "fail"
    assert "XDG_CACHE_HOME" in check.advice
