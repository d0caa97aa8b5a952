"""What all tests share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# Before any test imports onnxruntime: it would store an id of the machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# The same examples in every run and on every machine, and no verdict on time.
settings.register_profile("ours", deadline=None, derandomize=True, database=None)
settings.load_profile("ours")


def skip_or_fail(reason: str) -> NoReturn:
    """Skip a test for want of something; fail it where all must be there.

    `.ci/run` installs everything and sets OCR_MEND_NO_SKIPS=1.
    """
    if os.environ.get("OCR_MEND_NO_SKIPS") == "1":
        pytest.fail(f"would be skipped: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(name="skip_or_fail", scope="session")
def skip_or_fail_fixture() -> Callable[[str], NoReturn]:
    """Give the function, for tests that find out in their body."""
    return skip_or_fail


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Give a function that writes a file in the test's folder and names it."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
