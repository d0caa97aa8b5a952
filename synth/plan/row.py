"""One row of the plan, and what the plan asks of the faces."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from synth.draws import Draws


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One sample before it is drawn.

    Attributes:
        index: from 0, the sample's number in the whole run.
        text: the label, canonical (NFC, logical order).
        targets: the characters for whose sake the line is drawn; empty for filler lines.
        face: the id of the face (`Face.id`).
        style: the name of the style.
        split: "train" (the only one today).
        source: where the text is from: "corpus:NAME", "pattern:NAME", "edit:NAME",
            "dictionary", "list".
    """

    index: int
    text: str
    targets: tuple[str, ...]
    face: str
    style: str
    split: str = "train"
    source: str = ""

    def to_json(self) -> str:
        """Write the row as one line of `plan.jsonl`, without its line break."""
        return json.dumps(
            {
                "index": self.index,
                "text": self.text,
                "targets": list(self.targets),
                "face": self.face,
                "style": self.style,
                "split": self.split,
                "source": self.source,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, line: str) -> "PlanRow":
        """Read one line of `plan.jsonl`.

        >>> row = PlanRow(3, "값 1", ("값",), "0123456789abcdef-0", "lcd")
        >>> PlanRow.from_json(row.to_json()) == row
        True
        """
        row = json.loads(line)
        row["targets"] = tuple(row["targets"])
        return cls(**row)


class FaceChooser(Protocol):
    """What the plan asks of the faces (answered by `synth.faces.pool`)."""

    def choose(self, text: str, draws: Draws, lines: Sequence[str] = ()) -> str | None:
        """Draw the id of a face that may draw every cluster of the text; None if none may.

        lines: what will be drawn, where the text is several lines set together.
        """

    def why_not(self, text: str) -> Mapping[str, int]:
        """Count the faces that refuse the text, by reason and cluster ("absent '값'": 3)."""
