import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(name="cases", scope="session")
def cases_fixture():
    """Return the module `plan_cases.py`: corpora, faces and profiles."""
    spec = importlib.util.spec_from_file_location(
        "plan_cases", Path(__file__).with_name("plan_cases.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
