"""`inference.yml`: every entry of a dictionary comes back, whoever reads the file."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.labels.dictionary_files import read_dictionary
from train.models.configuration import MODEL_NAMES, configuration_text, model_name_for
from train.networks.spec import FAMILIES, KNOWN_MODELS

yaml: Any = pytest.importorskip("yaml")

ODD = [
    *("", " ", "  ", "\r", "a\r", "\t", "\u3000", "\xa0", "\x85", "\u2028", "\u2029", "\ufeff"),
    *("'", '"', "''", "\\", "#", "- a", "a: b", ": ", "? ", "&a", "*a", "!a", "%", "@", "`", "|"),
    *("no", "yes", "on", "null", "~", "1", "1.5", "1e3", "0x1f", "1_000", "=", "<<", "2026-11-26"),
    *("[", "]", "{", "}", ",", "---", "...", "\x00", "\x07", "\x7f", "\x80", "\U0001f501"),
    *("㈜회사", "ffi", "a b", "a  b", "e\u0301", "\u1100\u1161", "\u212b", "각", "각"),
    "x " * 60,
]


def dictionary(text: str) -> list[Any]:
    found: list[Any] = yaml.safe_load(text)["PostProcess"]["character_dict"]
    return found


def test_odd_entries_come_back(tmp_path: Path) -> None:
    text = configuration_text("PP-OCRv4_mobile_rec", ODD)
    file = tmp_path / "inference.yml"
    file.write_text(text, encoding="utf-8", newline="\n")
    assert list(read_dictionary(file).entries) == ODD
    assert dictionary(file.read_text(encoding="utf-8")) == ODD


# A surrogate on its own is no text: no UTF-8 file can hold it. A line feed ends an entry.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=5)


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_any_entries_come_back(entries: list[str]) -> None:
    text = configuration_text("PP-OCRv4_mobile_rec", entries)
    # Through bytes, as a file: what is read must not depend on how lines end.
    assert dictionary(text.encode("utf-8").decode("utf-8")) == entries
    base = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    assert base["PostProcess"]["character_dict"] == entries


def test_it_says_what_the_published_files_say() -> None:
    content = yaml.safe_load(configuration_text("PP-OCRv5_mobile_rec", ["a"]))
    assert content["Global"] == {"model_name": "PP-OCRv5_mobile_rec"}
    shapes = {"x": [[1, 3, 48, 160], [1, 3, 48, 320], [8, 3, 48, 3200]]}
    assert content["Hpi"]["backend_configs"] == {
        "paddle_infer": {"trt_dynamic_shapes": shapes},
        "tensorrt": {"dynamic_shapes": shapes},
    }
    operations = content["PreProcess"]["transform_ops"]
    assert [next(iter(one)) for one in operations] == [
        "DecodeImage",
        "MultiLabelEncode",
        "RecResizeImg",
        "KeepKeys",
    ]
    assert operations[0]["DecodeImage"] == {"channel_first": False, "img_mode": "BGR"}
    assert operations[2]["RecResizeImg"] == {"image_shape": [3, 48, 320]}
    assert content["PostProcess"] == {"name": "CTCLabelDecode", "character_dict": ["a"]}


def test_it_is_that_of_the_published_file(skip_or_fail: Any) -> None:
    from train.models.model_sources import resolve

    try:
        published = resolve("PP-OCRv5_mobile_rec", "exported").path / "inference.yml"
    except Exception as error:
        skip_or_fail(str(error))
    want = yaml.load(published.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    entries = read_dictionary(published).entries
    text = configuration_text("PP-OCRv5_mobile_rec", entries)
    assert yaml.load(text, Loader=yaml.CBaseLoader) == want


def test_every_published_model_has_a_name_of_its_family() -> None:
    assert set(MODEL_NAMES) == set(FAMILIES)
    for name, model in KNOWN_MODELS.items():
        assert model_name_for(name, model.family) == name
    assert model_name_for("", "svtr_mobilenet_v3") == "PP-OCRv3_mobile_rec"


def test_the_names_are_those_that_paddlex_knows(skip_or_fail: Any) -> None:
    import importlib.util
    import re

    spec = importlib.util.find_spec("paddlex")
    if spec is None or spec.origin is None:
        skip_or_fail("paddlex is not installed (extra `train`)")
    listed = Path(spec.origin).parent / "modules" / "text_recognition" / "model_list.py"
    # Read, not imported: the package takes seconds.
    known = set(re.findall(r'"([^"]+)"', listed.read_text(encoding="utf-8")))
    ours = {name for names in MODEL_NAMES.values() for name in names}
    assert ours <= known
