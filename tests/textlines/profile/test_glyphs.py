"""Glyphs are measured: which Han characters of a face look alike."""

import subprocess
import sys

import pytest

from textlines.profile import glyphs
from textlines.profile.glyphs import glyphs_at_hand
from textlines.profile.han import common_han

FACE = glyphs_at_hand()
needs_face = pytest.mark.skipif(FACE is None, reason="no face with Han is installed")


def homes(groups):
    return {char: group for group in groups for char in group}


@needs_face
def test_characters_that_people_mistake_are_in_one_group():
    found = homes(FACE.groups("未己人土大天", common_han()))
    for one, other in ("未末", "己已", "已巳", "人入", "土士", "大太", "天夭"):
        assert other in found[one]
    assert "龙" not in found["未"]


@needs_face
def test_groups_are_disjoint_small_and_hold_what_was_asked():
    wanted = common_han()[::40]
    groups = FACE.groups(wanted, common_han())
    members = [char for group in groups for char in group]
    assert len(members) == len(set(members))
    assert all(1 < len(group) <= glyphs.MOST and set(group) & set(wanted) for group in groups)
    assert len(groups) > len(wanted) / 3
    assert groups == FACE.groups(wanted[::-1], common_han()[::-1])


@needs_face
def test_what_the_face_lacks_is_in_no_group():
    assert FACE.groups("\U0003fffd", common_han()[:50]) == ()
    assert FACE.groups("未", ()) == ()
    assert FACE.groups("未末", ()) == (("未", "末"),)


def test_no_package_is_imported_and_no_face_is_none(monkeypatch):
    told = (
        "import sys; from textlines.profile.glyphs import glyphs_at_hand; glyphs_at_hand();"
        "print([name for name in sys.modules if 'pylopdf' in name or name in ('PIL', 'fontTools')])"
    )
    shown = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    monkeypatch.setattr(glyphs, "PACKAGES", ("no_such_package_of_fonts",))
    monkeypatch.setattr(glyphs, "SYSTEM", ())
    assert glyphs_at_hand() is None
