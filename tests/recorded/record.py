"""Record again what the calls of `scenes.py` do, after a change that was meant.

    python -m tests.recorded.record               # all
    python -m tests.recorded.record mix check     # some scenes
    python -m tests.recorded.record --keep /tmp/look mix   # and leave the folders to look at

Read the diff of `expected/` before it is committed: each line of it is a change that users see.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.recorded.calling import versions
from tests.recorded.scenes import SCENES, play

EXPECTED = Path(__file__).with_name("expected")


def main() -> None:
    """Record the scenes that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenes", nargs="*", help="default: all")
    parser.add_argument("--keep", type=Path, help="folder to work in, and to leave")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        work = options.keep or Path(made)
        for name in options.scenes or SCENES:
            folder = work / name
            folder.mkdir(parents=True)
            found = {"versions": versions(), "calls": play(SCENES[name], folder, work / "cache")}
            file = EXPECTED / f"{name}.json"
            file.write_text(
                json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
            print(f"{file.name}: {len(SCENES[name].calls)} calls")


if __name__ == "__main__":
    main()
