"""A Ray cluster of several nodes on this machine, of which one can be killed."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

STORE_BYTES = 100 << 20

QUICK = {
    # A node that was killed is noticed in two seconds and not in thirty.
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 500,
    "health_check_failure_threshold": 3,
}


class LocalRay:
    """Nodes of one CPU each, all on this machine.

    Attributes:
        address: to connect to.
    """

    def __init__(self, nodes: int) -> None:
        # Else at the lowest priority, behind whatever else this machine does.
        os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
        self._cluster: Any = Cluster(
            initialize_head=True, head_node_args={**head, "_system_config": QUICK}
        )
        self.address: str = self._cluster.address
        for _ in range(nodes - 1):
            self.add()

    def add(self, cpus: int = 1) -> Any:
        """Start a node more."""
        return self._cluster.add_node(num_cpus=cpus, object_store_memory=STORE_BYTES)

    def kill(self, node: Any) -> None:
        """Kill a node and all of its workers, as a machine that loses its power."""
        raylet = node.all_processes["raylet"][0].process.pid
        below = _below(raylet)
        node.kill_all_processes(check_alive=False, allow_graceful=False)
        for process in below:  # else they would finish what they are at
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._cluster.worker_nodes.discard(node)

    def end(self) -> None:
        """End all nodes."""
        self._cluster.shutdown()


def _below(process: int) -> list[int]:
    """Return the processes that one has started, and those that they have."""
    try:
        told = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    children = [int(child) for child in told.split()]
    return [*children, *(each for child in children for each in _below(child))]
