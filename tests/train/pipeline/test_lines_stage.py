"""Rendered lines: no role has a seed, a text or a face family of another."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.pipeline.lines_stage import apart, families_by_role, prepare_lines
from train.pipeline.places import TARGET_ROLES, Places
from train.pipeline.settings import Settings
from train.pipeline.stage import Command

FACES = [
    *((f"Mend Segment {number:02}", "seven_segment", ["digits"]) for number in range(9)),
    *((f"Text {number}", "text", ["Latin", "digits"]) for number in range(4)),
    ("Han alone", "text", ["Han"]),
    ("Dots", "dot_matrix", ["Latin", "digits"]),
]


def options(command: Command, name: str) -> list[str]:
    return [command[at + 1] for at, word in enumerate(command) if word == name]


class Synth:
    """Stands for the command: notes what it was asked, and writes a label file."""

    def __init__(self) -> None:
        self.drawn: dict[str, Command] = {}
        self.guard: Command = ()

    def __call__(self, command: Command) -> str:
        if command[:2] == ("synth", "fonts"):
            rows = [{"family": f, "kind": kind, "scripts": s} for f, kind, s in FACES]
            return json.dumps({"rows": rows})
        out = Path(options(command, "--out")[0])
        if command[:2] == ("synth", "guard"):
            self.guard = command
            lines = {"replay": 280, "stop": 84, "judge": 196}
            return "drawing\n" + json.dumps({"lines": lines, "told": ["ko: too few families"]})
        assert command[:2] == ("synth", "generate")
        out.mkdir(parents=True, exist_ok=True)
        (out / "rec_gt_train.txt").write_text("a.jpg\t1\nb.jpg\t2\n", encoding="utf-8")
        self.drawn[out.name] = command
        return ""


def test_roles_are_apart(tmp_path: Path) -> None:
    synth = Synth()
    settings = Settings(work=str(tmp_path))
    told = prepare_lines(settings, None, (), synth)
    assert told == [
        "synthetic, rendered in the style lcd: mine 2, stop 2, judge 2",
        "synthetic guard, as there are no general lines: replay 280, stop 84, judge 196; it can "
        "fail a candidate and cannot pass one",
        "ko: too few families",
    ]
    assert options(synth.guard, "--count") == [str(settings.rendered.guard)]
    assert list(synth.drawn) == [*TARGET_ROLES]
    seeds = [options(one, "--seed")[0] for one in synth.drawn.values()]
    assert len(set(seeds)) == len(seeds)
    places = Places(tmp_path)
    before: list[str] = []
    drawn_by: dict[str, set[str]] = {}
    every = {name for name, _, _ in FACES if name.startswith("Mend Segment")}
    for role in TARGET_ROLES:
        command = synth.drawn[role]
        assert options(command, "--exclude-texts") == before
        before.append(str(places.lines(role)))
        assert places.lines(role).read_text().count("\n") == 2
        off = {one.removesuffix("=0") for one in options(command, "--family-weight")}
        drawn_by[role] = every - off
    # What no role draws from is left to the new lines.
    new = places.new_faces.read_text(encoding="utf-8").splitlines()
    drawn_by["new"] = every - {one.removesuffix("=0") for one in new[1::2]}
    assert all(drawn_by.values())
    assert sum(map(len, drawn_by.values())) == len(set().union(*drawn_by.values()))


def test_too_few_families_are_told() -> None:
    with pytest.raises(InputError, match=r"style lcd: has 2 face families .* 3 sets"):
        apart(["A", "B", "B"], ["mine", "stop", "judge"], "lcd")


@given(st.lists(st.text("abcdef", min_size=1, max_size=3), max_size=30), st.integers(1, 5))
def test_no_family_is_in_two_roles(families: list[str], roles: int) -> None:
    names = [str(number) for number in range(roles)]
    shared = families_by_role(families, names)
    assert list(shared) == names
    assert sorted(name for own in shared.values() for name in own) == sorted(set(families))
    assert max(map(len, shared.values())) - min(map(len, shared.values())) <= 1
