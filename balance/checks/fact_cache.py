"""Facts about images that were looked at before, by path, size and time of change.

An SQLite file in the user's cache folder: a run that was killed, or that checks the same set
again, looks at new and changed images only.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from balance.checks.image_facts import ImageFacts
from textlines.wording import UNSAID, Sentence

VERSION = 5
"""Of what `look` finds. Facts of another version are forgotten."""

Stamp = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""

_TABLE = """
create table if not exists facts (
  path text primary key, size integer, mtime integer, fault text, detail text,
  width integer, height integer, traits integer, blank integer, sha256 blob, hashes text, cells text
) without rowid
"""


def cache_file() -> Path:
    """Name the file: in `$XDG_CACHE_HOME/ocr-mend`, else `~/.cache/ocr-mend`. Creates nothing."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    folder = Path(home) if home.startswith("/") else Path("~/.cache").expanduser()
    return folder / "ocr-mend" / f"images-{VERSION}.sqlite"


class FactCache:
    """Facts by path; without a file that can be written it keeps nothing, and says so.

    Attributes:
        trouble: why nothing is kept; "" when all is well.
    """

    def __init__(self, file: Path | None) -> None:
        self.trouble = "" if file else "turned off"
        self._base: sqlite3.Connection | None = None
        if file is None:
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(file, timeout=30)
            # A cache may lose its last rows in a power cut; it must not wait for the disk.
            self._base.execute("pragma synchronous = off")
            self._base.execute("pragma journal_mode = wal")
            self._base.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            self._fail(file, error)

    def _fail(self, file: Path, error: Exception) -> None:
        self.trouble = f"{file}: {error}"
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._base is not None:
            with closing(self._base):
                self._base = None

    def find(self, stamps: dict[str, Stamp]) -> dict[str, ImageFacts]:
        """Return what is known of these files in their present state."""
        found: dict[str, ImageFacts] = {}
        if self._base is None:
            return found
        for batch in _batches(stamps, 500):
            marks = ",".join("?" * len(batch))
            try:
                rows = self._base.execute(
                    f"select * from facts where path in ({marks})", batch
                ).fetchall()
            except sqlite3.Error:  # a broken cache is no reason to fail
                return found
            for path, size, mtime, *rest in rows:
                if stamps[path] == (size, mtime):
                    found[path] = _from_row(rest)
        return found

    def keep(self, facts: Iterable[tuple[str, Stamp, ImageFacts]]) -> None:
        """Remember facts; they are on the disk when this returns."""
        if self._base is None:
            return
        rows = [(path, *stamp, *_to_row(one)) for path, stamp, one in facts]
        try:
            with self._base:
                marks = ",".join("?" * 12)
                self._base.executemany(f"insert or replace into facts values ({marks})", rows)
        except sqlite3.Error as error:  # the disk is full, or another program holds it
            self.trouble = str(error)
            self.close()


def _to_row(facts: ImageFacts) -> tuple[str | int | bytes, ...]:
    return (
        facts.fault,
        json.dumps(facts.detail.record()) if facts.detail else "",
        facts.width,
        facts.height,
        facts.traits,
        int(facts.is_blank),
        facts.sha256,
        json.dumps([one.hex() for one in facts.hashes]),
        json.dumps([one.hex() for one in facts.cells]),
    )


def _from_row(row: Sequence[object]) -> ImageFacts:
    fault, detail, width, height, traits, blank, sha256, hashes, cells = row
    return ImageFacts(
        str(fault),
        Sentence.of_record(json.loads(str(detail))) if detail else UNSAID,
        int(str(width)),
        int(str(height)),
        int(str(traits)),
        bool(blank),
        bytes(sha256) if isinstance(sha256, bytes) else b"",
        tuple(bytes.fromhex(one) for one in json.loads(str(hashes))),
        tuple(bytes.fromhex(one) for one in json.loads(str(cells))),
    )


def _batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
