"""Targets are clusters: found, exchanged and put in as such."""

import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from synth.corpus.character_classes import (
    class_of,
    exchanged,
    holds,
    is_cluster,
    is_joined,
    joined_up,
    partners,
    pieces,
)
from textlines.labels.canonical import clusters

MANY = (
    "काक कि क्षत्रिय हिन्दी ก็ไม่น้ำ เด็กๆ நிலா கொடு தமிழ் لَا إِلٰه شَدّ שָׁלוֹם "
    "ᄒᆞᆫ글 나랏말ᄊᆞ미 ☎️☎ 👨‍👩‍👧 🇰🇷🇯🇵 1️⃣2 e̊ṻ̃ ខ្មែរ မြန်မာ བོད་ཡིག 값갑 Ảô 0O1lI 漢字"
)
"""Lines of scripts whose characters are of several code points, and of some that are not."""

CLUSTERS = sorted(
    {c for c in regex.findall(r"\X", unicodedata.normalize("NFC", MANY)) if c.strip()}
)
TEXTS = st.lists(st.sampled_from([*CLUSTERS, " "]), min_size=1, max_size=8).map(
    lambda parts: unicodedata.normalize("NFC", "".join(parts))
)


def test_a_cluster_is_not_held_by_another_that_begins_with_it() -> None:
    assert holds("काक", "का")
    assert holds("काक", "क")
    assert not holds("काका", "क")
    assert not holds("ก็", "ก")
    assert not holds("☎️", "☎")


def test_what_never_stands_alone_is_looked_for_by_its_code_point() -> None:
    assert is_joined("\u0e48")
    assert not is_cluster("\u0e48")
    assert holds("ก่", "\u0e48")
    assert pieces("ก่", "\u0e48") == ("ก", "\u0e48")
    assert class_of("\u0e48") == class_of("\u0e49") != class_of("ก")


def test_clusters_change_places_with_clusters_only() -> None:
    assert exchanged("काक कि", "का", "क") == "कका कि"
    assert exchanged("ก่ก้ก", "ก่", "ก้") == "ก้ก่ก"
    assert exchanged("ก่ก้", "\u0e48", "\u0e49") == "ก้ก่"


def test_an_exchange_that_would_join_its_neighbour_is_none() -> None:
    # ᄀ before ᅡ would compose to 가: another label than the one that was planned.
    assert exchanged("하ᆞ", "ᄒ", "ᄀ") is None
    assert joined_up(("ᄀ", "ᅡ")) is None


@given(text=TEXTS, one=st.sampled_from(CLUSTERS), other=st.sampled_from(CLUSTERS))
def test_an_exchange_twice_is_none_at_all(text: str, one: str, other: str) -> None:
    there = exchanged(text, one, other)
    if there is None or one == other:
        return
    assert unicodedata.is_normalized("NFC", there)
    assert clusters(there).count(one) == clusters(text).count(other)
    assert clusters(there).count(other) == clusters(text).count(one)
    assert exchanged(there, one, other) == text


@given(chars=st.lists(st.sampled_from(CLUSTERS), unique=True, max_size=9))
def test_partners_pair_clusters_of_every_script(chars: list[str]) -> None:
    pairs = partners(tuple(chars))
    assert all(one != other for one, other in pairs)
    assert {char for pair in pairs for char in pair} <= set(chars)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_a_text_holds_each_of_its_clusters(cluster: str) -> None:
    assert holds(f"a {cluster} b", cluster) == (cluster in clusters(f"a {cluster} b"))
