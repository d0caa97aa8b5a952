"""Does the image hold the ink that the label promises? Figures for every cluster.

The ground is taken as a closing of the image (an opening where ink is lighter): it follows the
edges of shadows and frames, and what is left is dark (light) and thinner than the widest stroke.
That is compared with the expected coverage, drawn as softly, boldly and strongly as it suits the
line as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tools.label_audit.ink import Cluster, Flags, Glyph, Plane
from tools.label_audit.planes import (
    blurred,
    half_stroke,
    narrowest,
    stroke_width,
    widest,
)

WINDOW = 2
"""Pixels around a cluster's ink that are compared as well."""

GRAIN = 1.2
"""Residuals are looked at through a Gaussian of this sigma: noise goes, strokes stay."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How one cluster is found in the image.

    Attributes:
        text, at: the cluster.
        fit: correlation of expected and found ink in its window, 1 = the same.
        gain: strength of its ink beside the line's, 1 = the same, 0 = none.
        piece: the same for its weakest connected part.
        missing: the most ink that is expected and not there, in strokes (0 none, 1 a whole one).
        extra: the most ink that is there and not expected.
        rival: how much of the best rival's ink (another character) is in what is found: 0 for
            the character itself, 1 for the rival; less where the rival explains the image
            hardly better. rival_char: which.
        levels: contrast of the line's ink in levels of grey.
        stroke: mean width of the line's strokes, in pixels.
    """

    text: str
    at: int
    fit: float
    gain: float
    piece: float
    missing: float
    extra: float
    rival: float
    rival_char: str
    levels: float
    stroke: float


ABSENT = Measure("", 0, 0.0, 0.0, 0.0, 9.0, 9.0, 0.0, "", 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Line:
    """What is found, and what is expected, over a whole line.

    found: levels of ink over the ground. wanted: the same as expected. solid: coverage.
    peak: levels of a full stroke. stroke: mean width of the strokes in pixels.
    """

    found: Plane
    wanted: Plane
    solid: Plane
    peak: float
    stroke: float


def coverage(clusters: Sequence[Cluster], shape: tuple[int, int]) -> Plane:
    """Lay all clusters into a flat line of (height, width)."""
    solid = np.zeros(shape, np.float32)
    for cluster in clusters:
        y0, x0, ink = clipped(cluster.glyph.ink, cluster.y, cluster.x, shape)
        under = solid[y0 : y0 + ink.shape[0], x0 : x0 + ink.shape[1]]
        np.maximum(under, ink, out=under)
    return solid


def clipped(ink: Plane, y: int, x: int, shape: tuple[int, int]) -> tuple[int, int, Plane]:
    """Cut a piece of ink to what lies inside a plane; gives y, x and the ink."""
    top, left = max(0, -y), max(0, -x)
    inner = ink[top : max(top, shape[0] - y), left : max(left, shape[1] - x)]
    return max(y, 0), max(x, 0), inner


def read_line(grey: Plane, clusters: Sequence[Cluster]) -> Line:
    """Separate ink from ground, and draw the expected ink to suit.

    Args:
        grey: H x W levels of the image, laid back flat.
    """
    solid = coverage(clusters, grey.shape)
    reach = max(3, half_stroke(solid) + 2)
    calm = blurred(grey, 0.6)
    if _is_darker(grey, solid, clusters):
        found = narrowest(widest(calm, reach), reach) - grey
    else:
        found = grey - widest(narrowest(calm, reach), reach)
    near = widest(solid, 3) > 0.05
    shapes = [blurred(solid, sigma) for sigma in (0.6, 1.2, 2.2)]
    shapes += [blurred(widest(solid, 1), 0.6), blurred(narrowest(solid, 1), 0.6)]
    # Least squares over five looks of the ink and an offset, held near the plain look so that
    # one wrong cluster of a short line cannot bend it to itself.
    table = np.stack([*(shape[near] for shape in shapes), np.ones(int(near.sum()))], 1)
    values = found[near].astype(np.float64)
    plain = np.linalg.lstsq(table[:, [1, 5]], values, rcond=None)[0]
    start = np.array([plain[0] / 2, plain[0] / 2, 0, 0, 0, plain[1]])
    products = table.T @ table
    hold = np.diag([*[0.004 * np.trace(products[:5, :5])] * 5, 1e-3])
    weights = start + np.linalg.solve(products + hold, table.T @ (values - table @ start))
    wanted = np.zeros_like(grey)
    for weight, shape in zip(weights[:5], shapes, strict=True):
        wanted += np.float32(weight) * shape
    core = solid > 0.5
    strokes = blurred(wanted, GRAIN)[core]
    peak = float(np.percentile(strokes, 75)) if core.any() else 0.0
    return Line(found - np.float32(weights[5]), wanted, solid, max(peak, 1e-3), stroke_width(solid))


def _is_darker(grey: Plane, solid: Plane, clusters: Sequence[Cluster]) -> bool:
    """Return whether ink is darker than the ring around it, by the middle of all clusters."""
    ring = (widest(solid, 4) > 0.05) & (widest(solid, 1) < 0.05)
    core = solid > 0.6
    steps = []
    for cluster in clusters:
        window = window_of(cluster.y, cluster.x, cluster.glyph.ink.shape, 4, grey.shape)
        inner, outer = core[window], ring[window]
        if inner.any() and outer.any():
            steps.append(float(np.median(grey[window][outer]) - grey[window][inner].mean()))
    return not steps or float(np.median(steps)) > 0


def window_of(
    y: int, x: int, size: tuple[int, ...], margin: int, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    """Return rows and columns of a box with a margin, as far as they are inside a plane."""
    return (
        slice(max(0, min(y - margin, shape[0])), max(0, min(y + size[0] + margin, shape[0]))),
        slice(max(0, min(x - margin, shape[1])), max(0, min(x + size[1] + margin, shape[1]))),
    )


NEARER = 0.02
"""Share of its fit that a place loses by each pixel that it lies from where a cluster should be."""


def followed(line: Line, clusters: Sequence[Cluster], reach: int) -> list[Cluster]:
    """Move each cluster to where it is found, for lines whose parts are moved unevenly.

    Args:
        reach: pixels up, down, left and right, at most.
    """
    edge = reach + WINDOW
    soft = blurred(np.pad(line.found, edge, mode="edge"), 0.6)
    held = []
    for cluster in clusters:
        y, x, ink = clipped(cluster.glyph.ink, cluster.y, cluster.x, line.found.shape)
        if not ink.size:
            held.append(cluster)
            continue
        # With the ground beside it: an "l" alone is ink and nothing else.
        wanted = blurred(np.pad(ink, WINDOW), 0.8)
        high, wide = wanted.shape
        wanted = wanted - wanted.mean()
        best, at = 0.0, (0, 0)
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                top, left = y + dy + edge - WINDOW, x + dx + edge - WINDOW
                under = soft[top : top + high, left : left + wide]
                spread = float(((under - under.mean()) ** 2).sum())
                fit = float((under * wanted).sum()) / (spread + 1e-9) ** 0.5
                # Of places that fit alike, as the two strokes of "ll", the nearest.
                fit *= 1 - NEARER * (abs(dy) + abs(dx))
                if fit > best:
                    best, at = fit, (dy, dx)
        held.append(replace(cluster, x=cluster.x + at[1], y=cluster.y + at[0]))
    return held


def measure(line: Line, cluster: Cluster) -> Measure:
    """Compare one cluster with what is found in its place."""
    shape = line.found.shape
    window = window_of(cluster.y, cluster.x, cluster.glyph.ink.shape, WINDOW, shape)
    wanted, found = line.wanted[window], line.found[window]
    if not wanted.size or not wanted.any():
        return ABSENT
    centred, other = wanted - wanted.mean(), found - found.mean()
    energy, power = float((centred**2).sum()), float((other**2).sum())
    product = float((centred * other).sum())
    gain = product / (energy + 1e-9)
    held = min(max(gain, 0.5), 1.6)
    rest = found - held * wanted
    rest = blurred(rest - np.median(rest), GRAIN) / np.float32(line.peak * held)
    return Measure(
        text=cluster.text,
        at=cluster.at,
        fit=product / (energy * power + 1e-9) ** 0.5,
        gain=gain,
        piece=min((_piece(line, cluster, flags) for flags in cluster.glyph.pieces), default=9.0),
        missing=-float(rest.min()),
        extra=float(rest.max()),
        rival=0.0,
        rival_char="",
        levels=line.peak,
        stroke=line.stroke,
    )


def _piece(line: Line, cluster: Cluster, flags: Flags) -> float:
    """Compare one connected part of a cluster with the ring around it, beside the expected."""
    rows, columns = np.nonzero(flags)
    rows, columns = rows + cluster.y, columns + cluster.x
    size = (int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1)
    window = window_of(int(rows.min()), int(columns.min()), size, 3, line.found.shape)
    found, wanted = line.found[window], line.wanted[window]
    inside = (rows >= 0) & (rows < line.found.shape[0])
    inside &= (columns >= 0) & (columns < line.found.shape[1])
    if not inside.any():
        return 0.0
    mine = np.zeros(found.shape, bool)
    mine[rows[inside] - window[0].start, columns[inside] - window[1].start] = True
    theirs = np.where(mine, np.float32(0), line.solid[window])
    ring = (widest(mine.astype(np.float32), 1) == 0) & (widest(theirs, 1) <= 0.3)
    base, foot = (
        (float(np.median(found[ring])), float(np.median(wanted[ring])))
        if ring.sum() >= 4
        else (0.0, 0.0)
    )
    aim = max(float(wanted[mine].mean()) - foot, 0.15 * line.peak)
    return (float(found[mine].mean()) - base) / aim


SOFT = (0.5, 0.8, 1.2, 1.7, 2.3)
"""Blurs that rivals are drawn with: the one that suits the line is taken."""

LEAST_APART = 0.1
"""A rival whose ink differs by less than this share of energy is not told apart."""

FULL_LEAD = 0.15
"""A rival that explains less than this much more than the own ink counts for less: in glare and
noise either explains little."""


def softness(line: Line) -> float:
    """Find the blur that makes plain coverage most like what is found."""
    near = widest(line.solid, 3) > 0.05
    values = line.found[near] - line.found[near].mean()
    fits = []
    for sigma in SOFT:
        soft = blurred(line.solid, sigma)[near]
        soft = soft - soft.mean()
        fits.append(float((soft * values).sum()) / (float((soft**2).sum()) + 1e-9) ** 0.5)
    return SOFT[int(np.argmax(fits))]


class Rivals:
    """Other characters at a line's size, drawn as soft as the line, to be held against it.

    Args:
        glyphs: by character, from the pen. sigma: of `softness`.
    """

    def __init__(self, glyphs: Mapping[str, Glyph], sigma: float) -> None:
        self.chars = list(glyphs)
        drawn = list(glyphs.values())
        self.left = min(g.left for g in drawn) - WINDOW
        self.top = min(g.top for g in drawn) - WINDOW
        high = max(g.top + g.ink.shape[0] for g in drawn) - self.top + WINDOW
        wide = max(g.left + g.ink.shape[1] for g in drawn) - self.left + WINDOW
        stack = np.zeros((len(drawn), high, wide), np.float32)
        for layer, glyph in zip(stack, drawn, strict=True):
            y, x = glyph.top - self.top, glyph.left - self.left
            layer[y : y + glyph.ink.shape[0], x : x + glyph.ink.shape[1]] = glyph.ink
        self.stack = blurred(stack, sigma)

    def best(self, line: Line, cluster: Cluster) -> tuple[float, str]:
        """Ask which other character explains what is found in a cluster's place, and how much.

        For each rival the found ink is split by least squares into own ink, the rival's ink and
        an offset.

        Returns:
            The rival's share, 0..1, and its character; (0, "") when none can be told apart.
        """
        if cluster.text not in self.chars or len(self.chars) < 2:
            return 0.0, ""
        y0 = cluster.y - cluster.glyph.top + self.top
        x0 = cluster.x - cluster.glyph.left + self.left
        window = window_of(y0, x0, self.stack.shape[1:], 0, line.found.shape)
        inner = tuple(
            slice(part.start - start, part.stop - start)
            for part, start in zip(window, (y0, x0), strict=True)
        )
        theirs = line.solid[window] - _own_solid(line, cluster)[window]
        use = widest(theirs, 1) <= 0.3 if theirs.size else np.zeros(theirs.shape, bool)
        if use.sum() < 8:
            return 0.0, ""
        layers = self.stack[:, inner[0], inner[1]][:, use].astype(np.float64)
        layers -= layers.mean(1, keepdims=True)
        values = line.found[window][use].astype(np.float64)
        values -= values.mean()
        own = self.chars.index(cluster.text)
        mine = layers[own]
        a, b, c = mine @ mine, layers @ mine, (layers**2).sum(1)
        p, q = mine @ values, layers @ values
        det = a * c - b * b
        clear = (a + c - 2 * b >= LEAST_APART * a) & (det > 1e-3 * a * c)
        det = np.where(clear, det, 1)
        alpha = np.maximum((c * p - b * q) / det, 0)
        beta = np.maximum((a * q - b * p) / det, 0)
        share = np.where(clear, beta / np.maximum(alpha + beta, 1e-9), 0)
        # What the rival alone explains of all that is found, beyond what the own ink explains.
        power = float(values @ values) + 1e-9
        lead = (np.maximum(q, 0) ** 2 / (c + 1e-9) - max(p, 0) ** 2 / a) / power
        share *= np.clip(lead / FULL_LEAD, 0, 1)
        best = int(share.argmax())
        return float(share[best]), self.chars[best] if share[best] > 0 else ""


def _own_solid(line: Line, cluster: Cluster) -> Plane:
    own = np.zeros_like(line.solid)
    y, x, ink = clipped(cluster.glyph.ink, cluster.y, cluster.x, line.solid.shape)
    own[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
    return own
