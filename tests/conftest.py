"""What all tests share."""

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

from tests.local_ray import LocalRay
from tests.recorded.calling import fonts_folder
from textlines.installing import NO_CONVERTER, missing_modules

# Before any test imports onnxruntime: it would store an id of the machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# Pages are in English here, whatever the machine speaks; tests of other languages ask for them.
os.environ["LC_ALL"] = "C.UTF-8"

# The same examples in every run and on every machine, and no verdict on time.
settings.register_profile("ours", deadline=None, derandomize=True, database=None)
settings.load_profile("ours")


ALL_IS_THERE = os.environ.get("OCR_MEND_NO_SKIPS") == "1"
"""`.ci/run` and the workflow install everything, and say so: a skip is a failure there."""

RIGHTLY_SKIPPED = (
    "root reads everything",  # whoever runs the tests, not what is installed
    *(("paddle2onnx",) if sys.version_info >= NO_CONVERTER else ()),  # no registry has it
)
"""Words in the reason of a skip that is none for want of something that could be installed."""


def skip_or_fail(reason: str) -> NoReturn:
    """Skip a test for want of something; fail it where all must be there."""
    if ALL_IS_THERE and not any(words in reason for words in RIGHTLY_SKIPPED):
        pytest.fail(f"would be skipped: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what skips by other ways (`importorskip`, `skipif`) where all must be there."""
    return _as_failure((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that skips itself where all must be there."""
    return _as_failure((yield))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file() -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collect the tests of a module before its doctests.

    A module whose import fails is left out of the doctests without a word
    (`--doctest-ignore-import-errors`), and stays half made in `sys.modules`: what came after would
    find no test in it, and no fault either.
    """
    collected = yield
    return sorted(collected, key=lambda one: type(one) is not pytest.Module)


def _as_failure(report: Any) -> Any:
    if ALL_IS_THERE and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr)
        if not any(words in reason for words in RIGHTLY_SKIPPED):
            report.outcome = "failed"
            report.longrepr = f"would be skipped: {reason}"
    return report


@pytest.fixture(name="skip_or_fail", scope="session")
def skip_or_fail_fixture() -> Callable[[str], NoReturn]:
    """Return the function, for tests that find out in their body."""
    return skip_or_fail


@pytest.fixture(scope="session")
def korean_fonts() -> Path:
    """Return the folder of two faces of Korean, Chinese, Japanese and Latin."""
    try:
        return fonts_folder()
    except LookupError as error:
        skip_or_fail(str(error))


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Return a function that writes a file in the test's folder and names it."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture(scope="session")
def ray_nodes(skip_or_fail: Callable[[str], NoReturn]) -> Iterator[LocalRay]:
    """Return a Ray cluster of two local nodes, one for all tests of a process."""
    if missing_modules("ray"):
        skip_or_fail("ray is not installed (extra `ray`)")
    nodes = LocalRay(2)
    yield nodes
    nodes.end()


@pytest.fixture(scope="module")
def browser(skip_or_fail: Callable[[str], NoReturn]) -> Iterator[Any]:
    """Return headless Chromium, for pages as a person uses them."""
    program = shutil.which("chromium")
    if not program:
        skip_or_fail("chromium is not installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        args = [
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ]
        opened = play.chromium.launch(executable_path=program, args=args)
        yield opened
        opened.close()
