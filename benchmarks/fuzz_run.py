"""Command lines over mutated files: each in a process of its own, forked from a warm one."""

import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, NamedTuple

from benchmarks.fuzz_mutate import mutate
from benchmarks.fuzz_world import Reader, more_readers

Verdict = Literal["ok", "refused", "traceback", "hang", "memory", "killed"]

VERDICTS: tuple[Verdict, ...] = ("ok", "refused", "traceback", "hang", "memory", "killed")

KNOWN_CODES = frozenset({0, 1, 2, 3, 4, 130})

MOST_S = 20
MOST_KIB = 2 << 20
_CRASH = 99
"""The exit code of a child whose command raised what is no exit."""

_WARM = ("synth", "balance", "train", "textlines", "PIL", "fontTools", "cv2", "numpy", "pydantic",
         "jinja2", "markupsafe", "rapidfuzz", "uharfbuzz", "lmdb", "yaml", "regex", "typer", "rich",
         "click", "tomllib", "json", "html", "email", "urllib", "ctypes", "zipfile",
         "uuid")  # fmt: skip


class Ended(NamedTuple):
    """How a command ended: its verdict, exit code (-9 for a signal) and what it printed."""

    verdict: Verdict
    code: int
    said: str
    seconds: float
    kib: int


def run_command(words: Sequence[str], folder: Path, most_s: float = MOST_S) -> Ended:
    """Run a command line of ours in a folder, in a child of this process."""
    log = folder.with_name(folder.name + ".log")
    start = time.monotonic()
    child = os.fork()
    if not child:
        _serve(words, folder, log, most_s)
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - start
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)  # what it may have left running
    said = log.read_bytes()[-20_000:].decode(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    return Ended(_verdict(code, said, usage.ru_maxrss), code, said, seconds, usage.ru_maxrss)


def _verdict(code: int, said: str, kib: int) -> Verdict:
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        return "hang"
    if kib > MOST_KIB:
        return "memory"
    if code == _CRASH or "Traceback (most recent call last)" in said:
        return "traceback"
    if code not in KNOWN_CODES:
        return "killed"
    return "refused" if code else "ok"


def _serve(words: Sequence[str], folder: Path, log: Path, most_s: float) -> None:
    """Become the command; never returns."""
    code = _CRASH
    try:
        os.setsid()
        for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, most_s)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # Far above what is allowed: the figure that counts is what was in memory at most.
        resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(folder)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
        sys.argv = list(words)
        import_module(f"{words[0]}.cli").main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):
            pass
        os._exit(code)


class WorldError(RuntimeError):
    """A command failed on valid files."""


def build_world(world: Path, chosen: Mapping[str, Reader]) -> None:
    """Write the valid files of all readers, and see that each command ends with them in 0 or 1."""

    def call(words: Sequence[str], folder: Path) -> None:
        ended = run_command(words, folder, 300)
        if ended.verdict not in ("ok", "refused") or ended.code:
            raise WorldError(f"{' '.join(words)}: {ended.code}\n{ended.said}")

    for reader in more_readers().values():
        if reader.build is not None:
            reader.build(world, call)
    for reader in chosen.values():
        with _copied(world, reader, world.parent / "dry") as folder:
            ended = run_command(reader.words.split(), folder, 300)
        # 1 of `balance check` says that it found something.
        expected = {reader.code, *([1] if " check " in reader.words else [])}
        if ended.verdict not in ("ok", "refused") or ended.code not in expected:
            raise WorldError(f"{reader.name}: {reader.words}: {ended.code}\n{ended.said}")


def warm_up(chosen: Mapping[str, Reader], world: Path) -> None:
    """Import into this process what the commands import."""
    names = world.parent / "modules"
    for reader in chosen.values():
        with _copied(world, reader, world.parent / "dry") as folder:
            child = os.fork()
            if not child:
                _name_modules(reader.words.split(), folder, names)
            os.waitpid(child, 0)
        for name in names.read_text().split() if names.exists() else ():
            if name.partition(".")[0] in _WARM and name not in sys.modules:
                try:
                    import_module(name)
                except Exception:
                    continue


def _name_modules(words: Sequence[str], folder: Path, names: Path) -> None:
    exit_now = os._exit

    def told(code: int) -> None:
        names.write_text("\n".join(sorted(sys.modules)))
        exit_now(code)

    os._exit = told  # type: ignore[assignment]
    _serve(words, folder, folder.with_name("dry.log"), 300)


@contextmanager
def _copied(world: Path, reader: Reader, folder: Path) -> Iterator[Path]:
    """Copy what a command names, and what is mutated, into a folder; takes it away again."""
    named = {*reader.mutated, *reader.needed, *reader.words.split()}
    tops = {name.partition("/")[0] for name in named}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for top in sorted(tops):
        source = world / top
        if source.is_dir():
            shutil.copytree(source, folder / top)
        elif source.is_file():
            shutil.copy(source, folder / top)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Found(NamedTuple):
    """One case that must not be: its reader, number, file, mutation and end."""

    reader: str
    number: int
    file: str
    mutation: str
    ended: Ended


def _files(folder: Path, reader: Reader) -> list[Path]:
    found: list[Path] = []
    for name in reader.mutated:
        path = folder / name
        found += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return [path for path in found if not path.name.startswith(".lock")]


def _lot(
    reader_name: str, numbers: Sequence[int], seed: int, world: Path, keep: Path
) -> tuple[str, Counter[Verdict], list[Found]]:
    """Run some cases of one reader."""
    reader = more_readers()[reader_name]
    counts: Counter[Verdict] = Counter()
    found = []
    scratch = world.parent / f"case-{os.getpid()}"
    for number in numbers:
        rng = random.Random(f"{seed} {reader_name} {number}")
        with _copied(world, reader, scratch) as folder:
            target = rng.choice(_files(folder, reader))
            mutation = mutate(target, rng)
            name = target.relative_to(folder).as_posix()
            # A copy first: the command may change its own inputs.
            kept = keep / f"{re.sub('[^a-z0-9]+', '-', reader_name.lower())}-{number}"
            ended = run_command(reader.words.split(), folder)
            if ended.verdict == "hang" and mutation != "pipe":
                # On a busy machine a sound case may take long: once more, with more patience.
                with _copied(world, reader, scratch) as again:
                    mutate(again / name, _again(seed, reader_name, number, again, reader))
                    slow = run_command(reader.words.split(), again, 3 * MOST_S)
                ended = slow if slow.verdict != "hang" else ended
            counts[ended.verdict] += 1
            if ended.verdict not in ("ok", "refused"):
                kept.mkdir(parents=True, exist_ok=True)
                with _copied(world, reader, scratch) as again:
                    mutate(again / name, _again(seed, reader_name, number, again, reader))
                    if (again / name).is_file() and not (again / name).is_symlink():
                        shutil.copy(again / name, kept / Path(name).name)
                (kept / "said.txt").write_text(
                    f"{reader.words}\n{name}: {mutation}\nexit code {ended.code}, "
                    f"{ended.seconds:.1f} s, {ended.kib // 1024} MiB\n{ended.said}"
                )
                found.append(Found(reader_name, number, name, mutation, ended))
    return reader_name, counts, found


def _again(seed: int, name: str, number: int, folder: Path, reader: Reader) -> random.Random:
    """Return a case's stream of chance at the place where its mutation begins."""
    rng = random.Random(f"{seed} {name} {number}")
    rng.choice(_files(folder, reader))
    return rng


def fuzz_commands(
    names: Sequence[str], count: int, seed: int, keep: Path, workers: int
) -> tuple[dict[str, Counter[Verdict]], list[Found]]:
    """Run `count` cases, shared evenly among the readers; failing inputs go to `keep`.

    Raises:
        WorldError: a command fails on valid files.
    """
    known = more_readers()
    chosen = {name: known[name] for name in names or known}
    home = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    base = Path(tempfile.mkdtemp(prefix="fuzz-", dir=home))
    # No fonts of this machine's, and no cache of the user's.
    os.environ.update(
        XDG_CACHE_HOME=str(base / "cache"), OCR_FONT_DIRS="", HOME=str(base), COLUMNS="200"
    )
    world = base / "world"
    world.mkdir()
    try:
        build_world(world, chosen)
        warm_up(chosen, world)
        each, over = divmod(count, len(chosen))
        lots = []
        for at, name in enumerate(chosen):
            numbers = range(each + (at < over))
            lots += [(name, numbers[k : k + 25]) for k in range(0, len(numbers), 25)]
        table: dict[str, Counter[Verdict]] = {name: Counter() for name in chosen}
        found: list[Found] = []
        with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
            futures = [pool.submit(_lot, name, lot, seed, world, keep) for name, lot in lots]
            for done, future in enumerate(futures, 1):
                name, counts, failed = future.result()
                table[name].update(counts)
                found += failed
                if done % 20 == 0:
                    told = sum(sum(row.values()) for row in table.values())
                    print(f"{told:,} of {count:,} cases, {len(found)} failed", file=sys.stderr)
        return table, found
    finally:
        shutil.rmtree(base, ignore_errors=True)


def table_lines(table: Mapping[str, Counter[Verdict]]) -> Iterator[str]:
    """Write the table of readers and verdicts."""
    wide = max(map(len, table), default=6)
    yield f"{'reader':{wide}}  cases " + " ".join(f"{verdict:>9}" for verdict in VERDICTS)
    total: Counter[Verdict] = Counter()
    for name, counts in table.items():
        total.update(counts)
        yield _row(name, counts, wide)
    yield _row("all", total, wide)


def _row(name: str, counts: Counter[Verdict], wide: int) -> str:
    cells = " ".join(f"{counts[verdict]:>9,}" for verdict in VERDICTS)
    return f"{name:{wide}} {sum(counts.values()):>6,} {cells}"
