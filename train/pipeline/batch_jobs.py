"""The line as jobs of a batch system: which stages each runs, on what machine, by which commands.

Made from the table of stages; GitHub and GitLab differ in how it is written down.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from train.pipeline.places import Target
from train.pipeline.settings import Settings
from train.pipeline.stage import Need, Stage
from train.pipeline.table import GATE, GENERATE, VERDICT_KINDS, line_stages

SHARD_LINES = 1000
"""Lines of a shard: of fewer there is no second part."""

MOST_SHARDS = 4
"""Parts that are rendered at once, where no number is said."""

HANDED_OVER, PARTS, VERDICT, CANDIDATE = "to-render", "parts", "verdict", "candidate"
"""Folders in the workspace: what goes to rendering, what comes back, what is kept of the gate."""

OPENCV = "opencv-python-headless==4.10.0.84"
"""Installed last: the others that own cv2/ need libGL, which servers lack."""

PADDLE_GPU = "paddlepaddle-gpu>=3.2"
"""Paddle's own index has it. What PyPI has of that name is older, and would not do."""

EXTRAS, DRAWING = "train,models,fonts", "fonts"
"""Where models are read and trained, and lines drawn to guard; and where lines are drawn alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a workflow finds things on its runners; "" leaves it to a variable of the project.

    Attributes:
        settings: from the repository's root on. work, labels, images: on the runner's disk.
        package: what pip installs this project from.
        shards: parts that the new lines are rendered in.
        branch: whose pushes are trusted with the crops.
    """

    settings: str
    work: str
    labels: str
    images: str
    package: str
    shards: int
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job.

    Attributes:
        script: lines of shell, each ending the job where it fails.
        needs: of its machine.
        shards: how many at once; 1 for a job that is no matrix.
        minutes: that it may take.
        after: jobs that must have passed.
    """

    name: str
    about: str
    script: tuple[str, ...]
    needs: frozenset[Need]
    after: tuple[str, ...]
    minutes: int
    shards: int = 1


def default_shards(settings: Settings) -> int:
    """Return how many parts the new lines are rendered in.

    >>> [default_shards(Settings(new_lines=count)) for count in (300, 2500, 9000)]
    [1, 3, 4]
    """
    return min(MOST_SHARDS, -(-settings.new_lines // SHARD_LINES))


def jobs_of(settings: Settings, place: Place, shard: str) -> tuple[Job, ...]:
    """Return the jobs of a turn of the line, in order.

    Args:
        shard: the shell's word for a job's part: "$SHARD/4".
    """
    # No stage is named otherwise where its lines are rendered: some are passed over then.
    stages = line_stages(settings, Target(Path(), Path(), ""), ())
    names = [stage.name for stage in stages]
    rendered, judged = names.index(GENERATE), names.index(GATE)
    first_on_gpu = next(
        at for at, stage in enumerate(stages) if at > rendered and "gpu" in stage.needs
    )
    mining, rendering = stages[:rendered], stages[rendered]
    mixing, training = stages[rendered + 1 : first_on_gpu], stages[first_on_gpu:judged]
    long = 120 + 2 * int(settings.minutes_of(own=True))
    return (
        Job(
            name="check",
            about="What is wrong with the machine and the labels, before it costs anything.",
            script=(
                ': "${WORK:?is the folder of the work, on the disk of the crops: name it}"',
                "synth doctor",
                'if [ -n "${LABELS:-}" ]; then\n'
                '  balance check "$LABELS" ${IMAGES:+--images "$IMAGES"}\n'
                "fi",
            ),
            needs=frozenset({"crops"}),
            after=(),
            minutes=60,
        ),
        Job(
            name="mine",
            about="What the model misreads. To rendering go texts alone.",
            script=(
                _line(mining),
                f"{_line([rendering])} --hand-over {HANDED_OVER}",
            ),
            needs=_needs(mining),
            after=("check",),
            minutes=long,
        ),
        Job(
            name="render",
            about="Lines that teach it, in parts; no crop is here.",
            script=(f'WORK={HANDED_OVER} {_line([rendering])} --shard "{shard}"',),
            needs=rendering.needs,
            after=("mine",),
            minutes=120,
            shards=place.shards,
        ),
        Job(
            name="mix",
            about="The parts together, and the lists to train on.",
            script=(f"{_line([rendering])} --parts {PARTS}", _line(mixing)),
            needs=_needs(mixing),
            after=("render",),
            minutes=60,
        ),
        Job(
            name="train",
            about="The candidate: on a card where there is one.",
            script=(_line(training),),
            needs=_needs(training),
            after=("mix",),
            minutes=long,
        ),
        Job(
            name="gate",
            about="The verdict. 3, cannot tell, is no failure and no release.",
            script=(_gate_script(stages[judged]),),
            needs=stages[judged].needs,
            after=("train",),
            minutes=120,
        ),
    )


def install_lines(needs: frozenset[Need], package: str, environment: str) -> tuple[str, ...]:
    r"""Return the lines that make an environment with what a job needs.

    Args:
        package: a folder with our checkout, a wheel, or a requirement ("ocr-mend @ …").
        environment: its folder, as the shell's word.

    >>> print("\n".join(install_lines(frozenset(), ".", ".mend")))
    "${PYTHON:-python3}" -m venv .mend
    .mend/bin/python -m pip install --quiet -c ./constraints.txt '.[fonts]'
    .mend/bin/python -m pip install --quiet -c ./constraints.txt \
      --force-reinstall --no-deps opencv-python-headless==4.10.0.84
    """
    pip = f"{environment}/bin/python -m pip install --quiet"
    is_checkout = " @ " not in package and not package.endswith(".whl")
    pinned = f" -c {shlex.quote(f'{package}/constraints.txt')}" if is_checkout else ""
    name, at, address = package.partition(" @ ")
    whole = shlex.quote(f"{name}[{EXTRAS if needs else DRAWING}]{at}{address}")
    # No extra brings Paddle: the one for cards and the one for CPUs own one folder.
    index = ' ${PADDLE_INDEX:+--extra-index-url "$PADDLE_INDEX"}' if "gpu" in needs else ""
    paddle = shlex.quote(PADDLE_GPU) if "gpu" in needs else "paddlepaddle"
    return (
        f'"${{PYTHON:-python3}}" -m venv {environment}',
        f"{pip}{index}{pinned} {whole}{f' {paddle}' if needs else ''}",
        f"{pip}{pinned} \\\n  --force-reinstall --no-deps {OPENCV}",
    )


def _line(stages: Sequence[Stage]) -> str:
    return " ".join(["train", "line", *(stage.name for stage in stages)])


def _needs(stages: Sequence[Stage]) -> frozenset[Need]:
    return frozenset().union(*(stage.needs for stage in stages))


def _gate_script(stage: Stage) -> str:
    """Return the lines that judge, and gather what is kept: no page, as it shows crops."""
    kept = ",".join(kind for kind in VERDICT_KINDS if kind != "html")
    return "\n".join(
        [
            f"rm -rf {VERDICT} {CANDIDATE}",
            f"mkdir {VERDICT}",
            "code=0",
            f"{_line([stage])} || code=$?",
            # A manifest is there where a verdict is.
            f'if [ -f "$WORK/manifests/{stage.name}.json" ]; then',
            f'  cp "$WORK"/{stage.name}/verdict.{{{kept}}} {VERDICT}/',
            "fi",
            f'if [ "$code" -eq 0 ]; then cp -R "$WORK/export/candidate" {CANDIDATE}; fi',
        ]
    )
