"""`synth` and `python -m synth`: says so where a stranger's `textlines` is imported for ours."""

import importlib.util
import sys


def main() -> None:
    """Run the command line and end with its exit code."""
    try:
        from synth.cli import main as run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "textlines":
            raise
        spec = importlib.util.find_spec("textlines")
        place = (spec.origin if spec else None) or "textlines"
        sys.exit(
            f"synth: error: {place}: is imported in place of ocr-mend's package of that name. "
            "Rename it, leave its folder, or take it from PYTHONPATH."
        )
    run()


if __name__ == "__main__":
    main()
