from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from synth.run.preview_data import RunCounts, pieces_of
from tests.rows import manifest_record
from textlines.formats.manifest import manifest_row
from textlines.labels.canonical import clusters

TEXTS = st.text(st.sampled_from("0Okg값갑 कि\u0e01\u0e49"), max_size=12)
TARGETS = st.lists(st.sampled_from(["0", "O", "kg", "값", " ", "क", "\u0e49"]), max_size=3)


@given(TEXTS, TARGETS)
def test_pieces_are_the_label_and_those_marked_are_targets(text: str, targets: list[str]) -> None:
    pieces = pieces_of(text, targets)
    assert "".join(piece for piece, _ in pieces) == text
    marks = [is_target for _, is_target in pieces]
    assert all(one != other for one, other in pairwise(marks))
    for piece, is_target in pieces:
        if is_target:
            assert not clusters(piece) or any(target in piece for target in targets)
        elif not {"kg", "\u0e49"} & {*targets}:
            assert not {*clusters(piece)} & {*targets}


def test_a_target_is_never_the_half_of_a_cluster() -> None:
    assert pieces_of("कि", ("क",)) == [("कि", False)]
    assert pieces_of("20kg k", ("kg",)) == [("20", False), ("kg", True), (" k", False)]


def test_effects_that_come_as_often_are_counted_in_one_order() -> None:
    names = ["vignette", "defocus", "rough", "side_light", "mottle", "shear"]
    counts = RunCounts()
    counts.add(manifest_row(manifest_record(effects=[[name, {}] for name in names])))
    assert [name for name, _ in counts.effects.most_common()] == sorted(names)


def test_a_line_counts_for_each_family_that_draws_it_and_for_how_it_is_set() -> None:
    counts = RunCounts()
    first = manifest_record()["face"]
    other = first | {"family": "Other Sans", "sha256": "e" * 64}
    bold = first | {"sha256": "d" * 64}
    counts.add(manifest_row(manifest_record(parts=[[0, 1, other], [2, 3, bold]])))
    counts.add(manifest_row(manifest_record(vertical="upright")))
    assert counts.families == {"Own Sans": 2, "Other Sans": 1}
    assert counts.verticals == {"upright": 1}
