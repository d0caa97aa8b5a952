"""Draw the same lines by one process and by a Ray cluster of local nodes; compare bytes and CPU.

    python benchmarks/ray_nodes.py OUT --lines 10000 --nodes 3 --kill
    python benchmarks/ray_nodes.py OUT --lines 10000 --nodes 3 --send-back --json

The cluster is started here, one CPU a node. With --kill one node and its workers are killed when a
third of the shards is there. With --send-back no node is told where the folder is: shards come
back through the object store. CPU seconds: of the command as the system counts it, and of the
cluster's daemons and workers as /proc tells it every 0.2 s, from the command's start to its end;
what starting the cluster takes stands beside. Ends with 1 if any file differs.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, run

SAMPLED_S = 0.2

_UNSEEN = """
from contextlib import nullcontext
import synth.run.cluster_drawing as drawing
drawing.folder_token = lambda out: nullcontext(("no such file", ""))
from synth.__main__ import main
main()
"""

_TICKS = os.sysconf("SC_CLK_TCK")


class Nodes:
    """A cluster of local nodes of one CPU each, whose processes are counted."""

    def __init__(self, count: int) -> None:
        from ray.cluster_utils import Cluster

        settings = {"num_cpus": 1, "object_store_memory": 200 << 20, "include_dashboard": False}
        self._cluster: Any = Cluster(initialize_head=True, head_node_args=settings)
        self._others = [
            self._cluster.add_node(num_cpus=1, object_store_memory=200 << 20)
            for _ in range(count - 1)
        ]
        self.address: str = self._cluster.address
        self.processes = {
            told[0].process.pid
            for node in (self._cluster.head_node, *self._others)
            for told in node.all_processes.values()
            if told
        }

    def kill_one(self) -> None:
        """Kill the last node and its workers at once."""
        node = self._others.pop()
        raylet = node.all_processes["raylet"][0].process.pid
        below = descendants({raylet}) - {raylet}
        node.kill_all_processes(check_alive=False, allow_graceful=False)
        for process in below:
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                continue
        self._cluster.worker_nodes.discard(node)

    def end(self) -> None:
        """End the cluster."""
        self._cluster.shutdown()


def descendants(roots: set[int]) -> set[int]:
    """Return the processes and all that they have started and that live."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
    found = set(roots)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


class Counted:
    """CPU seconds of processes and their descendants, ended ones too."""

    def __init__(self, roots: set[int]) -> None:
        self._roots = roots
        self._seconds: dict[int, float] = {}
        self._known: set[int] = set()
        self._workers: set[int] = set()

    def look(self) -> float:
        """Read /proc; return the seconds of all processes that were ever seen."""
        # One whose parent was killed is found by its own number.
        self._known |= descendants(self._roots | self._known)
        for process in self._known:
            try:
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                # Ray names a worker by what it does ("ray::IDLE", "ray::at_node").
                if Path(f"/proc/{process}/cmdline").read_bytes().startswith(b"ray::"):
                    self._workers.add(process)
            except OSError:
                continue
            self._seconds[process] = (int(fields[11]) + int(fields[12])) / _TICKS
        return sum(self._seconds.values())

    def of_workers(self) -> float:
        """Return the seconds of workers alone, as of the last look."""
        return sum(self._seconds[process] for process in self._workers)


@contextmanager
def sampled(nodes: Nodes, out: Path, kill_at: int) -> Iterator[dict[str, float]]:
    """Count the cluster's CPU seconds over the block; kill a node at so many finished shards."""
    counted, told = Counted(nodes.processes), {"cluster": 0.0, "workers": 0.0, "killed_at": 0.0}
    before, over = counted.look(), threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLED_S):
            counted.look()
            if kill_at and not told["killed_at"]:
                shards = len([*out.glob("shards/*.jsonl")])
                if shards >= kill_at:
                    told["killed_at"] = shards
                    nodes.kill_one()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join()
        told["cluster"] = counted.look() - before
        told["workers"] = counted.of_workers()


def contents(folder: Path) -> dict[str, str]:
    """Hash every file of a run but its locks."""
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }


def main() -> None:
    """Draw twice, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder that is not there; one/ and many/ in it")
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--style", default="lcd")
    parser.add_argument("--chars", default="0123456789")
    parser.add_argument("--kill", action="store_true", help="a node, at a third of the shards")
    parser.add_argument("--send-back", action="store_true", help="no node sees the folder")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    if options.kill and options.nodes < 2:
        parser.error("--kill needs two nodes")
    # Workers at the priority of the one process that they are held against.
    os.environ |= {"RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    words = ["generate", "--style", options.style, "--chars", options.chars, "--seed", "1"]
    words += ["--count", str(options.lines)]
    one, many = options.out / "one", options.out / "many"
    started = time.monotonic()
    alone = run([sys.executable, "-m", "synth", *words, "--workers", "1", "--out", str(one)])
    one_s = time.monotonic() - started
    nodes = Nodes(options.nodes)
    starting = Counted(nodes.processes).look()
    try:
        program = ["-c", _UNSEEN] if options.send_back else ["-m", "synth"]
        command = [sys.executable, *program, *words, "--ray", nodes.address, "--out", str(many)]
        shards = -(-options.lines // 1000)
        started = time.monotonic()
        with sampled(nodes, many, max(1, shards // 3) if options.kill else 0) as told:
            driver = run(command)
        many_s = time.monotonic() - started
    finally:
        nodes.end()
    here, there = contents(one), contents(many)
    differing = sorted(name for name in {*here, *there} if here.get(name) != there.get(name))
    _print(options, alone, driver, told, starting, (one_s, many_s), len(here), differing)
    sys.exit(1 if differing else 0)


def _print(
    options: argparse.Namespace,
    alone: Cost,
    driver: Cost,
    told: dict[str, float],
    starting: float,
    wall_s: tuple[float, float],
    files: int,
    differing: list[str],
) -> None:
    cluster_s = driver.cpu_s + told["cluster"]
    figures = {
        "lines": options.lines,
        "nodes": options.nodes,
        "killed_at_shard": int(told["killed_at"]),
        "sent_back": options.send_back,
        "files": files,
        "differing": len(differing),
        "one_process_cpu_s": round(alone.cpu_s, 2),
        "cluster_cpu_s": round(cluster_s, 2),
        "driver_cpu_s": round(driver.cpu_s, 2),
        "workers_cpu_s": round(told["workers"], 2),
        "daemons_cpu_s": round(told["cluster"] - told["workers"], 2),
        "driver_peak_mib": round(driver.peak_mib),
        "cluster_start_cpu_s": round(starting, 2),
        "cpu_ratio": round(cluster_s / alone.cpu_s, 3),
        "cpu_ms_a_line": round(1000 * alone.cpu_s / options.lines, 3),
        "wall_s": [round(seconds, 1) for seconds in wall_s],
    }
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")
    for name in differing[:10]:
        print(f"differs: {name}")


if __name__ == "__main__":
    main()
