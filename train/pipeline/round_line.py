"""The line in rounds: each is a line of its own, and how it ended says what the next one is.

doit runs a round's stages as it runs those of a single turn, from manifest to manifest. What comes
after depends on a verdict, and is decided between two rounds (`train.pipeline.rounds`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from textlines.defects import of_readings
from textlines.errors import UsageError
from textlines.files import files_below, sha256_of
from textlines.formats.folds import read_folds
from textlines.formats.profile import load_profile
from textlines.formats.rounds import ROUNDS_PAGE, TIMES, Ending, RoundOutcome
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of
from train.pipeline.elsewhere import read_handed
from train.pipeline.line import Line, Runs, handed_line, line_of, run_tasks, taken
from train.pipeline.lines_stage import Call, prepare_staying
from train.pipeline.own_lines import crops_of, general_of, join_labelled, share_own, target_of
from train.pipeline.places import Crops, GeneralSet, Places, Round, Target, round_name
from train.pipeline.round_stages import round_stages, staying_stages
from train.pipeline.rounds import (
    EndedRound,
    Next,
    code_of,
    last_passed,
    next_round,
    read_ended,
    write_ended,
)
from train.pipeline.settings import SETTINGS, Settings, read_settings, with_rounds
from train.pipeline.stage import Runner, StageError, read_manifest, stage_seconds
from train.pipeline.table import GATE

_OF_GATE: Mapping[int, RoundOutcome] = {0: "passed", 1: "failed", 3: "cannot_tell"}

_TOLD: Mapping[RoundOutcome, str] = {
    "passed": "passed",
    "failed": "failed",
    "cannot_tell": "cannot tell",
    "not_trained": "training wins nothing, by the folds",
    "nothing_misread": "nothing is misread",
}

_WHY: Mapping[Ending, str] = {
    "most": "as many rounds as were asked for",
    "no_gain": "{patience} in a row without a gain",
    "minutes": "{minutes:.0f} minutes are spent",
    "nothing_misread": "nothing is left to draw lines for",
}


def read_line(environment: Mapping[str, str]) -> "Line | RoundedLine":
    """Read what is to be done from the environment.

    SETTINGS (pipeline.toml), LABELS and IMAGES, or CROPS, ROUNDS, WORK, BIN_FOLDER.

    Raises:
        InputError, UsageError: a file that is named cannot be used.
    """
    settings = read_settings(Path(environment.get("SETTINGS") or SETTINGS))
    work = environment.get("WORK") or settings.work
    settings = settings.model_copy(update={"work": work})
    folder = environment.get("BIN_FOLDER")
    runner = Runner(Path(folder) if folder else None)
    if handed := read_handed(Path(work)):
        return handed_line(handed, settings, runner)
    if rounds := environment.get("ROUNDS", ""):
        settings = with_rounds(settings, rounds)
    target = target_of(environment.get("LABELS", ""), environment.get("IMAGES", ""))
    general = general_of(settings.general)
    crops = crops_of(environment.get("CROPS", ""))
    if crops and target:
        raise UsageError(
            "CROPS, LABELS",
            "both are named",
            "CROPS alone asks for labels; LABELS alone trains on them.",
        )
    if settings.rounds.most == 1:
        return line_of(settings, target, general, crops, runner)
    return RoundedLine(settings, target, general, crops, runner)


def read_turn(environment: Mapping[str, str]) -> Line:
    """Read a single turn from the environment.

    Raises:
        InputError, UsageError: as of `read_line`, or the settings ask for several turns.
    """
    line = read_line(environment)
    if isinstance(line, RoundedLine):
        raise UsageError(
            "[rounds] most",
            f"asks for {line.settings.rounds.most} turns, and this is about the stages of one",
            "Say most = 1, or take all rounds: train line without stages, python dodo.py.",
        )
    return line


@dataclass(frozen=True, slots=True)
class RoundedLine(Runs):
    """Rounds of the line.

    Attributes:
        target, general: as of `Line`.
        crops: crops without labels, of which each round asks for some; None where labels are at
            hand or lines are rendered.
    """

    settings: Settings
    target: Target | None
    general: tuple[GeneralSet, ...]
    crops: Crops | None
    runner: Runner

    @property
    def work(self) -> Path:
        """The folder of all that is made."""
        return Path(self.settings.work)

    @property
    def is_own(self) -> bool:
        """Whether lines of the team's own are taught, and no rendered ones."""
        return self.target is not None or self.crops is not None

    def claim(self) -> None:
        """Make the folder of the work and mark it: as `Line.claim`."""
        self._staying().claim()

    def doit_config(self) -> dict[str, Any]:
        """Return doit's settings; by default the round that is begun is gone on with."""
        return self._lines()[-1].doit_config()

    def tasks(self) -> Iterator[dict[str, Any]]:
        """Yield doit's tasks: what stays, and the rounds that there are so far."""
        known: set[str] = set()
        for line in self._lines():
            for task in line.tasks():
                name = f"{task['basename']}:{task.get('name', '')}"
                if name not in known:
                    known.add(name)
                    yield task

    def run(self, tasks: Mapping[str, Any]) -> int:
        """Run rounds until there is no further one, or labels are awaited.

        Args:
            tasks: not looked at, as they change from round to round.

        Returns:
            0 where a round passed, or labels are awaited; else with what the last round ended: 1
            failed, 3 cannot tell. On rendered lines 0.

        Raises:
            MendError: the folder of the work is in use, or a stage did not end as it should.
        """
        del tasks
        with taken(self.work):
            code = self._run_tasks(self._staying(), "lines")
            while not code:
                ended, before = read_ended(self.work, Places(self.work).start)
                coming = next_round(
                    [each.outcome for each in ended], self.settings.rounds, self.minutes()
                )
                if not isinstance(coming, Next):
                    return self._end(ended, coming)
                this = self.round_of(coming.number, ended, before)
                try:
                    outcome = self._take(this)
                finally:
                    # Also of a round that a stage has broken off: what it cost, what it taught.
                    self._write_page(this.answers if this.crops else None)
                if outcome is None:
                    return self._await(this)
                write_ended(self.work, self._ended_as(this, coming.base, outcome))
                print(f"{this.name}: {_TOLD[outcome]}", flush=True)
            return code

    def minutes(self) -> float:
        """Return what the commands of all rounds have taken."""
        files = self.work.glob(f"round-*/{TIMES}")
        return sum(seconds for file in files for _, seconds in stage_seconds(file)) / 60

    def round_of(self, number: int, ended: Sequence[EndedRound], before: str) -> Round:
        """Return what a round goes on from.

        Args:
            ended: all rounds before it, and perhaps more. before: their hash.
        """
        outcomes = [each.outcome for each in ended[: number - 1]]
        base = last_passed(outcomes)
        earlier = [self.places(n) for n in range(1, number)]
        drawn = [places for places in reversed(earlier) if _drawn(places).is_file()]
        queues = tuple(places.queue for places in earlier if (places.queue / "queue.json").exists())
        labelled = tuple(
            places.labelled for places in earlier if places.manifest("label").is_file()
        )
        this = Round(
            number=number,
            passed=self.places(base).candidate if base else None,
            before=before,
            drawn=tuple(map(_drawn, drawn)),
            profiles=tuple(places.profile for places in drawn),
            queues=queues,
            labelled=labelled,
            looks=self.settings.rounds.most,
        )
        if self.crops is None or not self._asks(number, queues):
            return this
        answers = self.answers_of(number)
        answered = sha256_of(answers) if answers.is_file() else ""
        return replace(
            this,
            crops=self.crops,
            answers=answers,
            answered=answered,
            labelled=(*labelled, self.places(number).labelled) if answered else labelled,
        )

    def places(self, number: int) -> Places:
        """Return where the stages of a round leave what others read."""
        return Places(self.work / round_name(number), self.work)

    def answers_of(self, number: int) -> Path:
        """Return the file that the labels of a round come in."""
        named = self.settings.rounds.answers
        if named:
            return Path(named.replace("{round}", str(number)))
        return self.places(number).queue.with_name("answers.json")

    def _asks(self, number: int, earlier: Sequence[Path]) -> bool:
        """Whether a round asks for labels: its queue has crops, or there are crops for one."""
        assert self.crops is not None  # those who call know it
        queue = self.places(number).queue
        if (queue / "queue.json").is_file():
            return bool(_queued(queue))
        asked = set[str]().union(*map(_queued, earlier))
        folder = self.crops.images
        return any(path.relative_to(folder).as_posix() not in asked for path in files_below(folder))

    def _take(self, this: Round) -> RoundOutcome | None:
        """Go through a round; None where labels are awaited."""
        if this.crops and not this.answered:
            self._must(self._line_of(this), f"{this.name}:collect")
            if self._asks(this.number, this.queues):
                return None
            # Nothing was left to ask for: what is labelled teaches once more.
            this = replace(this, crops=None, answers=None)
        line, places = self._line_of(this), self.places(this.number)
        self._must(line, f"{this.name}:mine")
        if not _is_misread(places.profile) and not self._teaches_anew(this.number):
            return "nothing_misread"
        try:
            self._must(line, f"{this.name}:{GATE}")
        except StageError as error:
            if error.where == f"stage {this.name}/plan" and _wins_nothing(places):
                print(f"{this.name}: {error}", flush=True)
                return "not_trained"
            raise
        manifest = read_manifest(places.manifest(GATE))
        assert manifest is not None  # the stage has just written it
        return _OF_GATE[manifest.exit_code]

    def _teaches_anew(self, number: int) -> bool:
        """Whether a round trains on own lines that the one before it did not.

        Where folds read every own line right, the labels teach all that these lines ask for, and
        more than drawn lines do; but the last candidate has to have been trained on them. 20 labels
        of meters: the start model reads one of them, out of fold all are read.
        """
        if not self.is_own:
            return False
        if number == 1:
            return True
        before, now = (read_folds(self.places(n).folds).own_sha256 for n in (number - 1, number))
        return before != now

    def _ended_as(self, this: Round, base: int, outcome: RoundOutcome) -> EndedRound:
        places = self.places(this.number)
        has_verdict = outcome in _OF_GATE.values()
        return EndedRound(
            number=this.number,
            base=base,
            started=0 if _starts_anew(places) else base,
            outcome=outcome,
            looks=this.looks,
            before=this.before,
            verdict=sha256_of(places.verdict) if has_verdict else "",
        )

    def _end(self, ended: Sequence[EndedRound], why: Ending) -> int:
        self._write_page(None, why)
        outcomes = [each.outcome for each in ended]
        told = ", ".join(f"{n}: {_TOLD[outcome]}" for n, outcome in enumerate(outcomes, 1))
        words = _WHY[why].format(patience=self.settings.rounds.patience, minutes=self.minutes())
        print(f"{count_of(len(ended), 'round')} ({told}); no further one: {words}")
        passed = last_passed(outcomes)
        if passed:
            print(f"candidate: {self.places(passed).candidate}")
        print(f"all rounds: {self.work / ROUNDS_PAGE}")
        return code_of(outcomes) if self.is_own else 0

    def _await(self, this: Round) -> int:
        queue = self.places(this.number).queue
        print(
            f"{this.name} asks for {count_of(len(_queued(queue)), 'label')}: "
            f"{queue / 'label.html'}\n"
            f"save them as {this.answers}, and call the same again\n"
            f"all rounds: {self.work / ROUNDS_PAGE}"
        )
        return 0

    def _write_page(self, awaited: Path | None, ending: Ending | None = None) -> None:
        from train.pipeline.rounds_told import tell_rounds

        is_awaited = awaited is not None and not awaited.is_file()
        tell_rounds(
            self.settings,
            self.general,
            is_own=self.is_own,
            ending=ending,
            awaited=str(awaited) if is_awaited else "",
        )

    def _lines(self) -> list[Line]:
        """Return what stays, the rounds that have ended, and the one that is next or begun."""
        lines = [self._staying()]
        if not (Places(self.work).start / "model.toml").is_file():
            return lines
        ended, before = read_ended(self.work, Places(self.work).start)
        hashes = [*(each.before for each in ended), before]
        coming = next_round([each.outcome for each in ended], self.settings.rounds, self.minutes())
        last = coming.number if isinstance(coming, Next) else len(ended)
        return lines + [
            self._line_of(self.round_of(number, ended, hashes[number - 1]))
            for number in range(1, last + 1)
        ]

    def _staying(self) -> Line:
        return self._with(staying_stages(self.settings, self.general, is_own=self.is_own), 1, None)

    def _line_of(self, this: Round) -> Line:
        stages = round_stages(self.settings, this, self.target, self.general)
        return self._with(stages, this.number, this)

    def _with(self, stages: Sequence[Any], number: int, this: Round | None) -> Line:
        return Line(
            settings=self.settings,
            target=self.target,
            general=self.general,
            stages=tuple(stages),
            runner=self.runner,
            prepare=lambda name, call: self._prepare(name, call, this),
            times=self.work / round_name(number) / TIMES,
        )

    def _prepare(self, name: str, call: Call, this: Round | None) -> Sequence[str]:
        if this is None or name == "lines":
            return prepare_staying(self.settings, self.general, call, is_own=self.is_own)
        places, target, tally = self.places(this.number), self.target, Tally()
        if self.crops is not None:
            labels = join_labelled(this.labelled, places.all_labelled)
            target = target_of(str(labels), str(places.all_labelled))
        assert target is not None  # a round of rendered lines shares none out
        base = places.base if this.passed else places.start
        done = share_own(self.settings, target, places, tally, base)
        return done + tally.lines(of_readings.SHARED)

    def _run_tasks(self, line: Line, name: str) -> int:
        return run_tasks({"DOIT_CONFIG": line.doit_config(), "task_line": line.tasks}, [name])

    def _must(self, line: Line, name: str) -> None:
        """Run a task, whose errors of ours are raised.

        Raises:
            MendError: a stage did not end as it should.
        """
        if code := self._run_tasks(line, name):
            raise StageError(f"task {name}", f"doit ended with {code}", "", code)


def _drawn(places: Places) -> Path:
    return places.new / "rec_gt_train.txt"


def _queued(queue: Path) -> set[str]:
    """Return the paths of a queue's crops."""
    rows = (queue / "queue.jsonl").read_text(encoding="utf-8").splitlines()
    return {str(json.loads(row)["path"]) for row in rows if row}


def _is_misread(profile: Path) -> bool:
    """Whether a profile holds anything to draw lines for."""
    found = load_profile(profile)
    spaces = found.spaces
    return (
        any(row.right < row.support for row in found.ranked)
        or bool(found.insertions)
        or spaces.right < spaces.support
        or spaces.insertions > 0
    )


def _words(places: Places) -> list[str]:
    file = places.arguments("plan")
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _wins_nothing(places: Places) -> bool:
    """Whether folds that were to end the training found that there is nothing to win by it."""
    if "--stop-on" in _words(places):
        return False
    folds = read_folds(places.folds)
    return not folds.epoch or not folds.alpha


def _starts_anew(places: Places) -> bool:
    """Whether a round was trained from the start model: the folds alone say when to end."""
    return ("--model", str(places.start)) in pairwise(_words(places))
