"""The best state of a run so far, by its stopping sets; known again after a kill."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.array_files import read_npz
from textlines.errors import InputError
from textlines.files import read_text, replacing, replacing_bytes
from textlines.formats.rows import is_count
from textlines.parsing import parse_json
from train.models.base_folder import Tensors
from train.tuning.judging import Standing, balance, keeps_up
from train.tuning.ranks import Ranks

BEST = "tuned.json"

Judge = Callable[[Tensors], Standing]


@dataclass(frozen=True, slots=True)
class Best:
    """A judged state: after how many steps, how it does, and the file of its weights.

    Attributes:
        highest: the highest balance of all states up to it.
    """

    done: int
    standing: Standing
    file: str
    highest: float

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, without the readings."""
        one = self.standing
        return {
            "done": self.done,
            "file": self.file,
            "right": list(one.right),
            "lines": list(one.lines),
            "targets": list(one.targets),
            "highest": self.highest,
        }

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Best":
        """Read it back.

        Raises:
            KeyError, TypeError, ValueError: it is no such value.
        """
        right, lines, targets = (tuple(content[key]) for key in ("right", "lines", "targets"))
        done, file = content["done"], content["file"]
        if not all(map(is_count, (*right, *lines, done))) or len({*map(len, (right, lines))}) > 1:
            raise ValueError("its counts")
        if len(targets) != len(lines) or not all(type(one) is bool for one in targets):
            raise ValueError("its targets")
        # A file of the run's own folder, or none: the base model.
        if type(file) is not str or not re.fullmatch(r"(tuned-\d{8}\.npz)?", file):
            raise ValueError("its file")
        highest = content["highest"]
        if type(highest) is not float or not -2 <= highest <= 1:
            raise ValueError("its highest balance")
        return cls(done, Standing(right, lines, targets), file, highest)


class Keeper:
    """Judges states and keeps the weights of the best one.

    Of several that do about equally well (`keeps_up`), the best is the last.

    `tuned.json` names the best state and the one before: a run that was killed between judging
    and its next checkpoint judges that state again, against the one before.
    """

    def __init__(
        self,
        run: Path,
        base: Tensors,
        judge: Judge,
        ranks: Ranks,
        *,
        delta: float,
        done: int,
        keeps_last: bool = False,
    ) -> None:
        """Take up what is known, or judge the base model.

        Args:
            judge: all processes together, with the same answer; the first one writes it down.
            done: steps that the run goes on from.
            keeps_last: the last state counts as the best one, whatever its standing: folds have
                said when to end.

        Raises:
            InputError: `tuned.json` is broken.
        """
        self._run, self._judge, self._ranks, self._delta = run, judge, ranks, delta
        self._base_weights, self._keeps_last = base, keeps_last
        self.base: Standing | None = None
        self._before: Best | None = None
        self._best: Best | None = None
        self._take_up(done)
        if self.base is None or self._best is None:
            self.base = judge(base)
            self._best = self._before = self._of_base(self.base)
            self._write()

    @property
    def best(self) -> Best:
        """The best state."""
        assert self._best is not None
        return self._best

    def judge(self, done: int, tensors: Tensors) -> tuple[bool, Standing]:
        """Judge a state and keep it if it does as well as the best so far, as far as can be told.

        Returns:
            Whether it does, and how it does; the same in every process.
        """
        assert self.base is not None
        standing = self._judge(tensors)
        highest = max(self.best.highest, balance(standing, self.base, self._delta))
        is_best = self._keeps_last or keeps_up(standing, highest, self.base, self._delta)
        if is_best:
            self._keep(done, standing, highest, tensors)
        return is_best, standing

    def weights(self) -> Tensors:
        """Read the weights of the best state: those of the base model before any is judged.

        Other processes than the first call this when that has judged: after a barrier.
        """
        content = self._read()
        if content is None or not content["best"].file:
            return self._base_weights
        path = self._run / content["best"].file
        return read_npz(path, "the weights of the best state", "Start a new run folder.")

    def _of_base(self, base: Standing) -> Best:
        return Best(0, base, "", balance(base, base, self._delta))

    def _keep(self, done: int, standing: Standing, highest: float, tensors: Tensors) -> None:
        file = f"tuned-{done:08d}.npz"
        self._before, self._best = self._best, Best(done, standing, file, highest)
        if not self._ranks.is_first:
            return
        with replacing_bytes(self._run / file) as out:
            np.savez(out, allow_pickle=False, **tensors)
        self._write()
        named = {one.file for one in (self._before, self._best) if one}
        for old in self._run.glob("tuned-*.npz"):
            if old.name not in named:
                old.unlink(missing_ok=True)

    def _write(self) -> None:
        if not self._ranks.is_first:
            return
        assert self.base is not None and self._best is not None and self._before is not None
        content = {
            "base": self._of_base(self.base).as_dict(),
            "before": self._before.as_dict(),
            "best": self._best.as_dict(),
        }
        with replacing(self._run / BEST) as out:
            json.dump(content, out, indent=1)

    def _read(self) -> "dict[str, Best] | None":
        path = self._run / BEST
        if not path.is_file():
            return None
        what, mend = "the run's best state", "Start a new run folder."
        content = parse_json(read_text(path, what), str(path), what, mend)
        try:
            parts = {name: Best.of(content[name]) for name in ("base", "before", "best")}
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(str(path), f"lacks {error}, or holds it wrongly", mend) from error
        return parts

    def _take_up(self, done: int) -> None:
        content = self._read()
        if content is None:
            return
        self.base = content["base"].standing
        best, before = content["best"], content["before"]
        self._before = before
        self._best = best if best.done <= done else before
