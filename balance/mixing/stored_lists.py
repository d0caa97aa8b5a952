"""Lists of a mix whose lines are in a store, sorted there: on disk where memory does not do."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from balance.mixing.lines import Source
from balance.mixing.lists import Part, block_of, rendered_of
from balance.mixing.stock import Some
from balance.mixing.store import Store, quoted
from balance.mixing.stored_lots import StoredSome
from textlines.files import replacing_bytes, sha256_of

_LINES = 1 << 17


def write_stored(
    store: Store,
    path: Path,
    roles: Path,
    parts: Sequence[Some],
    sources: Sequence[Source],
    heads: Sequence[str],
    codes: Sequence[str],
) -> tuple[str, str]:
    """Write lines of the store and of memory as one label file, by rising key, and their roles.

    The bytes are those that `lists.write_list` writes for the same lines.

    Returns:
        The sha256 of both files.

    Raises:
        InputError: the file cannot be written.
    """
    store.run("DROP TABLE IF EXISTS drawn")
    selects: list[str] = []
    for number, part in enumerate(parts):
        if isinstance(part, StoredSome):
            selects += part.selects(f"{number} AS part, source, key, line, rendered")
        elif isinstance(part, Part) and len(part):
            _bring(store, number, part, sources)
            selects.append(f"SELECT * FROM drawn WHERE part = {number}")
    line = "line"
    if any(heads):
        line = f"[{', '.join(map(quoted, heads))}][source + 1] || line AS line"
    every = " UNION ALL ".join(selects)
    code = f"[{', '.join(map(quoted, codes))}][2 * source + rendered::INTEGER + 1] AS code"
    # The same order twice: of equal keys in one source the lines are equal, and so are their roles.
    return _write(store, path, line, every), _write(store, roles, code, every)


def _write(store: Store, path: Path, column: str, every: str) -> str:
    """Write one column of the lines, by rising key; gives the sha256 of what was written."""
    with replacing_bytes(path) as out:
        if every:
            # No quotes and a delimiter that no line holds: the lines as they are.
            store.run(
                f"COPY (SELECT {column} FROM ({every}) ORDER BY key, part, source) "
                f"TO {quoted(out.name)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', "
                "DELIMITER e'\\x01', USE_TMP_FILE false)"
            )
        return sha256_of(Path(out.name))


def _bring(store: Store, number: int, part: Part, sources: Sequence[Source]) -> None:
    """Bring lines from memory into the store."""
    pool = part.pool
    numbers = {id(source): at for at, source in enumerate(sources)}
    table = np.array([numbers[id(source)] for source in pool.sources], np.int64)
    for low in range(0, len(part), _LINES):
        some = part.positions[low : low + _LINES]
        of = table[pool.of[some]]
        text = block_of(of, pool.rows[some], sources, [""] * len(sources)).tobytes().decode()
        rendered = rendered_of(of, pool.rows[some], sources)
        store.add_drawn(number, of, pool.keys[some], text.split("\n")[:-1], rendered)
