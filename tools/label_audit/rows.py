"""One sample of a generated folder against its manifest row, its label and its plan row."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from tools.label_audit.ink import (
    AuditFace,
    Cluster,
    expected,
    instance_of,
    open_face,
    plain_glyphs,
    syllable_glyphs,
)
from tools.label_audit.limits import Limits, beyond, limits_of
from tools.label_audit.matching import Line, Measure, Rivals, measure, read_line, softness
from tools.label_audit.planes import laid_back, matrix_of, share_inside

LEAST_INSIDE = 0.9
"""Share of a cluster's ink that must lie inside the image."""

PEN_SLACK_PX = 2.1
"""Each step lies between two rounded pens, and so does the step that it is compared with."""

DOUBTFUL = 0.45
"""Strokes missing or extra from which a syllable is held against those that differ in one letter:
about one in ten clean ones."""


class Alarm(NamedTuple):
    """One thing found wrong. `at`: index into the label, -1 for the line as a whole."""

    code: str
    at: int
    detail: str


@dataclass(frozen=True)
class Folder:
    """A generated folder, read: rows of the manifest, labels by image, texts of the plan."""

    path: Path
    rows: list[dict[str, Any]]
    labels: dict[str, str]
    planned: dict[int, str]
    twice: list[str]


def read_folder(path: Path) -> Folder:
    """Read a folder of `synth generate`."""
    rows = [
        json.loads(line)
        for line in (path / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    labels: dict[str, str] = {}
    twice = []
    for line in (path / "rec_gt_train.txt").read_text(encoding="utf-8").split("\n"):
        if line:
            image, _, label = line.partition("\t")
            if image in labels:
                twice.append(image)
            labels[image] = label
    plan = (path / "plan.jsonl").read_text(encoding="utf-8").splitlines()
    planned = {row["index"]: row["text"] for row in map(json.loads, plan)}
    return Folder(path, rows, labels, planned, twice)


def folder_alarms(folder: Folder) -> list[str]:
    """Return what is wrong with the folder as a whole: lines too many or too few."""
    images = [row["image"] for row in folder.rows]
    found = [f"{image}: labelled twice" for image in folder.twice]
    found += [f"{image}: labelled, not in the manifest" for image in folder.labels.keys() - images]
    planned = folder.planned.keys() - {row["index"] for row in folder.rows}
    found += [f"plan row {index}: not in the manifest" for index in planned]
    if len(set(images)) < len(images):
        found.append("manifest: an image stands there twice")
    return sorted(found)


def audit_row(
    folder: Folder, row: Mapping[str, Any], font: Path, limits: Mapping[str, Limits] | None
) -> tuple[list[Alarm], list[Measure]]:
    """Audit one sample.

    Args:
        font: the file with the row's sha256.
        limits: by style; None measures only.

    Returns:
        What is wrong, and the figures of every cluster (none where the image cannot be read).
    """
    alarms = _words(folder, row)
    try:
        data = (folder.path / row["image"]).read_bytes()
    except FileNotFoundError:
        return [*alarms, Alarm("no image", -1, row["image"])], []
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        alarms.append(Alarm("sha256", -1, "the file is not the one that was written"))
    with Image.open(io.BytesIO(data)) as image:
        if list(image.size) != list(row["size"]):
            alarms.append(Alarm("size", -1, f"{image.size}, not {row['size']}"))
            return alarms, []
        grey = np.asarray(image.convert("L"), np.float32)
    face = open_face(font, row["face"]["index"], instance_of(row["face"]))
    try:
        clusters = expected(row, face)
    except ValueError as error:
        return [*alarms, Alarm("pens", -1, str(error))], []
    matrix, inked = matrix_of(row), {cluster.at for cluster in clusters}
    if not row["line"]["whole"]:
        for at, char in enumerate(row["text"]):
            if char.strip() and at not in inked:
                alarms.append(Alarm("no ink", at, f"{char!r} leaves none in its face"))
        alarms += _pens(row, face)
    for cluster in clusters:
        if cluster.tofu:
            alarms.append(Alarm("tofu", cluster.at, f"{cluster.text!r} is not in its face"))
        inside = share_inside(cluster, matrix, tuple(row["size"]))
        if inside < LEAST_INSIDE:
            alarms.append(Alarm("cut", cluster.at, f"{inside:.0%} of {cluster.text!r} inside"))
    grey = laid_back(grey, matrix, (row["line"]["width"], row["size"][1]))
    line = read_line(grey, clusters)
    measures = [measure(line, cluster) for cluster in clusters]
    measures = _against_rivals(line, clusters, measures, face, row["line"]["size_px"])
    if limits is not None:
        held = limits_of(row["style"], limits, stroke_em(row, measures))
        for one in measures:
            for name in beyond(one, held):
                what = f"{one.text!r} {name} {getattr(one, name):.2f} (limit {held[name]:g})"
                is_rival = name == "rival"
                alarms.append(Alarm(name, one.at, what + f" {one.rival_char!r}" * is_rival))
    return alarms, measures


def stroke_em(row: Mapping[str, Any], measures: Sequence[Measure]) -> float:
    """Return how wide a line's strokes are, in ems; 0 where nothing was measured."""
    return max((one.stroke for one in measures), default=0.0) / float(row["line"]["size_px"])


def _against_rivals(
    line: Line,
    clusters: Sequence[Cluster],
    measures: Sequence[Measure],
    face: AuditFace,
    size_px: int,
) -> list[Measure]:
    """Hold letters and digits against one another, and doubtful syllables against their likes."""
    plain = plain_glyphs(face, size_px)
    sigma = softness(line)
    letters = Rivals(plain, sigma) if any(c.text in plain for c in clusters) else None
    held = []
    for cluster, one in zip(clusters, measures, strict=True):
        rivals = letters
        if cluster.text not in plain:
            rivals = None
            if max(one.missing, one.extra) > DOUBTFUL:
                likes = syllable_glyphs(face, cluster.text, size_px)
                rivals = Rivals(likes, sigma) if likes else None
        share, char = (0.0, "") if rivals is None else rivals.best(line, cluster)
        held.append(replace(one, rival=share, rival_char=char))
    return held


def _words(folder: Folder, row: Mapping[str, Any]) -> list[Alarm]:
    """Compare the texts of label file, manifest and plan."""
    alarms = []
    label = folder.labels.get(row["image"])
    if label is None:
        alarms.append(Alarm("no label", -1, row["image"]))
    elif label != row["text"]:
        alarms.append(Alarm("label", -1, f"{label!r} in the label file, not {row['text']!r}"))
    planned = folder.planned.get(row["index"])
    if planned != row["text"]:
        alarms.append(Alarm("plan", -1, f"{planned!r} in the plan, not {row['text']!r}"))
    return alarms


def _pens(row: Mapping[str, Any], face: AuditFace) -> list[Alarm]:
    """Compare the steps between pens with HarfBuzz's, one spacing, one width of spaces."""
    line = row["line"]
    shaped = face.shape(row["text"], whole=False)
    if len(shaped) != len(line["pens"]):
        return [Alarm("pens", -1, f"{len(shaped)} glyphs for {len(line['pens'])} pens")]
    if len(shaped) < 2:
        return []
    scale = line["size_px"] / face.upem
    ends = np.cumsum([0, *(advance for _, _, advance, _, _ in shaped)])[:-1]
    places = (ends + [x for _, _, _, x, _ in shaped]) * scale
    odd = np.diff(line["pens"]) - np.diff(places)
    # A style may space characters and, apart from them, make spaces wider or narrower.
    blank = np.array([not char.strip() for char in row["text"][:-1]])
    for part in (blank, ~blank):
        odd[part] -= np.median(odd[part]) if part.any() else 0.0
    worst = int(np.abs(odd).argmax())
    if abs(odd[worst]) <= PEN_SLACK_PX:
        return []
    return [Alarm("pens", worst, f"{odd[worst]:+.1f} px after {row['text'][worst]!r}")]
