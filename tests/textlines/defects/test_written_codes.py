"""Every code that commands write, as literals: scripts and old records read them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.running import run_here
from textlines.defects import EFFECTS, Defects, Effect
from textlines.defects.of_annotations import IMPORT
from textlines.defects.of_checks import CHECK
from textlines.defects.of_lines import LABEL_FILE, MIX
from textlines.defects.of_lines import PADDLEOCR as OF_PADDLEOCR
from textlines.defects.of_lines import TRAINING as OF_TRAINING
from textlines.defects.of_queues import CUTTING, LABELLED, LISTING
from textlines.defects.of_readings import JUDGED as OF_JUDGED
from textlines.defects.of_readings import PREDICTION, READING, SHARED, STOP_FAULTS
from textlines.defects.of_texts import CORPUS, PLAN, RUN

Codes = Mapping[str, str]
"""Codes, parted by blanks, by what becomes of what they are counted for."""

LABEL_FILES: Codes = {
    "left_out": "absolute_path blank_line control empty_label empty_path extra_tab "
    "image_list_broken leaves_folder line_too_long missing_image no_tab not_utf8 nul",
    "changed": "backslash bom crlf cut_prefix from_images image_list nfd",
}

STRICT = (
    "absolute_path control empty_label empty_path extra_tab image_list_broken leaves_folder "
    "line_too_long missing_image no_tab not_utf8 nul"
)

MIXES: Codes = {
    "left_out": f"{LABEL_FILES['left_out']} ctc_infeasible empty outside_dictionary repeated_line "
    "too_long",
    "changed": LABEL_FILES["changed"],
    "kept": "compat_jamo double_space leading_space loose_jamo nbsp over_caps trailing_space "
    "zero_width",
}

IMPORTS: Codes = {
    "left_out": f"{LABEL_FILES['left_out']} beyond_count broken_file choice_only counted_too_many "
    "difficult empty_image image_broken image_missing image_too_long key_twice malformed "
    "missing_label no_crop no_image_named no_points no_text not_annotated not_text "
    "other_annotation other_form other_shape other_text placeholder predictions_only "
    "several_lines size_differs text_is_box texts_lost turned_page two_tools unreadable_mark",
    "there": f"{LABEL_FILES['changed']} difficult_taken from_zero image_twice joined_texts "
    "maybe_placeholder meta_text named_texts part_of_line read_down read_up recoded start_moved "
    "stripped tall_character tall_pair turned turned_pair uncounted upside_down",
}

PREDICTIONS: Codes = {
    "left_out": f"{LABEL_FILES['left_out']} ambiguous_name bad_columns bad_truth crop_broken "
    "crop_empty crop_missing crop_not_an_image crop_too_large crop_truncated crop_unreadable "
    "no_label no_prediction no_text repeated_label repeated_prediction several_texts "
    "unmatched_mark unreadable_entry",
    "there": f"{LABEL_FILES['changed']} bad_score han_apart matched_by_folder matched_by_name "
    "matched_by_tail not_shown other_column reads_outside_dictionary truth_replaced",
}

STRICT_PREDICTIONS = (
    "ambiguous_name bad_columns bad_truth no_label no_prediction no_text repeated_label "
    "repeated_prediction several_texts unmatched_mark unreadable_entry"
)

JUDGED = "nothing_to_compare repeated_image"
TRAINING = "control ctc_infeasible empty missing_image outside_dictionary too_long unreadable_image"
PADDLEOCR = "outside_dictionary several_characters squeezed too_long"

STOPPED_BY = (
    "stop_broken stop_empty stop_missing stop_not_an_image stop_too_large stop_truncated "
    "stop_unreadable"
)

SHARES: Codes = {
    "left_out": f"{LABEL_FILES['left_out']} marked_out unmatched_mark",
    "changed": LABEL_FILES["changed"],
    "kept": "image_copied",
}

QUEUES: Codes = {
    "left_out": "bad_box broken_page changed labelled_before missing no_image no_page no_result "
    "odd_path",
    "kept": "no_line",
}

TEXTS: Codes = {
    "left_out": "blank_line cluster_too_long control line_too_long not_utf8",
    "changed": "bom cut doubled_spaces edge_spaces invisible nfd odd_spaces",
}

PLANS = (
    f"{LABEL_FILES['left_out']} {LABEL_FILES['changed']} cluster_too_long ctc_infeasible cut "
    "doubled_spaces edge_spaces empty empty_file excluded invisible no_carrier no_face odd_spaces "
    "other_file outside_dictionary rule_control rule_ctc_infeasible rule_empty rule_excluded "
    "rule_outside_dictionary rule_too_long too_long"
)

RUNS_WITHOUT: Codes = {
    "text: ": f"{LABEL_FILES['left_out']} cluster_too_long empty_file no_reading other_file "
    "read_once",
    "font: ": "bitmap_only breaks broken duplicate empty no_cmap not_a_font pictures truncated "
    "unknown_licence unreadable",
    "photo: ": "broken empty not_an_image other_file same_content too_large too_small truncated "
    "unreadable unused",
}
"""By what their codes begin with; those of fonts have blanks for what stands here as _."""

RUNS_WITH: Codes = {
    "text: ": f"{LABEL_FILES['changed']} cut doubled_spaces edge_spaces invisible odd_spaces",
}

CHECKS: Codes = {
    "drops": "absolute_path binary control ctc_infeasible empty empty_path encoding extra_tab "
    "image_blank image_broken image_empty image_list_broken image_missing image_too_large "
    "image_truncated image_unreadable label_conflict leak_group leak_image leak_near "
    "leak_text_face leaves_folder line_too_long no_tab odd_path outside_dictionary too_long",
    "error": "changed_while_read char_scarce dictionary_foreign dictionary_moved no_lines "
    "paths_do_not_fit synthetic_in_val unusable_file",
    "warning": "backslash blank_line bom char_few compat_jamo crlf dictionary_blank "
    "dictionary_changed dictionary_control dictionary_duplicate dictionary_file "
    "dictionary_space_twice double_space drift_charset drift_length drift_space drift_width "
    "duplicate_image duplicate_line few_lines from_images group_unmatched image_alpha "
    "image_aspect image_cmyk image_exif image_list image_sideways image_tiny image_turned "
    "label_convention label_suspect label_unlike leading_space leak_near_short loose_jamo nbsp "
    "near_conflict near_duplicate nfd order_mixed ratio trailing_space visual_order zero_width",
    "note": "cut_prefix dictionary_nfc dictionary_space label_edge prediction_unmatched",
}


def codes_of(defects: Defects, effect: Effect) -> set[str]:
    return {code for code, one in defects.items() if one.effect == effect}


def test_codes_of_label_files() -> None:
    for effect in EFFECTS:
        assert codes_of(LABEL_FILE, effect) == set(LABEL_FILES.get(effect, "").split())
    assert {code for code, one in LABEL_FILE.items() if one.is_error} == set(STRICT.split())


def test_codes_of_mixes() -> None:
    for effect in EFFECTS:
        assert codes_of(MIX, effect) == set(MIXES[effect].split())


def test_codes_of_imports() -> None:
    lost = codes_of(IMPORT, "left_out")
    assert lost == set(IMPORTS["left_out"].split())
    assert set(IMPORT) - lost == set(IMPORTS["there"].split())


def test_codes_of_predictions() -> None:
    lost = codes_of(READING, "left_out")
    assert lost == set(PREDICTIONS["left_out"].split())
    assert set(READING) - lost == set(PREDICTIONS["there"].split())
    strict = {code for code, one in PREDICTION.items() if one.is_error}
    assert strict == set(STRICT_PREDICTIONS.split())
    assert set(OF_JUDGED) == set(JUDGED.split())


def test_codes_of_lines_that_are_not_trained_on() -> None:
    assert set(OF_TRAINING) == set(TRAINING.split())
    assert set(OF_PADDLEOCR) == set(PADDLEOCR.split())


def test_codes_of_crops_to_stop_by() -> None:
    assert codes_of(STOP_FAULTS, "left_out") == set(STOP_FAULTS) == set(STOPPED_BY.split())


def test_codes_of_lines_that_are_given_roles() -> None:
    for effect in EFFECTS:
        assert codes_of(SHARED, effect) == set(SHARES[effect].split())


def test_codes_of_crops_on_their_way_through_a_queue() -> None:
    queued = {**LISTING, **CUTTING, **LABELLED}
    assert len(queued) == len(LISTING) + len(CUTTING) + len(LABELLED)
    for effect in EFFECTS:
        assert codes_of(queued, effect) == set(QUEUES.get(effect, "").split())


def test_codes_of_texts_that_are_drawn() -> None:
    for effect in EFFECTS:
        assert codes_of(CORPUS, effect) == set(TEXTS.get(effect, "").split())
    assert set(PLAN) == set(PLANS.split())


def test_codes_of_runs() -> None:
    lost = codes_of(RUN, "left_out")
    for codes, found in ((RUNS_WITHOUT, lost), (RUNS_WITH, set(RUN) - lost)):
        assert found == {
            kind + (code.replace("_", " ") if kind == "font: " else code)
            for kind, listed in codes.items()
            for code in listed.split()
        }


def test_codes_of_checks() -> None:
    drops = {code for code, one in CHECK.items() if one.is_error and one.is_loss}
    found = {
        severity: {code for code, one in CHECK.items() if one.severity == severity} - drops
        for severity in ("error", "warning", "note")
    }
    wanted = {kind: set(codes.split()) for kind, codes in CHECKS.items()}
    assert found | {"drops": drops} == wanted


def crop(path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 255, (32, 120, 3))
    done, data = cv2.imencode(".png", noise.astype(np.uint8))
    assert done
    path.write_bytes(data.tobytes())


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """A label file with most faults that one can have, beside its crops."""
    for number in range(24):
        crop(tmp_path / f"{number}.png", number)
    rows = [
        b"\xef\xbb\xbf0.png\tplain",
        b"1.png\tline end\r",
        b"2.png\t\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",  # to be composed
        b".\\3.png\tbackslash",
        b'["4.png", "5.png"]\ttwo images',
        b"",
        b"no tab",
        b"6.png\ttwo\ttabs",
        b"\tno path",
        b"/elsewhere/7.png\tabsolute",
        b"../8.png\toutside",
        b'["9.png"\tbroken list',
        b"none.png\tno image",
        b"10.png\t",
        b"11.png\ta\x07b",
        b"12.png\tN\0L",
        b"13.png\t\xb0\xa1",
        b"14.png\t" + b"x" * 100_000,
        "15.png\t중국 漢".encode(),
        b"16.png\t" + b"long " * 10,
        b"17.png\t two  blanks ",
        "18.png\tㅎ\u00a0\u200b\u1112".encode(),
        b"19.png\tplain again",
        b"19.png\tplain again",
    ]
    file = tmp_path / "gt.txt"
    file.write_bytes(b"\n".join(rows) + b"\n")
    return file


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    file = tmp_path / "dictionary.txt"
    letters = [*map(chr, range(0x21, 0x7F)), *"한중국ㅎ\u1112\u00a0\u200b"]
    file.write_text("".join(f"{letter}\n" for letter in letters), encoding="utf-8")
    return file


def counts_of(run: Any) -> dict[str, int]:
    assert run.returncode in (0, 1), run.stderr
    counts = json.loads(run.stdout)["counts"]
    assert isinstance(counts, dict)
    return counts


def test_what_check_writes_of_a_messy_file(messy: Path, dictionary: Path) -> None:
    run = run_here("balance", "check", messy, "--dictionary", dictionary, "--no-cache", "--json")
    found = json.loads(run.stdout)["codes"]
    errors = (
        "absolute_path binary control ctc_infeasible empty empty_path encoding extra_tab "
        "image_list_broken image_missing leaves_folder line_too_long no_tab outside_dictionary "
        "too_long"
    )
    warnings = (
        "backslash blank_line bom compat_jamo crlf double_space duplicate_line few_lines "
        "image_list leading_space loose_jamo nbsp nfd zero_width"
    )
    assert {code: (one["severity"], one["count"]) for code, one in found.items()} == {
        **dict.fromkeys(errors.split(), ("error", 1)),
        **dict.fromkeys(warnings.split(), ("warning", 1)),
        "trailing_space": ("warning", 2),
        "char_few": ("warning", 25),
        "dictionary_space": ("note", 1),
    }


def test_what_an_import_writes_of_a_messy_file(messy: Path, tmp_path: Path) -> None:
    run = run_here("balance", "import", "ppocr-rec", messy, "--out", tmp_path / "out", "--json")
    lost = (
        "absolute_path blank_line control empty_label empty_path extra_tab image_list_broken "
        "leaves_folder line_too_long no_tab nul"
    )
    assert counts_of(run) == {
        **{f"changed: {code}": 1 for code in ("backslash", "crlf", "image_list", "recoded")},
        **{f"left out: {code}": 1 for code in lost.split()},
        "left out: image_missing": 2,
        "changed: stripped": 2,
    }


MIXED_FROM_MESSY = (
    "absolute_path backslash blank_line bom compat_jamo control crlf double_space empty_label "
    "empty_path extra_tab image_list image_list_broken leading_space leaves_folder line_too_long "
    "loose_jamo missing_image nbsp nfd no_tab not_utf8 nul outside_dictionary too_long "
    "trailing_space zero_width"
)


def test_what_a_mix_writes_of_a_messy_file(messy: Path, dictionary: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    new.write_text("20.png\tnew\n", encoding="utf-8")
    run = run_here(
        *("balance", "mix", "--original", messy, "--new", new, "--dictionary", dictionary),
        *("--max-length", 25, "--out", tmp_path / "mix", "--check-images", "stat"),
    )
    assert run.returncode == 0, run.stderr
    counts = json.loads((tmp_path / "mix" / "mix.json").read_text(encoding="utf-8"))["counts"]
    assert counts == {
        **{f"original/{code}": 1 for code in MIXED_FROM_MESSY.split()},
        "original/lines": 24,
        "original/usable": 10,
        "new/lines": 1,
        "new/usable": 1,
    }


READ_FROM_MESSY = (
    "absolute_path backslash bad_columns blank_line bom control crlf empty_label empty_path "
    "extra_tab image_list image_list_broken leaves_folder line_too_long nfd no_tab not_utf8 nul "
    "repeated_label repeated_prediction"
)


def test_what_evaluate_and_mine_write_of_a_messy_file(messy: Path, tmp_path: Path) -> None:
    table = tmp_path / "read.tsv"
    rows = [f"{number}.png\tplain\t0.9\n" for number in (0, 0, 1, 2, 3, 15, 17)]
    table.write_text("path\tprediction\tscore\n" + "".join(rows) + "x.png\t\n", encoding="utf-8")
    marks = tmp_path / "marks.tsv"
    marks.write_text("path\tmark\n99.png\tignore\n", encoding="utf-8")
    read = dict.fromkeys(READ_FROM_MESSY.split(), 1) | {"no_prediction": 6}
    asked = ("--predictions", table, "--labels", messy)
    assert counts_of(run_here("train", "evaluate", *asked, "--json")) == read
    out = tmp_path / "profile.json"
    run = run_here("train", "mine", *asked, "--marks", marks, "--out", out)
    assert run.returncode == 0, run.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["counts"] == {
        **read,
        "unmatched_mark": 1,
    }
