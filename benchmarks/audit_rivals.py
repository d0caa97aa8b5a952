"""Which other character would explain the image better than the label's own?"""

from collections.abc import Mapping

import numpy as np
from audit_ink import Cluster, Glyph, Plane
from audit_match import WINDOW, Line, clipped, window_of
from audit_planes import blurred, widest

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
