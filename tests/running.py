"""Commands of ours, run as a user runs them."""

import contextlib
import importlib
import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

_WITHOUT = """
import runpy, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
runpy.run_module({tool!r}, run_name="__main__", alter_sys=True)
"""


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what every file of a folder holds, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def run_module(
    tool: str, *arguments: str | Path, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run `python -m TOOL` with these arguments; `options` go to `subprocess.run`."""
    return subprocess.run(
        [sys.executable, "-m", tool, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )


def run_here(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command line of ours inside this process, as a new one takes seconds to load Paddle."""
    call, out, err = [str(word) for word in words], io.StringIO(), io.StringIO()
    main = importlib.import_module(f"{call[0]}.cli").main
    with (
        mock.patch.object(sys, "argv", list(call)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int), code
    return subprocess.CompletedProcess(call, code, out.getvalue(), err.getvalue())


def run_without(
    hidden: Sequence[str], tool: str, *arguments: str | Path, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run `python -m TOOL` as where these libraries are not installed."""
    return subprocess.run(
        [
            *(sys.executable, "-c", _WITHOUT.format(hidden=tuple(hidden), tool=tool)),
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )
