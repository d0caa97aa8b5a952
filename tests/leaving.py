"""What a process that is killed leaves behind, made by killing one."""

import subprocess
import sys
from pathlib import Path

_CODE = """
import os, signal, sys
from pathlib import Path
from textlines.partials import partial_file, partial_folder

target = Path(sys.argv[2])
if sys.argv[1] == "file":
    with partial_file(target, "wb") as (out, path):
        out.write(b"half"); out.flush()
        os.kill(os.getpid(), signal.SIGKILL)
else:
    with partial_folder(target) as made:
        (made / "half").write_bytes(b"half")
        if sys.argv[1] == "replaced":
            # Between the two renamings of `take_place`.
            old = made.parent / "old" / target.name
            old.parent.mkdir()
            target.rename(old)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def leave_behind(kind: str, target: Path) -> Path:
    """Let a process be killed while it makes `target`, and return what it left beside it.

    Args:
        kind: "file", "folder", or "replaced": a folder whose old one was moved away already.
    """
    before = set(target.parent.iterdir()) if target.parent.is_dir() else set()
    done = subprocess.run([sys.executable, "-c", _CODE, kind, str(target)], check=False)
    assert done.returncode == -9
    (left,) = set(target.parent.iterdir()) - before
    return left
