"""What a Dockerfile says: its instructions by stage, and what they ask of the folder around it."""

import re
import shlex
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction, its lines joined; `number` is the line that it begins in."""

    name: str
    text: str
    number: int

    def words(self) -> list[str]:
        return shlex.split(self.text)


@dataclass
class Stage:
    """What stands from one FROM to the next."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def of(self, name: str) -> list[Instruction]:
        return [one for one in self.instructions if one.name == name]

    def commands(self) -> list[str]:
        """Return the simple commands of all RUN instructions."""
        return [command for run in self.of("RUN") for command in commands_of(run.text)]


def read_dockerfile(path: Path) -> list[Stage]:
    """Read the stages of a Dockerfile, lines that go on joined and comments left out."""
    stages: list[Stage] = []
    text, begun = "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        begun = begun if text else number
        text += line.removesuffix("\\").strip() + " "
        if line.endswith("\\"):
            continue
        name, _, rest = text.strip().partition(" ")
        text = ""
        assert name.isupper(), (number, line)
        if name == "FROM":
            base, _, called = rest.partition(" AS ")
            stages.append(Stage(base, called))
        else:
            assert stages, f"{name} before any FROM"
            stages[-1].instructions.append(Instruction(name, rest.strip(), begun))
    assert not text
    return stages


def commands_of(script: str) -> list[str]:
    """Split a script at `&&` outside of quotes."""
    parts = re.split(r"\s+&&\s+", script)
    return [part.strip() for part in parts if part.strip()]


def is_sent(path: str, rules: list[str]) -> bool:
    """Whether a path goes to the builder: the last rule of `.dockerignore` that fits decides.

    Knows rules of one name: at the top, or anywhere (`**/name`).
    """
    top, parts = Path(path).parts[0], Path(path).parts
    sent = True
    for rule in rules:
        pattern = rule.removeprefix("!")
        anywhere = pattern.startswith("**/")
        names = parts if anywhere else (top,)
        if any(fnmatchcase(name, pattern.removeprefix("**/")) for name in names):
            sent = rule.startswith("!")
    return sent
