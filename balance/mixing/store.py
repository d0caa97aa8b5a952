"""Lines that outgrow memory, in a DuckDB database of their own while a mix is made."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from balance.mixing.arrays import Flags, Hashes, Ints
from textlines.errors import InputError, UsageError
from textlines.files import unwritable
from textlines.installing import install_line
from textlines.partials import partial_folder

STORE = ".mix-store"
"""What the name of the folder starts with."""

_FETCHED = 1 << 17
"""Rows that are taken out at a time."""

_TABLES = """
CREATE TABLE lines(source USMALLINT, key UBIGINT, size INTEGER, line VARCHAR,
                   rendered BOOLEAN);
CREATE TABLE words(source USMALLINT, hash UBIGINT, count BIGINT);
"""


class Store:
    """Lines ("path, tab, label") by the number of their source, with their keys and sizes.

    Made by `opened_store`. Grows by what is added, until it is sealed.

    Args:
        memory: what DuckDB may hold in memory, as in "4GB"; the rest is on the disk.
    """

    def __init__(self, folder: Path, memory: str) -> None:
        import duckdb

        self._errors = duckdb
        self._folder = folder
        with self._told():
            self._base: duckdb.DuckDBPyConnection = duckdb.connect(str(folder / "lines.duckdb"))
            self.run(f"SET memory_limit = {quoted(memory)}")
            self.run(f"SET temp_directory = {quoted(str(folder / 'spilled'))}")
            # Each thread has buffers of its own: more of them would not fit a small limit.
            self.run(f"SET threads = {min(4, os.cpu_count() or 1)}")
            self.run("SET preserve_insertion_order = false")
            self.run("SET enable_progress_bar = false")
            self.run(_TABLES)
            # One transaction for all that is read: each of its own would wait for the disk.
            self.run("BEGIN")
        self._is_open = True

    def add(
        self, source: int, keys: Hashes, sizes: Ints, lines: Sequence[str], rendered: Flags
    ) -> None:
        """Add lines of one source, with a key and a size for each, and whether it was rendered."""
        rows = {"key": keys, "size": sizes, "line": np.array(lines, object), "rendered": rendered}
        statement = f"INSERT INTO lines SELECT {source}, key, size, line, rendered FROM rows"
        self._insert(statement, rows)

    def add_words(self, source: int, hashes: Hashes) -> None:
        """Count words of a source, by hash, beside those counted before."""
        known, counts = np.unique(hashes, return_counts=True)
        rows = {"hash": known, "count": counts}
        self._insert(f"INSERT INTO words SELECT {source}, hash, count FROM rows", rows)

    def add_drawn(
        self, part: int, sources: Ints, keys: Hashes, lines: Sequence[str], rendered: Flags
    ) -> None:
        """Add lines of another place, to be written among those of the store."""
        self.run(
            "CREATE TEMP TABLE IF NOT EXISTS "
            "drawn(part UTINYINT, source USMALLINT, key UBIGINT, line VARCHAR, rendered BOOLEAN)"
        )
        rows = {
            "source": sources,
            "key": keys,
            "line": np.array(lines, object),
            "rendered": rendered,
        }
        statement = f"INSERT INTO drawn SELECT {part}, source, key, line, rendered FROM rows"
        self._insert(statement, rows)

    def _insert(self, statement: str, rows: dict[str, Any]) -> None:
        with self._told():
            # DuckDB finds `rows` by its name.
            self._base.execute(statement)

    def run(self, statement: str) -> None:
        """Run a statement for what it does."""
        with self._told():
            self._base.execute(statement)

    def seal(self) -> None:
        """Say that all was added: what is asked for is there from now on. May be called again."""
        if self._is_open:
            self.run("COMMIT")
        self._is_open = False

    def table(self, query: str) -> dict[str, Any]:
        """Give the few rows of a query as an array a column."""
        with self._told():
            return dict(self._base.execute(query).fetchnumpy())

    def rows(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """Give the many rows of a query, some at a time."""
        with self._told():
            # A cursor, as another query may run before all rows were taken.
            found = self._base.cursor().execute(query)
            while some := found.fetchmany(_FETCHED):
                yield some

    def close(self) -> None:
        """Let go of the files."""
        self._base.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in our words what DuckDB stops for."""
        try:
            yield
        except self._errors.OutOfMemoryException as error:
            raise UsageError("--memory", _first_line(error), "Allow more.") from error
        except self._errors.ParserException as error:
            raise UsageError("--memory", _first_line(error), "Write it as in 4GB.") from error
        except self._errors.IOException as error:
            raise InputError(
                str(self._folder), _first_line(error), "Free some space or write elsewhere."
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def quoted(text: str) -> str:
    """Write a text as SQL does.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def opened_store(folder: Path | None, memory: str) -> Iterator[Store]:
    """Open a store in a folder of its own inside `folder`, and remove it at the end.

    Args:
        folder: None takes the system's folder for temporary files.

    Raises:
        UsageError: DuckDB is not installed, or it cannot do with so little memory.
        InputError: the folder cannot be written to.
    """
    try:
        import duckdb  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "--big", "needs DuckDB, which is not installed", f"Run: {install_line('big')}"
        ) from error
    held, within = ExitStack(), folder or Path(tempfile.gettempdir())
    try:
        made = held.enter_context(partial_folder(within / STORE))
    except OSError as error:
        raise unwritable(within, error) from error
    with held:
        store = Store(made, memory)
        try:
            yield store
        finally:
            store.close()
