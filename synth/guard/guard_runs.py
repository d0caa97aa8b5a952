"""A guard put together: texts, families and seeds of its parts, and the runs that draw them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from synth.faces.face import Face
from synth.faces.scan import find_faces
from synth.guard.guard_families import (
    SharedFamilies,
    characters_by_family,
    held_languages,
    shared_out,
)
from synth.guard.guard_texts import PARTS, GuardText, PartName, write
from synth.run.job_faces import Progress
from synth.run.job_options import JobOptions
from synth.run.merging import LABELS
from textlines.errors import InputError
from textlines.files import read_text, replacing, sha256_of
from textlines.formats.run_record import RECORD, RunRecord, versions
from textlines.labels.alphabet import Alphabet
from textlines.labels.dictionary_files import entries_file

COMMAND = "synth guard"

SHARES: Mapping[PartName, int] = {"replay": 50, "stop": 15, "judge": 35}
"""Lines of each part, in per cent."""

FEWEST = 30
"""Lines of a guard at least: some of each kind in each part."""

LONGEST = 120
"""Characters of a guard line at most: book lines have up to 90, forms fewer."""

TEXTS = "texts"
"""The folder of the texts, a file for each run."""

StyleName = Literal["document", "receipt"]

STYLES: tuple[StyleName, ...] = ("document", "receipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardOptions:
    """What a guard is asked for.

    Attributes:
        dictionary: of the model that is to be guarded.
        use_space_char: whether a space follows its entries; None as it says itself.
        count: lines of all parts together.
        fonts: folders or files, used alone; empty = what is found on this machine.
    """

    dictionary: Path
    use_space_char: bool | None = None
    count: int = 600
    seed: int = 1
    fonts: tuple[Path, ...] = ()
    fonts_licence: Literal["any", "known"] = "any"


@dataclass(frozen=True, slots=True)
class DrawnRun:
    """One run of a part: a style, its texts, and what it is drawn with.

    Attributes:
        folder: of the run, in that of its part.
    """

    part: PartName
    style: StyleName
    folder: Path
    texts: tuple[str, ...]
    options: JobOptions


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard ready to be drawn.

    Attributes:
        texts: of each part.
        told: what is missing where, in words.
    """

    out: Path
    options: GuardOptions
    texts: Mapping[PartName, tuple[GuardText, ...]]
    shared: SharedFamilies
    runs: tuple[DrawnRun, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """Return which languages a part lacks, for want of families."""
        return self.shared.told

    def counts(self) -> dict[str, int]:
        """Count the lines by part, language and kind: "judge en book"."""
        counted = Counter(
            f"{part} {text.language} {text.kind}"
            for part, texts in self.texts.items()
            for text in texts
        )
        return dict(sorted(counted.items()))

    def record(self) -> RunRecord:
        """Return what `run.json` holds of the guard as it is asked for, without its outputs."""
        return RunRecord(
            command=COMMAND,
            configuration={
                "count": self.options.count,
                "use_space_char": self.options.use_space_char,
                "families": {part: list(names) for part, names in self.shared.families.items()},
                "seeds": {f"{run.part} {run.style}": run.options.seed for run in self.runs},
                "told": list(self.told),
            },
            seed=self.options.seed,
            inputs={"dictionary": sha256_of(entries_file(self.options.dictionary))},
            counts=self.counts(),
            versions=versions(),
        )


def assemble_guard(options: GuardOptions, out: Path, watch: Progress | None = None) -> Guard:
    """Write the texts of all parts and share the families out; draws nothing.

    Raises:
        InputError: the dictionary or a font cannot be read, or there are too few families.
    """
    alphabet = Alphabet.read(options.dictionary, options.use_space_char)
    options = replace(options, use_space_char=alphabet.use_space_char)

    def progress(done: int, total: int) -> None:
        if watch is not None:
            watch("reading fonts", done, total)

    scan = find_faces(options.fonts, licence=options.fonts_licence, progress=progress)
    shared = shared_out(characters_by_family(scan.faces), held_languages(alphabet), alphabet)
    texts: dict[PartName, tuple[GuardText, ...]] = {}
    for part in PARTS:
        count = max(options.count * SHARES[part] // 100, 1)
        texts[part] = write(part, shared.drawable[part], count, options.seed)
    runs = [
        _run_of(
            options, out, part=part, style=style, texts=texts[part], shared=shared, faces=scan.faces
        )
        for part in PARTS
        for style in STYLES
        if any(_style_of(text) == style for text in texts[part])
    ]
    return Guard(out, options, texts, shared, tuple(runs))


def _style_of(text: GuardText) -> StyleName:
    return "receipt" if text.kind == "receipt" else "document"


def _run_of(
    options: GuardOptions,
    out: Path,
    part: PartName,
    style: StyleName,
    texts: Sequence[GuardText],
    shared: SharedFamilies,
    faces: Sequence[Face],
) -> DrawnRun:
    number = len(STYLES) * PARTS.index(part) + STYLES.index(style)
    families = shared.families[part]
    # Only its own files: what the faces of other parts may draw takes longer to find out than to
    # draw the lines. A collection may hold families of several parts.
    files = sorted({face.path for face in faces if face.family in families})
    others = {face.family for face in faces if face.path in files} - set(families)
    own_texts = tuple(text.text for text in texts if _style_of(text) == style)
    return DrawnRun(
        part,
        style,
        out / part / style,
        own_texts,
        JobOptions(
            text_list=out / TEXTS / f"{part}-{style}.txt",
            style=style,
            dictionary=options.dictionary,
            use_space_char=options.use_space_char,
            max_length=LONGEST,
            count=len(own_texts),
            fonts=tuple(files),
            fonts_licence=options.fonts_licence,
            family_weights=tuple(f"{name}=0" for name in sorted(others)),
            # No two runs of any guard share a seed, whatever theirs is.
            seed=options.seed * len(STYLES) * len(PARTS) + number,
        ),
    )


def begin_guard(guard: Guard) -> None:
    """Take the folder for this guard, and write the lists of its texts.

    Raises:
        InputError: it holds another guard or something else, or cannot be written.
    """
    path, wanted = guard.out / RECORD, guard.record()
    if path.exists():
        there = RunRecord.read(path)
        if there.model_copy(update={"outputs": {}}) != wanted:
            raise InputError(
                str(guard.out),
                "holds another guard: other options, dictionary, fonts or versions made it",
                "Name another --out, give the same options, or delete this folder.",
            )
    elif guard.out.exists() and (not guard.out.is_dir() or any(guard.out.iterdir())):
        raise InputError(
            str(guard.out), f"is not empty and holds no {RECORD}", "Name a new folder as --out."
        )
    else:
        wanted.write(path)
    for run in guard.runs:
        if run.options.text_list is not None:
            with replacing(run.options.text_list) as out:
                out.writelines(f"{text}\n" for text in run.texts)


def conclude_guard(guard: Guard) -> dict[PartName, int]:
    """Write the label file of each part, and what it is in the record.

    Returns:
        Lines of each part.

    Raises:
        InputError: a run's label file cannot be read.
    """
    lines: dict[PartName, int] = {}
    outputs = {}
    for part in PARTS:
        rows = [
            f"{run.style}/{row}\n"
            for run in guard.runs
            if run.part == part
            for row in read_text(run.folder / LABELS, "the label file").splitlines()
        ]
        labels = guard.out / part / LABELS
        with replacing(labels) as out:
            out.writelines(rows)
        lines[part] = len(rows)
        outputs[f"{part}/{LABELS}"] = sha256_of(labels)
    guard.record().model_copy(update={"outputs": outputs}).write(guard.out / RECORD)
    return lines
