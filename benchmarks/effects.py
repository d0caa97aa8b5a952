"""What each effect of a style costs, a pipeline of albumentations beside our own.

    python benchmarks/effects.py --style document --count 400
    python benchmarks/effects.py --style document --set albumentations.file=worn.json
    python benchmarks/effects.py --set 'plugins=["trdg"]' 'bend.trdg_sin={ p = 0.5 }'

Draws lines in this process and times each part where it is applied: microseconds a use, share of
lines, and microseconds a line, beside the whole line.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from synth.faces.scan import find_faces
from synth.rendering.looks import Looks
from synth.rendering.pipelines import TABLE, BoundPipeline
from synth.rendering.sample import Setup
from synth.rendering.style import load_style
from textlines.formats.plan_rows import PlanRow

STAGES = ("surfaces", "distractors", "stroke", "bend", "geometry", "light", "camera")


class Clock:
    """Seconds and uses of each part by its name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.uses: dict[str, int] = defaultdict(int)

    def timed(self, name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
        """Return a part that is timed when it is applied."""

        def call(*args: Any, **params: Any) -> Any:
            start = time.perf_counter()
            result = apply(*args, **params)
            self.seconds[name] += time.perf_counter() - start
            self.uses[name] += 1
            return result

        return call

    def watch(self, looks: Looks) -> Looks:
        """Return the looks with each of their parts timed."""
        stages: dict[str, Any] = {
            stage: tuple(
                replace(part, apply=self.timed(f"{stage}.{part.name}", part.apply))
                for part in getattr(looks, stage)
            )
            for stage in STAGES
        }
        pipeline = looks.pipeline and _Timed(
            looks.pipeline.p, looks.pipeline.place, looks.pipeline.compose, self
        )
        return replace(looks, pipeline=pipeline, **stages)


class _Timed(BoundPipeline):
    """A pipeline that is timed when it is applied."""

    def __init__(self, p: float, place: str, compose: Any, clock: Clock) -> None:
        super().__init__(p, place, compose)
        apply = clock.timed(TABLE, super().apply)
        object.__setattr__(self, "apply", apply)


def main() -> None:
    """Draw, time and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--style", default="document")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE")
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=400)
    args = parser.parse_args()
    style = load_style(args.style, args.set)
    faces = [face for face in find_faces(args.fonts).faces if face.kind in style.faces]
    engine = Setup(style, tuple(faces), None, 1).engine()
    clock = Clock()
    engine.looks = clock.watch(engine.looks)
    texts = ("TOTAL 12.50", "Invoice 20391", "0123456789", "No. 7 / 2026")
    rows = [
        PlanRow(at, texts[at % len(texts)], (), faces[at % len(faces)].id, style.name)
        for at in range(args.count)
    ]
    start = time.perf_counter()
    for row in rows:
        engine.sample(row)
    whole = (time.perf_counter() - start) / args.count * 1e6
    print(f"{'':28}{'us a use':>10}{'uses a line':>13}{'us a line':>11}")
    for name, seconds in sorted(clock.seconds.items(), key=lambda item: -item[1]):
        uses = clock.uses[name]
        of_line = seconds / args.count * 1e6
        print(f"{name:28}{seconds / uses * 1e6:10.0f}{uses / args.count:13.2f}{of_line:11.0f}")
    print(f"{'the whole line':28}{'':23}{whole:11.0f}")


if __name__ == "__main__":
    main()
