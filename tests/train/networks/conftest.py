"""What the tests of the networks share: Paddle, or a word on why not."""

import importlib.util
from collections.abc import Callable
from typing import Any, NoReturn

import pytest


@pytest.fixture(scope="session", name="paddle")
def paddle_fixture(skip_or_fail: Callable[[str], NoReturn]) -> Any:
    if importlib.util.find_spec("paddle") is None:
        skip_or_fail("paddlepaddle is not installed (extra `train`)")
    import paddle

    return paddle
