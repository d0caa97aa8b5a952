"""The libraries that a fit needs, loaded when one is made."""

import warnings
from types import ModuleType, SimpleNamespace
from typing import Any

from textlines.errors import InputError
from textlines.installing import install_line

EXTRA = "calibrate"


def sklearn_parts() -> Any:
    """Return what is used of scikit-learn.

    Raises:
        InputError: it is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import roc_auc_score
        from sklearn.model_selection import StratifiedGroupKFold
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise _missing("scikit-learn") from error
    return SimpleNamespace(
        LogisticRegression=LogisticRegression,
        StandardScaler=StandardScaler,
        StratifiedGroupKFold=StratifiedGroupKFold,
        make_pipeline=make_pipeline,
        roc_auc_score=roc_auc_score,
    )


def cma_module() -> ModuleType:
    """Return cma.

    Raises:
        InputError: it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it asks for a library that plots
            import cma
    except ImportError as error:
        raise _missing("cma") from error
    module: ModuleType = cma
    return module


def require_libraries() -> None:
    """Find what a fit needs before anything is read.

    Raises:
        InputError: something is not installed; says how it is.
    """
    cma_module()
    sklearn_parts()


def _missing(name: str) -> InputError:
    return InputError(name, "fits styles and is not installed", f"Run: {install_line(EXTRA)}")
