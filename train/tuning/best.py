"""The best state of a run so far, by its stopping sets; known again after a kill."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textlines.array_files import read_npz
from textlines.errors import InputError
from textlines.files import replacing, replacing_bytes
from train.tuning.judging import Standing, is_better
from train.tuning.ranks import Ranks
from train.weights.base_folder import Tensors

BEST = "tuned.json"

Judge = Callable[[Tensors], Standing]


@dataclass(frozen=True, slots=True)
class Best:
    """A judged state: after how many steps, how it does, and the file of its weights."""

    done: int
    standing: Standing
    file: str

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, without the readings."""
        one = self.standing
        return {
            "done": self.done,
            "file": self.file,
            "right": list(one.right),
            "lines": list(one.lines),
            "targets": list(one.targets),
        }

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Best":
        """Read it back."""
        standing = Standing(
            tuple(content["right"]), tuple(content["lines"]), tuple(content["targets"])
        )
        return cls(content["done"], standing, content["file"])


class Keeper:
    """Judges states and keeps the weights of the best one.

    `tuned.json` names the best state and the one before: a run that was killed between judging
    and its next checkpoint judges that state again, against the one before.
    """

    def __init__(
        self,
        run: Path,
        base: Tensors,
        judge: Judge | None,
        ranks: Ranks,
        *,
        delta: float,
        done: int,
    ) -> None:
        """Take up what is known, or judge the base model.

        Args:
            judge: of the first process; others are told.
            done: steps that the run goes on from.

        Raises:
            InputError: `tuned.json` is broken.
        """
        self._run, self._judge, self._ranks, self._delta = run, judge, ranks, delta
        self._base_weights = base
        self.base: Standing | None = None
        self._before: Best | None = None
        self._best: Best | None = None
        if judge is None:
            return
        self._take_up(done)
        if self.base is None or self._best is None:
            self.base = judge(base)
            self._best = self._before = Best(0, self.base, "")
            self._write()

    @property
    def best(self) -> Best:
        """The best state; of the first process only."""
        assert self._best is not None
        return self._best

    def judge(self, done: int, tensors: Tensors) -> tuple[bool, Standing | None]:
        """Judge a state and keep it if it is the best so far.

        Returns:
            Whether it is, in every process; and how it does, in the first one.
        """
        standing = None
        is_best = False
        if self._judge is not None:
            assert self.base is not None
            standing = self._judge(tensors)
            is_best = is_better(standing, self.best.standing, self.base, self._delta)
            if is_best:
                self._keep(done, standing, tensors)
        return self._told(is_best), standing

    def weights(self) -> Tensors:
        """Read the weights of the best state: those of the base model before any is judged.

        Other processes than the first call this when that has judged: after a barrier.
        """
        content = self._read()
        if content is None or not content["best"]["file"]:
            return self._base_weights
        path = self._run / content["best"]["file"]
        return read_npz(path, "the weights of the best state", "Start a new run folder.")

    def _keep(self, done: int, standing: Standing, tensors: Tensors) -> None:
        file = f"tuned-{done:08d}.npz"
        with replacing_bytes(self._run / file) as out:
            np.savez(out, allow_pickle=False, **tensors)
        self._before, self._best = self._best, Best(done, standing, file)
        self._write()
        named = {one.file for one in (self._before, self._best) if one}
        for old in self._run.glob("tuned-*.npz"):
            if old.name not in named:
                old.unlink(missing_ok=True)

    def _write(self) -> None:
        assert self.base is not None and self._best is not None and self._before is not None
        content = {
            "base": Best(0, self.base, "").as_dict(),
            "before": self._before.as_dict(),
            "best": self._best.as_dict(),
        }
        with replacing(self._run / BEST) as out:
            json.dump(content, out, indent=1)

    def _read(self) -> dict[str, Any] | None:
        path = self._run / BEST
        if not path.is_file():
            return None
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(
                str(path), f"is no JSON ({error})", "Start a new run folder."
            ) from error
        return content

    def _take_up(self, done: int) -> None:
        content = self._read()
        if content is None:
            return
        try:
            self.base = Best.of(content["base"]).standing
            best, before = Best.of(content["best"]), Best.of(content["before"])
        except (KeyError, TypeError) as error:
            raise InputError(
                str(self._run / BEST), f"lacks {error}", "Start a new run folder."
            ) from error
        self._before = before
        self._best = best if best.done <= done else before

    def _told(self, is_best: bool) -> bool:
        if self._ranks.world < 2:
            return is_best
        import paddle

        flag = paddle.to_tensor([1.0 if is_best else 0.0])
        paddle.distributed.all_reduce(flag)
        return bool(float(flag) > 0.5)
