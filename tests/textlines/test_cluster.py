import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.local_ray import LocalRay
from tests.running import run_without
from textlines.cluster import (
    AHEAD,
    MOST_LOST,
    Cluster,
    MoreNeededError,
    Work,
    code_versions,
    portable,
    require_same,
)
from textlines.cluster_joining import connected
from textlines.errors import InputError, MachineError, MendError, UsageError


@pytest.fixture(scope="module")
def joined(ray_nodes: LocalRay) -> Iterator[str]:
    """Stay connected; what this module defines is pickled by value, as no worker knows it."""
    import ray

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with connected(ray_nodes.address):
        yield ray_nodes.address


@pytest.fixture
def cluster(joined: str) -> Iterator[Cluster]:
    with connected(joined) as cluster:
        yield cluster


def opened() -> dict[str, int]:
    return {"done": 0}


def doubled(state: dict[str, int], item: int) -> tuple[int, int, int]:
    state["done"] += 1
    return 2 * item, os.getpid(), state["done"]


def test_each_item_is_done_and_a_worker_opens_once(cluster: Cluster) -> None:
    done = dict(cluster.results(Work(opened, doubled), range(40)))
    assert {number: result[0] for number, result in done.items()} == {
        number: 2 * number for number in range(40)
    }
    by_worker: dict[int, list[int]] = {}
    for _, worker, count in done.values():
        by_worker.setdefault(worker, []).append(count)
    assert os.getpid() not in by_worker
    # Had a worker opened again, its count would have begun again.
    assert all(sorted(counts) == [*range(1, len(counts) + 1)] for counts in by_worker.values())
    assert cluster.done_again == 0


def test_results_in_order(cluster: Cluster) -> None:
    def late(_: object, item: int) -> int:
        time.sleep(0.2 if item == 0 else 0.0)
        return item

    assert list(cluster.in_order(Work(opened, late), range(12))) == [*range(12)]


def test_items_are_taken_only_as_there_is_room(cluster: Cluster) -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    stream = cluster.results(Work(opened, doubled), items())
    for finished in range(1, 30):
        next(stream)
        assert taken - finished < AHEAD * int(cluster.ray.cluster_resources()["CPU"])
    stream.close()
    assert taken < 50
    taken = 0
    stream = cluster.results(Work(opened, doubled), items(), most=1)
    next(stream)
    assert taken == 1
    stream.close()


def test_an_item_is_given_more_where_its_task_asks(cluster: Cluster) -> None:
    def needy(_: object, item: tuple[int, str]) -> str:
        if len(item[1]) < 3:
            raise MoreNeededError("a")
        return f"{item[0]} {item[1]}"

    def more(item: tuple[int, str], what: str) -> tuple[int, str]:
        return item[0], item[1] + what

    work = Work(opened, needy, more)
    assert sorted(dict(cluster.results(work, [(1, ""), (2, "bcd")])).values()) == ["1 aaa", "2 bcd"]
    with pytest.raises(MendError, match="asks again and again"):
        list(cluster.results(Work(opened, needy, lambda item, _: item), [(1, "")]))


class OddError(InputError):
    """Takes other arguments than it keeps."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "is odd", "Even it.")


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (InputError("a.txt:3", "is empty", "Fill it."), InputError, 1),
        (UsageError("--x", "is wrong"), UsageError, 2),
        (MachineError("disk", "is full"), MachineError, 1),
        (OddError("a.txt"), MendError, 1),
    ],
)
def test_an_error_of_a_task_is_the_projects_own(
    cluster: Cluster, error: MendError, kind: type, code: int
) -> None:
    def fails(_: object, item: tuple[type, tuple[str, ...]]) -> None:
        raise item[0](*item[1])

    arguments = error.args[:1] if isinstance(error, OddError) else error.args
    with pytest.raises(kind) as raised:
        list(cluster.results(Work(opened, fails), [(type(error), arguments)]))
    assert str(raised.value) == str(error)
    assert raised.value.exit_code == code  # type: ignore[attr-defined]


def test_a_fault_of_ours_names_node_and_place(cluster: Cluster) -> None:
    def fails(_: object, item: int) -> None:
        raise ZeroDivisionError("by nothing")

    with pytest.raises(MendError, match=r"(?s)node .*ZeroDivisionError: by nothing.*in fails"):
        list(cluster.results(Work(opened, fails), [1]))


def test_what_is_lost_with_a_node_is_done_again(
    cluster: Cluster, ray_nodes: LocalRay, tmp_path: Path
) -> None:
    node, reached = ray_nodes.add(), tmp_path / "reached"
    lost = node.node_id
    said: list[str] = []
    cluster.tell = said.append
    is_killed, taken = False, 0

    def slow(_: object, item: int) -> int:
        import ray

        if ray.get_runtime_context().get_node_id() == lost:
            reached.touch()
            time.sleep(60)
        time.sleep(0.1)
        return item

    def items() -> Iterator[int]:
        nonlocal taken
        while not is_killed:
            yield taken
            taken += 1

    done = []
    for number, item in cluster.results(Work(opened, slow), items()):
        assert number == item
        done.append(item)
        if reached.exists() and not is_killed:
            ray_nodes.kill(node)
            is_killed = True
    assert is_killed
    assert sorted(done) == [*range(taken)]
    assert len(said) == cluster.done_again >= 1
    assert "is done again" in said[0]


def test_a_task_that_ends_its_worker_is_given_up(cluster: Cluster) -> None:
    said: list[str] = []
    cluster.tell = said.append

    def dies(_: object, item: int) -> None:
        if item == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(MachineError, match=f"task 1 .*was lost {MOST_LOST} times.*worker process"):
        list(cluster.results(Work(opened, dies), range(3)))
    assert len(said) == MOST_LOST - 1


def test_another_version_is_refused_by_name(cluster: Cluster) -> None:
    here = os.getpid()

    def other(pid: int) -> dict[str, str]:
        return {"numpy": "2.1" if os.getpid() != pid else "2.3"}

    with pytest.raises(InputError, match=r"node .*: has other versions .*: numpy 2\.1 \(here 2\.3"):
        list(cluster.results(Work(opened, doubled, versions=partial(other, here)), [1]))


def test_versions_that_are_the_same_and_others() -> None:
    here = code_versions()
    require_same("node a", here, dict(here))
    assert set(here) == {"python", "ocr-mend", "code"}
    with pytest.raises(InputError, match=r"node a: .*code 0123 \(here .*onnx missing \(here 1\)"):
        require_same("node a", {**here, "code": "0123"}, {**here, "onnx": "1"})


def test_an_error_that_does_not_pickle_travels_by_its_words() -> None:
    assert type(portable(OddError("a"))) is MendError
    assert str(portable(OddError("a"))) == str(OddError("a"))
    whole = InputError("a", "b", "c")
    assert portable(whole) is whole


def test_every_error_of_the_project_survives_the_trip() -> None:
    from textlines.pixels.decode import ImageError

    error = ImageError("a.png", "is broken", "", "truncated")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.reason) == (str(error), "truncated")
    assert portable(error) is error


@pytest.mark.parametrize(
    "address", ["here", "host:", ":6379", "host:port", "host:99999", "ray://x"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(UsageError, match="is no address"), connected(address):
        pass


def test_an_address_at_which_nothing_listens() -> None:
    with (
        pytest.raises(InputError, match=r"--ray 127\.0\.0\.1:1: does not answer \(Conn.*ray start"),
        connected("127.0.0.1:1"),
    ):
        pass


def test_without_ray_the_message_says_how_to_install_it(tmp_path: Path) -> None:
    run = run_without(
        ["ray"], "synth", "generate", "--chars", "01", "--count", "1", "--style", "lcd",
        "--out", tmp_path / "run", "--ray", "auto",
    )  # fmt: skip
    assert run.returncode == 2
    assert "--ray auto: needs the library ray, which is not here. Install it: " in run.stderr
    assert "[ray]" in run.stderr
    assert not (tmp_path / "run").exists()


def test_help_loads_no_ray() -> None:
    code = "import sys, synth.cli, balance.cli, train.cli; print('ray' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
