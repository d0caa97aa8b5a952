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

_UNTRIED, _DRAWN, _BREAKS = range(3)

_SKETCH = np.flatnonzero(
    [4 <= k // 16 < 12 and 4 <= k % 16 < 12 and (k // 16 + k % 16) % 2 == 0 for k in range(256)]
)
"""Every other square of the middle of a `Coarse`, which holds the ink of most glyphs. Glyphs that
differ there are no twins; only the few that do not are compared in all squares."""


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
        self._coarse = np.zeros((len(self._chars), 256), np.int32)
        self._sketch = np.zeros((len(self._chars), len(_SKETCH)), np.int32)
        self._drawn = np.full(len(self._chars), _UNTRIED, np.uint8)
        self._held = {char: k for k, (char, _) in enumerate(self._chars)}

    def twins(self, char: str, gid: int) -> tuple[str, ...]:
        """Give the other characters whose ink differs by less than the twin distance."""
        if not self._chars:
            return ()
        apart = np.abs(self._places - np.asarray(self._probe.place(gid)))
        near = (apart[:, :3] <= VISIBLE_EXTENT_SHARE).all(axis=1)
        near &= (apart[:, 3:] <= VISIBLE_PLACE_SHARE).all(axis=1)
        near |= self._gids == gid
        if char in self._held:
            near[self._held[char]] = False
        for k in np.flatnonzero(near & (self._drawn == _UNTRIED)):
            self._draw(int(k))
        # What cannot be drawn looks like nothing, and whoever asks for it learns that.
        others = np.flatnonzero(near & (self._drawn == _DRAWN))
        probe = self._probe
        coarse = probe.coarse(char, gid)
        others = others[least_distance(coarse[_SKETCH], self._sketch[others]) < TWIN_DISTANCE]
        close = least_distance(coarse, self._coarse[others]) < TWIN_DISTANCE
        maybe = [self._chars[k] for k in others[close]]
        if not maybe:
            return ()
        own = probe.ink(char)
        return tuple(
            other
            for other, other_gid in maybe
            if other_gid == gid or ink_distance(own, probe.ink(other)) < TWIN_DISTANCE
        )

    def _draw(self, place: int) -> None:
        try:
            self._coarse[place] = self._probe.coarse(*self._chars[place])
        except BreaksError:
            self._drawn[place] = _BREAKS
            return
        self._sketch[place] = self._coarse[place, _SKETCH]
        self._drawn[place] = _DRAWN
