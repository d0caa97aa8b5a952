"""The numbers of a network, and what is said about a dictionary that does not fit."""

import pytest

from train.networks.spec import FAMILIES, NetworkSpec, dictionary_fault, likely_name


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"classes": 1}, "start at 1"),
        ({"scale": 0.0}, "start at 1"),
        ({"hidden": 100}, "no multiple of 8 heads"),
        ({"height": 32}, "need a height of 48, got 32"),
        ({"form": "half"}, "no network is"),
        ({"family": "svtr_mobilenet_v3", "form": "branches"}, "no training branches"),
        ({"family": "svtr_hgnet_v5", "form": "branches"}, "no training branches"),
    ],
)
def test_a_network_with_impossible_numbers_is_refused(
    numbers: dict[str, object], message: str
) -> None:
    usual: dict[str, object] = {"name": "", "family": "svtr_lcnet_v4", "classes": 40}
    with pytest.raises(ValueError, match=message):
        NetworkSpec(**(usual | numbers))  # type: ignore[arg-type]


def test_a_dictionary_of_another_length_names_both_numbers_and_the_one_that_fits() -> None:
    told = str(dictionary_fault("d.txt", 6_623, True, 18_385))
    assert "d.txt: gives 6,625 classes (blank + 6,623 entries + space)" in told
    assert "the network has 18,385" in told
    assert "PaddleOCR's ppocrv5_dict.txt fits" in told


def test_a_dictionary_that_is_off_by_the_space_names_the_option() -> None:
    assert "With --no-space the numbers agree" in str(dictionary_fault("d", 9, True, 10))
    assert "With --use-space-char the numbers agree" in str(dictionary_fault("d", 9, False, 11))


def test_published_networks_are_known_by_their_classes() -> None:
    assert likely_name("svtr_lcnet_v4", 18_385) == "PP-OCRv5_mobile_rec"
    assert likely_name("svtr_lcnet_v4", 11_947) == "korean_PP-OCRv5_mobile_rec"
    assert likely_name("svtr_mobilenet_v3", 6_625) == "PP-OCRv3_mobile_rec"
    assert likely_name("svtr_hgnet_v4", 6_625) == "PP-OCRv4_server_rec"
    assert likely_name("svtr_hgnet_v4", 15_631) == "PP-OCRv4_server_rec_doc"
    assert likely_name("svtr_hgnet_v5", 18_385) == "PP-OCRv5_server_rec"
    assert likely_name("svtr_lcnet_v6_tiny", 6_906) == "PP-OCRv6_tiny_rec"
    assert FAMILIES["svtr_lcnet_v4"].with_classes(99).classes == 99
