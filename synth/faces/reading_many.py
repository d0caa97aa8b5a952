"""Read many font files: known ones from the cache, new ones on all cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from synth.faces.reading import FileRecord, read_font_file
from synth.faces.user_cache import cache_dir, read_json, write_json
from textlines.signals import signals_held, worker_pool

Progress = Callable[[int, int], None]
"""Called with (files read, files to read)."""

_VERSION = "6"
# Starting processes costs as much as reading some twenty small fonts, or some of all of Han.
_FEW, _LITTLE_BYTES = 24, 32 << 20


def read_cached(
    paths: Sequence[Path], progress: Progress | None = None, workers: int = 0
) -> dict[Path, FileRecord]:
    """Read font files, those known by (path, size, mtime) from the cache; the cache is renewed."""
    place = cache_dir() / "faces.json"
    held = read_json(place, _VERSION)
    records: dict[Path, FileRecord] = {}
    stamps: dict[Path, list[int]] = {}
    new: list[Path] = []
    for path in dict.fromkeys(paths):
        try:
            status = path.stat()
            stamps[path] = [status.st_size, status.st_mtime_ns]
        except OSError:
            stamps[path] = [-1, -1]
        entry = held.get(str(path.absolute()))
        if entry and entry[:2] == stamps[path]:
            records[path] = FileRecord.model_validate(entry[2])
        else:
            new.append(path)
    # The largest first: begun last, one of them would keep a single process busy at the end.
    new.sort(key=lambda path: -stamps[path][0])
    total = sum(max(stamps[path][0], 0) for path in new)
    for done, (path, record) in enumerate(_read_all(new, workers, total), 1):
        records[path] = record
        if progress is not None:
            progress(done, len(new))
    if new:
        for path in new:
            entry = [*stamps[path], records[path].model_dump(exclude_defaults=True)]
            held[str(path.absolute())] = entry
        write_json(place, _VERSION, held)
    return records


def _read_all(paths: Sequence[Path], workers: int, total: int) -> Iterator[tuple[Path, FileRecord]]:
    count = min(workers or os.cpu_count() or 1, len(paths))
    if count < 2 or (len(paths) < _FEW and total < _LITTLE_BYTES):
        for path in paths:
            yield path, read_font_file(path)
        return
    from concurrent.futures import BrokenExecutor

    left = list(paths)
    try:
        with worker_pool(count) as pool:
            with signals_held():
                records = pool.map(read_font_file, paths)
            for path, record in zip(paths, records, strict=True):
                yield path, record
                left.pop(0)
    except BrokenExecutor:
        # A font that kills its reader (FreeType, HarfBuzz) must not end the scan: each of the
        # rest is read in a process of its own, and the one that dies is counted as broken.
        for path in left:
            yield path, _read_apart(path)


def _read_apart(path: Path) -> FileRecord:
    from concurrent.futures import BrokenExecutor

    try:
        with worker_pool(1) as pool:
            with signals_held():
                answer = pool.submit(read_font_file, path)
            return answer.result()
    except BrokenExecutor:
        return FileRecord(refusal="broken", detail="reading it ends the process")
