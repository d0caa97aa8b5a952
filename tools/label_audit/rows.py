"""One sample of a generated folder against its manifest row, its label and its plan row."""

import hashlib
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from tools.label_audit.columns import FORMS
from tools.label_audit.ink import AuditFace, Cluster, plain_glyphs, syllable_glyphs
from tools.label_audit.limits import Limits, beyond, limits_of
from tools.label_audit.matching import (
    Line,
    Measure,
    Rivals,
    coverage,
    followed,
    measure,
    read_line,
    softness,
)
from tools.label_audit.planes import Plane, Way, laid_back, share_inside, ways_of
from tools.label_audit.setting import SetLine

LEAST_INSIDE = 0.9
"""Share of a cluster's ink that must lie inside the image."""

PEN_SLACK_PX = 2.1
"""Each step lies between two rounded pens, and so does the step that it is compared with."""

SCALE_STEP = 0.05
"""Rivals are drawn as wide as a character to so much."""

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
    """A generated folder, read: rows of the manifest, labels by image, texts of the plan.

    Attributes:
        height: at which its lines were drawn, in pixels. gap_em: greatest gap between groups.
        foreign: bends that its style takes from other packages, which are not known here.
    """

    path: Path
    rows: list[dict[str, Any]]
    labels: dict[str, str]
    planned: dict[int, str]
    twice: list[str]
    height: int
    gap_em: float
    foreign: frozenset[str]

    def not_followed(self, row: Mapping[str, Any]) -> str:
        """Return what of a line is not drawn again here, so that its ink is not compared; or ""."""
        bent = sorted(name for name, _ in row["effects"] if name in self.foreign)
        return f"bent by {', '.join(bent)}" if bent else ""


def set_otherwise(row: Mapping[str, Any]) -> str:
    """Return how a line is set, if it is not a line of one face that lies; or ""."""
    form = row.get("vertical", "")
    if form:
        return "set as columns" if form in FORMS else "turned whole"
    return "drawn in two faces" if row.get("parts") else ""


BENDS = frozenset({"arc", "elastic"})

WIDEST_SPACE = 0.3
"""Ems of the space that gaps between groups are shares of, at most."""


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
    whole = path / "plan.jsonl"
    plans = [whole] if whole.exists() else sorted((path / "plan").glob("*.jsonl"))
    plan = (line for file in plans for line in file.read_text(encoding="utf-8").splitlines())
    planned = {row["index"]: row["text"] for row in map(json.loads, plan)}
    style = json.loads((path / "run.json").read_text(encoding="utf-8"))["configuration"]["style"]
    gaps = style["text"].get("gaps", {"p": 0})
    gap_em = WIDEST_SPACE * _greatest(gaps["amount"]) if gaps["p"] else 0.0
    foreign = frozenset(style.get("bend", {})) - BENDS
    height = style["output"]["height"]
    return Folder(path, rows, labels, planned, twice, height, gap_em, foreign)


def _greatest(span: Mapping[str, Any]) -> float:
    return float(max(span["values"]) if span.get("values") else span["high"])


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
    folder: Folder,
    row: Mapping[str, Any],
    fonts: Mapping[str, Path],
    limits: Mapping[str, Limits] | None,
) -> tuple[list[Alarm], list[Measure]]:
    """Audit one sample.

    Args:
        fonts: the files with the row's sha256s, by these.
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
    try:
        as_set = SetLine(row, fonts)
        clusters = as_set.expected()
    except ValueError as error:
        return [*alarms, Alarm("pens", -1, str(error))], []
    ways, inked = ways_of(row, clusters, folder.height), {cluster.at for cluster in clusters}
    way, grey = _likeliest(ways, grey, clusters)
    if not row["line"]["whole"]:
        for at, char in enumerate(row["text"]):
            if char.strip() and at not in inked:
                alarms.append(Alarm("no ink", at, f"{char!r} leaves none in its face"))
        alarms += _pens(row, as_set, folder.gap_em)
    for cluster in clusters:
        if cluster.tofu:
            alarms.append(Alarm("tofu", cluster.at, f"{cluster.text!r} is not in its face"))
        if folder.not_followed(row):
            continue
        inside = share_inside(cluster, way, tuple(row["size"]))
        if inside < LEAST_INSIDE:
            alarms.append(Alarm("cut", cluster.at, f"{inside:.0%} of {cluster.text!r} inside"))
    if folder.not_followed(row):
        return alarms, []
    line = read_line(grey, clusters)
    reach = _uneven(row, folder.height)
    if reach:
        clusters = followed(line, clusters, reach)
        line = read_line(grey, clusters)
    measures = [measure(line, cluster) for cluster in clusters]
    measures = _against_rivals(line, clusters, measures, as_set)
    if limits is not None:
        held = limits_of(row["style"], limits, stroke_em(row, measures), set_otherwise(row))
        for one in measures:
            for name in beyond(one, held):
                what = f"{one.text!r} {name} {getattr(one, name):.2f} (limit {held[name]:g})"
                is_rival = name == "rival"
                alarms.append(Alarm(name, one.at, what + f" {one.rival_char!r}" * is_rival))
    return alarms, measures


def _likeliest(ways: Sequence[Way], image: Plane, clusters: Sequence[Cluster]) -> tuple[Way, Plane]:
    """Return the way on which an image is most like its clusters, and the image laid back by it."""
    laid = [(way, laid_back(image, way)) for way in ways]
    if len(laid) == 1 or not clusters:
        return laid[0]
    solid = coverage(clusters, laid[0][1].shape).ravel()

    def likeness(one: tuple[Way, Plane]) -> float:
        return abs(float(np.corrcoef(one[1].ravel(), solid)[0, 1]))

    return max(laid, key=likeness)


def _uneven(row: Mapping[str, Any], height: int) -> int:
    """Return by how many pixels parts of a line may be moved unevenly; 0 where none is."""
    amounts = [params.get("amount", 0.03) for name, params in row["effects"] if name == "elastic"]
    return math.ceil(max(amounts) * height) + 1 if amounts else 0


def stroke_em(row: Mapping[str, Any], measures: Sequence[Measure]) -> float:
    """Return how wide a line's strokes are, in ems; 0 where nothing was measured."""
    return max((one.stroke for one in measures), default=0.0) / float(row["line"]["size_px"])


def _against_rivals(
    line: Line,
    clusters: Sequence[Cluster],
    measures: Sequence[Measure],
    as_set: SetLine,
) -> list[Measure]:
    """Hold letters and digits against one another, and doubtful syllables against their likes."""
    sigma = softness(line)
    letters: dict[tuple[AuditFace, bool, int, float], Rivals | None] = {}
    held = []
    for cluster, one in zip(clusters, measures, strict=True):
        size, scale = cluster.size_px, round(cluster.scale / SCALE_STEP) * SCALE_STEP
        draw = partial(as_set.drawn, at=cluster.at, size_px=size, scale=scale)
        key = as_set.faces[cluster.at], as_set.lies(cluster.at), size, scale
        if key not in letters:
            plain = plain_glyphs(draw)
            letters[key] = Rivals(plain, sigma) if plain else None
        rivals = letters[key]
        if rivals is None or cluster.text not in rivals.chars:
            rivals = None
            if max(one.missing, one.extra) > DOUBTFUL:
                likes = syllable_glyphs(draw, cluster.text)
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


def _pens(row: Mapping[str, Any], as_set: SetLine, gap_em: float) -> list[Alarm]:
    """Compare the steps between pens with HarfBuzz's, one spacing, one width of spaces.

    Each step is as many times as wide as its character is drawn. Between groups a gap may stand
    that the label does not tell.
    """
    line = row["line"]
    try:
        steps = as_set.steps()
    except ValueError as error:
        return [Alarm("pens", -1, str(error))]
    if len(steps) < 2:
        return []
    ends = np.cumsum([0, *(advance for advance, _ in steps)])[:-1]
    places = ends + [shift for _, shift in steps]
    odd = np.diff(line["pens"]) - np.diff(places)
    # A style may space characters and, apart from them, make spaces wider or narrower: each by a
    # share of its advance, which differs between faces and sizes.
    blank = np.array([not char.strip() for char in row["text"][:-1]])
    if not blank.all():
        odd -= np.median(odd[~blank])
    if blank.any():
        wide = np.maximum(np.array([advance for advance, _ in steps[:-1]])[blank], 1e-6)
        odd[blank] -= np.median(odd[blank] / wide) * wide
    worst = int(np.abs(odd).argmax())
    # A size of its own is a whole number of pixels per em, the advance is not.
    slack = PEN_SLACK_PX + gap_em * line["size_px"] + (0.5 if line.get("sizes") else 0.0)
    if abs(odd[worst]) <= slack:
        return []
    return [Alarm("pens", worst, f"{odd[worst]:+.1f} px after {row['text'][worst]!r}")]
