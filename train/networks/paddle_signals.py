"""Paddle takes SIGTERM for itself when it is loaded, and answers it with a trace of its C++."""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from textlines.signals import take_back

TAKES_SIGNALS = "paddle.base"
"""The module at whose end it does."""


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
