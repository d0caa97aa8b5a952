"""Work handed to a Ray cluster: items in, results out, whatever nodes are lost on the way.

Nothing of Ray is imported before a cluster is asked for. A task is one CPU's. What a worker needs
for all of its tasks (`Work.open`) is made once in each worker process, from one object in the
cluster's store. Every worker holds its code and libraries against the driver's before its first
task: bytes that depend on versions come from the same ones everywhere.
"""

import hashlib
import os
import pickle
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from textlines.errors import InputError, MachineError, MendError
from textlines.files import is_of_the_machine, machine_error
from textlines.installing import DISTRIBUTION, installed_versions
from textlines.wording.counts import count_of

State = TypeVar("State")
Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Tasks in flight for each CPU of the cluster: no CPU waits for its next one, and neither the
driver nor the object store ever holds the results of more."""

MOST_LOST = 4
"""Times that the worker of one task may end under it. The next is no accident of a node."""

LOOK_S = 2.0
"""How often it is looked whether the cluster has nodes left, while nothing is finished."""

NODELESS_S = 60.0
"""How long a cluster may be without a CPU before the work is given up."""

_PACKAGES = ("textlines", "synth", "balance", "train")


class MoreNeededError(Exception):
    """Raised by a task that can be done once its item holds more; `what` says of what."""

    def __init__(self, what: Any) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Work(Generic[State, Item, Result]):
    """What tasks do. All of it is pickled: functions of modules, or `partial`s of them.

    Attributes:
        open: makes what a worker process keeps between its tasks.
        do: makes an item's result. May raise `MoreNeededError`.
        more: on the driver, an item that holds what `do` asked for; None where it asks nothing.
        versions: of what the results depend on, beside Python and this project's code; the same
            on every node.
    """

    open: Callable[[], State]
    do: Callable[[State, Item], Result]
    more: Callable[[Item, Any], Item] | None = None
    versions: Callable[[], Mapping[str, str]] = dict


@dataclass(slots=True)
class _Task:
    number: int
    item: Any
    lost: int = 0
    asked: int = 0


_MOST_ASKED = 8
"""Times that one item may be asked to hold more."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a task gives back. `kind`: "done", "failed" or "more", and `content` accordingly."""

    kind: str
    content: Any


@dataclass
class Cluster:
    """A cluster that this process is connected to.

    Attributes:
        tell: is given a sentence for the user when something was lost.
        done_again: tasks that were done again, as their worker or its node ended.
    """

    ray: Any
    address: str
    tell: Callable[[str], None]
    done_again: int = 0
    _cpus: tuple[float, int] = field(default=(0.0, 0), repr=False)

    def put(self, value: object) -> Any:
        """Place a value in the object store, once for all tasks; return its reference.

        A task gets it by `fetched`. In an item a reference lies inside another value (a tuple, a
        dataclass): Ray replaces one that is an argument itself.
        """
        return self.ray.put(value)

    def results(
        self, work: Work[State, Item, Result], items: Iterable[Item], *, most: int = 0
    ) -> Generator[tuple[int, Result], None, None]:
        """Do the work on each item; yield the item's number and its result, as they are finished.

        Items are taken as there is room for them: at most `AHEAD` for each CPU of the cluster are
        in flight. A task whose worker or node ended is done again. Whatever ends the generator (an
        error, a signal, `close`) cancels what is in flight.

        Args:
            most: tasks at a time; 0 as many as the cluster has CPUs for.

        Raises:
            MendError: what a task raised; the versions of a node differ; the worker of a task
                ended `MOST_LOST` times under it; the cluster has no CPU for `NODELESS_S`.
        """
        ray = self.ray
        wanted = {**code_versions(), **work.versions()}
        # Without `more`, which stays here and may hold what cannot be pickled.
        sent = Work(work.open, work.do, None, work.versions)
        held = [ray.put((sent, wanted))]
        key = os.urandom(8).hex()
        call = _task_of(ray)
        again: deque[_Task] = deque()
        fresh = enumerate(items)
        pending: dict[Any, _Task] = {}
        try:
            while True:
                room = most or max(1, AHEAD * self._cpu_count())
                while len(pending) < room:
                    task = again.popleft() if again else _next(fresh)
                    if task is None:
                        break
                    pending[call.remote(key, held, task.item)] = task
                if not pending:
                    return
                for ref in self._finished(pending):
                    task = pending.pop(ref)
                    answer = self._answer(ref, task)
                    if answer is None:
                        again.append(task)
                    elif answer.kind == "failed":
                        raise answer.content
                    elif answer.kind == "more":
                        again.append(_fuller(task, work, answer.content))
                    else:
                        yield task.number, answer.content
        finally:
            for ref in pending:
                # Whatever the cluster makes of it: the driver's end ends its tasks too.
                with suppress(Exception):
                    ray.cancel(ref, force=True)

    def in_order(
        self, work: Work[State, Item, Result], items: Iterable[Item], *, most: int = 0
    ) -> Generator[Result, None, None]:
        """Yield the results in the order of the items; else as `results`."""
        early: dict[int, Result] = {}
        wanted = 0
        stream = self.results(work, items, most=most)
        try:
            for number, result in stream:
                early[number] = result
                while wanted in early:
                    yield early.pop(wanted)
                    wanted += 1
        finally:
            stream.close()

    def _cpu_count(self) -> int:
        """Return the CPUs of the nodes that live, as of the last second."""
        now = time.monotonic()
        if now - self._cpus[0] > 1.0:
            self._cpus = (now, int(self.ray.cluster_resources().get("CPU", 0)))
        return self._cpus[1]

    def _finished(self, pending: Mapping[Any, _Task]) -> list[Any]:
        """Wait for the first of the tasks.

        Raises:
            MachineError: the cluster has no CPU any more.
        """
        since = time.monotonic()
        while True:
            ready, _ = self.ray.wait(list(pending), num_returns=1, timeout=LOOK_S)
            if ready:
                return list(ready)
            if self._cpu_count():
                since = time.monotonic()
            elif time.monotonic() - since > NODELESS_S:
                raise MachineError(
                    f"the Ray cluster {self.address}",
                    f"has had no CPU for {NODELESS_S:.0f} s",
                    "Start a node (ray start --address=...); the same call goes on.",
                )

    def _answer(self, ref: Any, task: _Task) -> _Answer | None:
        """Return what a task gave, or None where its worker or its node ended under it.

        Raises:
            MendError: Ray has another error, or the worker ended too often.
        """
        errors = self.ray.exceptions
        try:
            answer = self.ray.get(ref)
        except (
            errors.WorkerCrashedError,
            errors.NodeDiedError,
            errors.OutOfMemoryError,
            errors.ObjectLostError,
        ) as error:
            task.lost += 1
            self.done_again += 1
            why = _CAUSES.get(type(error).__name__, "its node ended")
            if task.lost >= MOST_LOST:
                raise MachineError(
                    f"task {task.number} on the Ray cluster {self.address}",
                    f"was lost {count_of(task.lost, 'time')} ({why})",
                    "If memory ran out, give each worker more, or use fewer --workers.",
                ) from None
            self.tell(f"task {task.number} was lost ({why}) and is done again")
            return None
        except errors.RayError as error:
            last = (str(error).strip().splitlines() or [type(error).__name__])[-1]
            raise MendError(f"the Ray cluster {self.address}", f"cannot do a task ({last})") from (
                error
            )
        if not isinstance(answer, _Answer):  # from code that has no answers of ours
            node, problem = answer
            raise InputError(
                node,
                f"cannot load this project ({problem})",
                f"Install it there, as here: on every node of the cluster. Here: {sys.prefix}.",
            )
        return answer


_CAUSES = {
    "WorkerCrashedError": "its worker process ended",
    "OutOfMemoryError": "its node ran out of memory",
    "ObjectLostError": "its result was on a node that ended",
}


def _next(fresh: "Iterator[tuple[int, Any]]") -> _Task | None:
    number, item = next(fresh, (-1, None))
    return None if number < 0 else _Task(number, item)


def _fuller(task: _Task, work: Work[Any, Any, Any], what: Any) -> _Task:
    task.asked += 1
    if work.more is None or task.asked > _MOST_ASKED:
        raise MendError(f"task {task.number}", "asks again and again for what it was given")
    task.item = work.more(task.item, what)
    return task


def fetched(reference: Any) -> Any:
    """Return, in a task, what `Cluster.put` placed in the store."""
    return import_module("ray").get(reference)


def node_name() -> str:
    """Return what to call the machine that a task runs on: its address in the cluster, and name."""
    address = import_module("ray").util.get_node_ip_address()
    return f"node {address} ({socket.gethostname()})"


@lru_cache(maxsize=1)
def code_versions() -> dict[str, str]:
    """Return Python's version, this project's, and a hash of its code as it is imported.

    The hash tells two states of a checkout apart that have one version.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    python = ".".join(map(str, sys.version_info[:3]))
    return {
        "python": python,
        **installed_versions((DISTRIBUTION,)),
        "code": digest.hexdigest()[:12],
    }


def require_same(node: str, there: Mapping[str, str], here: Mapping[str, str]) -> None:
    """Refuse a node whose results could be others than this machine's.

    Raises:
        InputError: versions differ; names the node and each of them.
    """
    names = [name for name in sorted({*there, *here}) if there.get(name) != here.get(name)]
    if names:
        listed = ", ".join(
            f"{name} {there.get(name, 'missing')} (here {here.get(name, 'missing')})"
            for name in names
        )
        raise InputError(
            node,
            f"has other versions than the machine that the call came from: {listed}",
            "Install the same on every node: one checkout or wheel, under its constraints.txt.",
        )


def _task_of(ray: Any) -> Any:
    """Return the remote function. It is pickled by value, so that it runs where we are not."""

    def at_node(key: str, held: list[Any], item: Any) -> Any:
        try:
            from textlines.cluster import do_task
        except Exception as error:
            import platform
            import socket

            return f"node {socket.gethostname()}", f"Python {platform.python_version()}: {error}"
        return do_task(key, held, item)

    return ray.remote(num_cpus=1, max_retries=0, scheduling_strategy="SPREAD")(at_node)


_open: dict[str, tuple[Work[Any, Any, Any], Any]] = {}
"""In a worker: the work that it does, and what it has opened for it."""


def do_task(key: str, held: list[Any], item: Any) -> _Answer:
    """Do one task, in a worker.

    Args:
        key: of the work. held: the reference of the work and the versions asked for.
    """
    try:
        if key not in _open:
            _open.clear()
            work, wanted = fetched(held[0])
            require_same(node_name(), {**code_versions(), **work.versions()}, wanted)
            _open[key] = work, work.open()
        work, state = _open[key]
        return _Answer("done", work.do(state, item))
    except MoreNeededError as error:
        return _Answer("more", error.what)
    except MendError as error:
        return _Answer("failed", portable(error))
    except Exception as error:
        if is_of_the_machine(error):
            return _Answer("failed", machine_error(node_name(), error))
        trace = traceback.format_exc(limit=-3)
        return _Answer("failed", MendError(node_name(), f"{type(error).__name__}: {error}", trace))


def portable(error: MendError) -> MendError:
    """Return an error as it can travel: itself, or one of the same words where it does not pickle.

    >>> portable(InputError("a.txt", "is empty")).exit_code
    1
    """
    try:
        again = pickle.loads(pickle.dumps(error))
    except Exception:
        again = None
    if type(again) is type(error) and str(again) == str(error):
        return error
    return MendError(error.where, error.what, error.mend)
