"""`train det gate`: from two detectors and sets of pages to a verdict."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from textlines.defects import of_annotations, of_readings
from textlines.errors import InputError
from textlines.formats.history import merged
from textlines.labels.tally import Tally
from textlines.pixels.decode import ImageError, read_image
from textlines.progress import Watching
from textlines.regions.page_file import LabelledRegion, PageLabels, write_pages
from textlines.wording import Sentence, say
from train.detection.detector import Detector
from train.detection.gate_decision import decide
from train.detection.gate_rows import judged_rows
from train.detection.gate_sets import ListedPages, TunedSettings, searched_on
from train.detection.gate_verdict import DetCriterion, DetVerdict, SettingsKind
from train.detection.judged_changes import JudgedSetPages
from train.detection.judged_pages import JudgedPage, judge_page
from train.detection.page_outcomes import BoxReader, Objective, lines_likeness, read_exactly
from train.detection.paired_pages import PageResult, PairedPage
from train.detection.settings import PredictionSettings
from train.judging.judged_sets import (
    NO_HISTORY,
    look_of,
    rendered_notes,
    seen_rows,
    synthetic_reasons,
    unseen_criterion,
)
from train.judging.verdict import outcome_of
from train.models.model_sources import find_history

Pair = tuple[PredictionSettings, PredictionSettings]
"""Of the base and of the candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateJob:
    """What is judged, at which settings.

    Attributes:
        base, candidate: detectors. base_name, candidate_name: as they were named.
        sets: targets first. tuned: base's and candidate's settings for the target; None for those
            as deployed. general_tuned: both of them for a general set, by its name.
        reader: reads boxes; None reads nothing. recognizer: its name.
        delta_points: what a general set may lose. images: the folder that paths start from.
        is_allowed: judge on pages that an earlier step saw.
    """

    base: Detector
    candidate: Detector
    base_name: str
    candidate_name: str
    sets: tuple[ListedPages, ...]
    tuned: tuple[TunedSettings, TunedSettings] | None = None
    general_tuned: Mapping[str, tuple[TunedSettings, TunedSettings]] = field(default_factory=dict)
    objective: Objective = "hmean"
    reader: BoxReader | None = None
    recognizer: str = ""
    delta_points: float = 1.0
    images: Path | None = None
    is_allowed: bool = False
    workers: int = 1
    seed: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def every_tuned(self) -> tuple[TunedSettings, ...]:
        """Return all files of tuned settings, each once."""
        pairs = [*([self.tuned] if self.tuned else []), *self.general_tuned.values()]
        return tuple({one.path: one for pair in pairs for one in pair}.values())

    def settings_of(self, one: ListedPages) -> dict[SettingsKind, Pair]:
        """Return at which settings a set is judged, by kind."""
        base, candidate = self.base.settings, self.candidate.settings
        tuned = self.tuned if one.listed.is_target else self.general_tuned.get(one.name)
        kinds: dict[SettingsKind, Pair] = {}
        if self.tuned and not one.listed.is_target:
            # What the candidate comes with is of the target's kind of page: others are not read so.
            kinds["as_base"] = base, base
        elif not tuned:
            kinds["deployed"] = base, candidate
        if tuned:
            kinds["tuned"] = tuned[0].file.settings.settings(), tuned[1].file.settings.settings()
        if one.listed.is_target and (base, base) not in kinds.values():
            kinds["as_base"] = base, base
        return kinds


@dataclass(frozen=True, slots=True, eq=False)
class SetPages:
    """A set as both detectors see it at one kind of settings, page by page.

    Attributes:
        pages: of the base and of the candidate.
    """

    name: str
    is_target: bool
    settings: SettingsKind
    pages: tuple[tuple[JudgedPage, JudgedPage], ...]


@dataclass(frozen=True, slots=True)
class Gated:
    """A verdict, and the pages behind it; () where it was refused."""

    verdict: DetVerdict
    sets: tuple[SetPages, ...] = ()


def gate(job: GateJob, tally: Tally, watching: Watching) -> Gated:
    """Judge a candidate.

    Args:
        tally: of the reading of the sets; grows by pages that cannot be decoded.
        watching: opens a progress bar.

    Raises:
        InputError: a history cannot be read, or no page of a set can be decoded.
    """
    head, criterion = _head(job)
    if criterion.status == "cannot_tell":
        again = say("Judge on other pages, or with --allow-seen, which the verdict prints.")
        update = {"is_refused": True, "notes": (*head.notes, again)}
        return Gated(head.model_copy(update=update))
    seen, paired = _seen(job, tally, watching)
    decision = decide(paired, objective=job.objective, delta_points=job.delta_points, seed=job.seed)
    criteria = (criterion, *decision.criteria)
    listed = {one.name: one.listed for one in job.sets}
    verdict = head.model_copy(
        update={
            **judged_rows(paired, decision, {name: one.lines for name, one in listed.items()}),
            "outcome": outcome_of(tuple(one.status for one in criteria)),
            "criteria": criteria,
            "warnings": decision.warnings,
            "counts": tally.as_dict(),
            "looks": tuple(look_of(one.listed) for one in job.sets),
            "notes": (
                *head.notes,
                *_notes(job),
                *rendered_notes(tuple(listed.values())),
                *tally.lines({**of_annotations.PAGE_FILE, **of_readings.JUDGED}),
            ),
        }
    )
    return Gated(verdict, seen)


def _head(job: GateJob) -> tuple[DetVerdict, DetCriterion]:
    """Return the verdict before any page is looked at, and whether an earlier step saw one."""
    history = find_history(job.candidate.source.files)
    # What the base has seen, its candidate has too.
    before = find_history(job.base.source.files)
    searched = searched_on(job.every_tuned(), job.images)
    whole = merged([part for part in (before, history, searched) if part is not None])
    listed = tuple(one.listed for one in job.sets)
    rows = seen_rows(listed, whole)
    unseen = unseen_criterion(rows, None if history is None else whole, is_allowed=job.is_allowed)
    criterion = DetCriterion(**{**dict(unseen), "title": say("No earlier step saw these pages")})
    verdict = DetVerdict(
        outcome="cannot_tell",
        base=job.base_name,
        candidate=job.candidate_name,
        objective=job.objective,
        recognizer=job.recognizer,
        synthetic=synthetic_reasons(listed, whole),
        criteria=(criterion,),
        seen=rows,
        delta_points=job.delta_points,
        seed=job.seed,
        settings=_settings(job),
        inputs={
            **{one.judged.path.as_posix(): one.sha256 for one in listed},
            **{one.path.as_posix(): one.sha256 for one in job.every_tuned()},
            **job.inputs,
        },
        versions=job.versions,
        notes=(NO_HISTORY, *whole.gaps) if history is None else whole.gaps,
    )
    return verdict, criterion


def _settings(job: GateJob) -> dict[str, dict[str, dict[str, object]]]:
    """Return what is predicted with: of each model as deployed, and as tuned for a set."""
    tuned = {"target": job.tuned, **job.general_tuned}
    models = {"base": job.base, "candidate": job.candidate}
    return {
        role: {
            "deployed": asdict(detector.settings),
            **{
                name: asdict(pair[at].file.settings.settings())
                for name, pair in tuned.items()
                if pair
            },
        }
        for at, (role, detector) in enumerate(models.items())
    }


def _notes(job: GateJob) -> list[Sentence]:
    """Return what to mind of the two models and their settings."""
    notes = []
    if not job.tuned:
        notes.append(
            say(
                "no tuned settings: on the target each is judged as deployed, and what changes may "
                "be of the settings (`train det tune`; --base-tuned, --candidate-tuned)"
            )
        )
    elif job.candidate.settings != job.base.settings:
        notes.append(
            say(
                "the candidate comes with other settings than the base, those of the target: "
                "general pages are judged at the base's, and are to be predicted with these"
            )
        )
    if sorted(job.base.hashes().values()) == sorted(job.candidate.hashes().values()):
        notes.append(say("base and candidate are the same files in two places"))
    return notes


def _seen(
    job: GateJob, tally: Tally, watching: Watching
) -> tuple[tuple[SetPages, ...], tuple[JudgedSetPages, ...]]:
    """Let both detectors see every page, once at each of their settings.

    Raises:
        InputError: no page of a set can be decoded.
    """
    seen: list[SetPages] = []
    paired: list[JudgedSetPages] = []
    for one in job.sets:
        kinds = job.settings_of(one)

        def judged(page: PageLabels, kinds: Mapping[SettingsKind, Pair] = kinds) -> _Page | None:
            return _judged(job, page, kinds)

        by_page: list[_Page] = []
        with (
            watching(f"pages of {one.name}") as watch,
            ThreadPoolExecutor(job.workers) as pool,
        ):
            for done, (page, result) in enumerate(
                zip(one.pages, pool.map(judged, one.pages), strict=True), 1
            ):
                watch(done, len(one.pages), "")
                if result is None:
                    tally.add(of_annotations.IMAGE_BROKEN, f"{page.place} ({page.path})")
                else:
                    by_page.append(result)
        if not by_page:
            raise InputError(
                str(one.listed.judged.path),
                f"none of its {len(one.pages):,} pages can be decoded",
                "Is --images right? Convert the images to JPEG or PNG.",
            )
        for kind in kinds:
            pages = tuple(page[kind] for page in by_page)
            is_target = one.listed.is_target
            seen.append(SetPages(one.name, is_target, kind, tuple(each.judged for each in pages)))
            paired.append(
                JudgedSetPages(
                    one.name,
                    is_target,
                    kind,
                    tuple(each.paired for each in pages),
                    one.listed.is_synthetic,
                )
            )
    return tuple(seen), tuple(paired)


@dataclass(frozen=True, slots=True)
class _Both:
    """A page under both detectors: as it is shown, and as it counts."""

    judged: tuple[JudgedPage, JudgedPage]
    paired: PairedPage


_Page = Mapping[SettingsKind, _Both]


def _judged(job: GateJob, page: PageLabels, kinds: Mapping[SettingsKind, Pair]) -> _Page | None:
    """Let both detectors see a page; None where it cannot be decoded."""
    try:
        image = read_image(page.image)
    except ImageError:
        return None
    known: dict[tuple[int, PredictionSettings], tuple[JudgedPage, PageResult]] = {}

    def side(at: int, settings: PredictionSettings) -> tuple[JudgedPage, PageResult]:
        if (at, settings) not in known:
            detector = (job.base, job.candidate)[at]
            found = judge_page(page, image, detector.boxes(image, settings))
            read: tuple[bool, ...] = ()
            if job.reader:
                boxes = [one.polygon for one in found.detected]
                read = read_exactly(
                    lines_likeness(page, found.matching, boxes, job.reader, lambda: image)
                )
            known[at, settings] = found, PageResult.of(found, read)
        return known[at, settings]

    result: dict[SettingsKind, _Both] = {}
    for kind, (of_base, of_candidate) in kinds.items():
        (first, base), (second, candidate) = side(0, of_base), side(1, of_candidate)
        paired = PairedPage(page.path, page.is_negative, base, candidate)
        result[kind] = _Both((first, second), paired)
    return result


def write_boxes(sets: tuple[SetPages, ...], folder: Path) -> None:
    """Write the boxes of both, as page label files without texts: FOLDER/base/NAME.KIND.txt.

    Raises:
        InputError: a file cannot be written.
    """
    for one in sets:
        name = "".join(char if char.isalnum() or char in "._-" else "-" for char in one.name)
        for at, role in enumerate(("base", "candidate")):
            path = folder / role / f"{name}.{one.settings}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [
                (
                    pair[at].labels.path,
                    [LabelledRegion(b.polygon, "", "") for b in pair[at].detected],
                )
                for pair in one.pages
            ]
            write_pages(path, rows)
