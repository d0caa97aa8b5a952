"""How Paddle behaves in this process: its signals, its matrix products, what its C++ prints.

Paddle takes SIGTERM for itself when it is loaded, and answers it with a trace of its C++. Nothing
here imports it.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, MutableMapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from textlines.signals import take_back

TAKES_SIGNALS = "paddle.base"
"""The module at whose end it does."""

PATH = "MKL_DEBUG_CPU_TYPE"
"""The products' library (MKL 2019, in Paddle's CPU wheel) reads its code path from here."""

AVX2 = "5"


def leave_signals_alone() -> None:
    """Take the signals back as soon as Paddle has taken them, wherever it is loaded from.

    Thirty modules import Paddle, some of them of other packages (paddleocr); one that forgot to
    ask for it would be enough for a trace. Does nothing when Paddle is there already.
    """
    if TAKES_SIGNALS not in sys.modules and not any(isinstance(f, _Finder) for f in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != TAKES_SIGNALS:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Loads as another loader does, and takes the signals back."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.core.disable_signal_handler()
        take_back()


def fast_products(
    environment: MutableMapping[str, str], description: Path = Path("/proc/cpuinfo")
) -> bool:
    """Let Paddle multiply with AVX2 on processors that are not Intel's.

    The library picks its code by the maker's name and falls back to SSE2 on others, at a third of
    the speed. What the user has set stays. Nothing is changed where the processor is Intel's, has
    no AVX2 and FMA, or cannot be asked (other systems).

    Args:
        environment: of this process; changed in place, so that processes started later share it.
        description: what Linux says of its processors.

    Returns:
        Whether the faster path is on.
    """
    if PATH in environment:
        return environment[PATH] == AVX2
    try:
        said = description.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    values: dict[str, str] = {}
    for line in said.splitlines():
        name, _, value = line.partition(":")
        values[name.strip()] = value.strip()
    flags = values.get("flags", "").split()
    if values.get("vendor_id") != "AuthenticAMD" or not {"avx2", "fma"} <= set(flags):
        return False
    environment[PATH] = AVX2
    return True


@contextlib.contextmanager
def quiet(*, shows: bool = True) -> Iterator[None]:
    """Keep what libraries written in C++ print off the terminal.

    Args:
        shows: whether an error shows it; not where a stranger's file is what fails.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as caught:
        kept = [os.dup(1), os.dup(2)]
        os.dup2(caught.fileno(), 1)
        os.dup2(caught.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, descriptor in enumerate(kept, 1):
                os.dup2(descriptor, number)
                os.close(descriptor)
            if failed and shows:
                caught.seek(0)
                sys.stderr.write(caught.read().decode("utf-8", "replace"))
