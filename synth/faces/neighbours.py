"""Which characters of an alphabet a face draws the same as a given one."""

import numpy as np

from synth.faces.breaking import BreaksError
from synth.faces.glyphs import (
    TWIN_DISTANCE,
    VISIBLE_EXTENT_SHARE,
    VISIBLE_PLACE_SHARE,
    GlyphProbe,
    ink_distance,
    least_distance,
)


def _is_drawn(probe: GlyphProbe, char: str, gid: int) -> bool:
    try:
        probe.coarse(char, gid)
    except BreaksError:
        return False
    return True


class Neighbours:
    """The alphabet's characters in one face, to be searched by where their ink lies."""

    def __init__(self, probe: GlyphProbe, characters: frozenset[str]) -> None:
        self._probe = probe
        in_face = [chr(code) for code in probe.metrics.face.unicodes]
        in_face = [char for char in in_face if char in characters]
        self._chars = [(char, gid) for char in in_face if (gid := probe.metrics.nominal(char))]
        places = [probe.place(gid) for _, gid in self._chars]
        self._places = np.asarray(places, np.float64).reshape(len(places), 5)
        self._gids = np.asarray([gid for _, gid in self._chars], np.int64)

    def twins(self, char: str, gid: int) -> tuple[str, ...]:
        """Give the other characters whose ink differs by less than the twin distance."""
        if not self._chars:
            return ()
        apart = np.abs(self._places - np.asarray(self._probe.place(gid)))
        near = (apart[:, :3] <= VISIBLE_EXTENT_SHARE).all(axis=1)
        near &= (apart[:, 3:] <= VISIBLE_PLACE_SHARE).all(axis=1)
        near |= self._gids == gid
        others = [self._chars[k] for k in np.flatnonzero(near) if self._chars[k][0] != char]
        if not others:
            return ()
        probe = self._probe
        # What cannot be drawn looks like nothing, and whoever asks for it learns that.
        others = [other for other in others if _is_drawn(probe, *other)]
        if not others:
            return ()
        coarse = np.stack([probe.coarse(*other) for other in others])
        close = least_distance(probe.coarse(char, gid), coarse) < TWIN_DISTANCE
        maybe = [others[k] for k in np.flatnonzero(close)]
        if not maybe:
            return ()
        own = probe.ink(char)
        return tuple(
            other
            for other, other_gid in maybe
            if other_gid == gid or ink_distance(own, probe.ink(other)) < TWIN_DISTANCE
        )
