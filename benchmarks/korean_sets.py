"""The sets of `benchmarks/korean.py`: lines that fit the base, its own kind apart, production."""

import argparse
import json
from pathlib import Path

from benchmarks.korean_base import fitted_base
from benchmarks.korean_world import (
    BASE_FACES,
    SYNTH_FACES,
    Words,
    found_faces,
    linked,
    write_production,
)
from benchmarks.mend_job import Job
from train.models.base_folder import BaseFolder, read_base

STYLES = {"document": 2 / 3, "receipt": 1 / 3}
"""Of the lines that fit the base, and of general lines."""

GENERAL = {"stop": 300, "judge": 700, "original": 5000, "more": 2000}
"""Lines of the base's own kind that it has not read: to stop and to judge by, originals, and what
stands in the place of new lines where none are drawn. A
published model has not learned its own lines by heart; those that fitted ours, it has."""
ROLES = ("fit", *GENERAL)
"""Of lines of the base's own kind; each has texts and a seed of its own."""

POOL, STOP, JUDGE = 400, 150, 5000
"""Lines of production: whose labels are had, that stop, that judge."""


class World:
    """All that the cells share, made once.

    Attributes:
        fitted: label files that the base was fitted on. general: of its own kind, apart, by role.
        pool, stop, judge: label files of production.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.out: Path = arguments.out
        self.job = Job(self.out / "world")
        self.base = self.out / "base"
        self.fitted = [self._drawn("fit", style) for style in STYLES]
        self.general = {role: [self._drawn(role, style) for style in STYLES] for role in GENERAL}
        self.pool, self.stop, self.judge = (
            self.out / name / "rec_gt.txt" for name in ("pool", "stop", "judge")
        )
        self.faces = self.out / "faces-synth"

    def _drawn(self, role: str, style: str) -> Path:
        return self.out / f"{role}-{style}" / "rec_gt_train.txt"

    def make(self) -> BaseFolder:
        """Make what is not there yet, and return the base."""
        out, job = self.out, self.job
        source = out / "source"
        job.run(
            "source",
            source / "model.toml",
            "train",
            "weights",
            "PP-OCRv5_mobile_rec",
            "--out",
            source,
        )
        entries = frozenset(self.arguments.dictionary.read_text(encoding="utf-8").split("\n"))
        linked(found_faces(BASE_FACES), out / "faces-base")
        linked(found_faces(BASE_FACES + SYNTH_FACES), self.faces)
        own = Words.of(0, self.arguments.words, 1.0, entries)
        roles = {"fit": self.arguments.fitted, **GENERAL}
        texts = list(dict.fromkeys(own.lines(sum(roles.values()) * 11 // 10, 0.15, 1)))
        for role, count in roles.items():
            for style, share in STYLES.items():
                part = round(count * share)
                self._draw(role, style, texts[:part])
                texts = texts[part:]
        words = Words.of(1, self.arguments.words, 0.5, entries)
        lines = list(dict.fromkeys(words.lines((POOL + STOP + JUDGE) * 11 // 10, 0.4, 1)))
        for seed, (labels, count) in enumerate(
            ((self.pool, POOL), (self.stop, STOP), (self.judge, JUDGE)), 1
        ):
            write_production(lines[:count], labels.parent, seed)
            lines = lines[count:]
        if not (self.base / "model.toml").is_file():
            fitted_base(
                source,
                self.arguments.dictionary,
                self.fitted,
                self.base,
                epochs=self.arguments.fit_epochs,
            )
        return read_base(self.base)

    def _draw(self, role: str, style: str, texts: list[str]) -> None:
        labels = self._drawn(role, style)
        listed = self.out / f"{labels.parent.name}.txt"
        listed.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
        self.job.run(
            labels.parent.name, labels, "synth", "generate", "--text-list", listed,
            "--style", style,
            "--fonts", self.out / "faces-base", "--dictionary", self.arguments.dictionary,
            "--count", len(texts), "--seed", 1 + ROLES.index(role),
            "--workers", self.arguments.workers, "--out", labels.parent,
        )  # fmt: skip

    def first(self, count: int) -> Path:
        """Write the first lines of the pool as a label file of their own, and return it."""
        rows = self.pool.read_text(encoding="utf-8").splitlines()[:count]
        folder = self.out / f"own-{count}"
        folder.mkdir(exist_ok=True)
        if not (folder / "crops").exists():
            (folder / "crops").symlink_to((self.pool.parent / "crops").resolve())
            (folder / "run.json").write_bytes((self.pool.parent / "run.json").read_bytes())
        labels = folder / "rec_gt.txt"
        content = "".join(f"{row}\n" for row in rows)
        if not labels.exists() or labels.read_text(encoding="utf-8") != content:
            labels.write_text(content, encoding="utf-8")
        return labels

    def profile(self, own: Path | None) -> Path:
        """Mine the base on own lines and on those that stop; without any on the whole pool."""
        name = f"profile-{own.parent.name if own else 'pool'}"
        profile = self.out / name / "profile.json"
        labels = [own, self.stop] if own else [self.pool]
        mined = self.out / name / "rec_gt.txt"
        mined.parent.mkdir(exist_ok=True)
        rows = []
        for one in labels:
            link = mined.parent / one.parent.name
            if not link.exists():
                link.symlink_to(one.parent.resolve())
            rows += [
                f"{one.parent.name}/{row}\n" for row in one.read_text(encoding="utf-8").splitlines()
            ]
        mined.write_text("".join(rows), encoding="utf-8")
        self.job.run(
            name, profile, "train", "mine", "--model", self.base, "--labels", mined,
            "--out", profile, "--html", profile.with_suffix(".html"),
        )  # fmt: skip
        return profile

    def production(self) -> Path:
        """Read the pool with the base: what production holds."""
        out = self.out / "production.jsonl"
        self.job.run(
            "production", out, "train", "evaluate", "--model", self.base,
            "--labels", self.pool, "--out", out,
        )  # fmt: skip
        return out

    def read(self, model: Path, job: Job, labels: Path) -> list[tuple[str, str]]:
        """Read a set; return label and reading of each line."""
        name = f"read-{labels.parent.name}"
        out = job.out / f"{name}.jsonl"
        job.run(name, out, "train", "evaluate", "--model", model, "--labels", labels, "--out", out)
        texts = {}
        for line in out.read_text(encoding="utf-8").splitlines():
            content = json.loads(line)
            texts[content["path"]] = content.get("text", "")
        rows = [line.partition("\t") for line in labels.read_text(encoding="utf-8").splitlines()]
        return [(label, texts.get(path, "")) for path, _, label in rows]

    @staticmethod
    def labels_of(labels: Path) -> str:
        """Return all the labels of a file, one after another."""
        rows = labels.read_text(encoding="utf-8").splitlines()
        return "".join(row.partition("\t")[2] for row in rows)

    def syllables(self) -> str:
        """Return the syllables of KS X 1001 that the dictionary holds."""
        entries = set(self.arguments.dictionary.read_text(encoding="utf-8").split("\n"))
        return "".join(
            sorted(one for one in entries if len(one) == 1 and "가" <= one <= "힣" and _is_ksx(one))
        )


def _is_ksx(syllable: str) -> bool:
    """Return whether it is one of KS X 1001's 2,350 syllables: EUC-KR holds them alone."""
    try:
        return len(syllable.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False
