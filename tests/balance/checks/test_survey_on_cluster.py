from pathlib import Path
from typing import Any

import pytest

from balance.checks import survey as surveys
from balance.checks.survey import survey
from tests.balance.checks.test_survey import cases
from tests.local_ray import LocalRay
from tests.running import run_module
from textlines.cluster_joining import connected
from textlines.pixels import sent_images


def odd_set(kit: Any) -> Path:
    """Write a set with an image of every fault, and some without."""
    wanted = cases(kit)
    for name, (data, _) in wanted.items():
        if data is not None:
            kit.text(name, data)
    for number in range(12):
        kit.save(f"fine-{number}.jpg", kit.drawn(f"text {number}"))
    names = [*wanted, *(f"fine-{number}.jpg" for number in range(12))]
    file: Path = kit.text("labels.txt", "".join(f"{name}\ttext 1\n" for name in names))
    return file


def test_the_command_finds_what_it_finds_here(kit: Any, ray_nodes: LocalRay) -> None:
    words = ("check", odd_set(kit), "--no-cache", "--json")
    here = run_module("balance", *words, "--workers", "1")
    there = run_module("balance", *words, "--ray", ray_nodes.address)
    assert here.returncode == there.returncode == 1, there.stderr
    assert there.stdout == here.stdout


@pytest.mark.parametrize("sees", [True, False])
def test_facts_are_the_same_whether_nodes_see_the_images(
    sees: bool, kit: Any, ray_nodes: LocalRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = odd_set(kit)
    names = [line.split("\t")[0] for line in file.read_text().splitlines()]
    paths = [str(file.parent / name) for name in names]
    here = survey(paths, cache=None, workers=1)
    monkeypatch.setattr(surveys, "CLUSTER_CHUNK", 5)
    blocks: list[bool] = []
    if not sees:
        # As the driver sees them they are other files than those of the nodes.
        stamp_of = sent_images.stamp_of

        def other(path: str) -> Any:
            stamp = stamp_of(path)
            return stamp and (stamp[0], stamp[1] + 1)

        monkeypatch.setattr(sent_images, "stamp_of", other)
        monkeypatch.setattr(surveys, "stamp_of", other)
    fuller = sent_images.BlockSender.fuller

    def asked(self: Any, block: Any, what: Any = None) -> Any:
        blocks.append(True)
        return fuller(self, block, what)

    monkeypatch.setattr(sent_images.BlockSender, "fuller", asked)
    with connected(ray_nodes.address) as cluster:
        there = survey(paths, cache=None, workers=0, cluster=cluster)
    assert there == here
    assert list(there.facts) == list(here.facts)
    assert bool(blocks) == (not sees)


def test_texts_alone_are_no_work_for_a_cluster(kit: Any) -> None:
    told = run_module("balance", "check", odd_set(kit), "--text-only", "--ray", "auto")
    assert told.returncode == 2
    assert "--ray, --text-only: exclude each other" in told.stderr
