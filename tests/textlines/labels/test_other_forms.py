"""A file of another kind is named by what it holds; garbage is nothing, and never a traceback."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from textlines.labels.lmdb_store import write_lmdb
from textlines.labels.other_forms import HEAD_BYTES, OtherForm, form_of, form_of_box_rows
from textlines.labels.other_json import whole_of

QUAD = "10,10,90,10,90,40,10,40"
POINTS = [[10, 10], [90, 10], [90, 40], [10, 40]]
MARK = json.dumps([{"transcription": "합계 900", "points": POINTS}], ensure_ascii=False)
FLAT = [10, 10, 90, 10, 90, 40, 10, 40]

TEXTS: list[tuple[str, str, str, str]] = [
    ("Label.txt", f"shots/a.jpg\t{MARK}\nshots/b.jpg\t[]\n", "ppocr-det", "a detection label file"),
    ("rec.txt", "a/1.jpg\t값 900\na/2.jpg\tb c\n", "ppocr-rec", "a recognition label file"),
    ("rec.txt", "a, b/1.jpg\t값\n", "ppocr-rec", "a recognition label file"),
    ("rec.txt", "a/0.png\t\n값 900\na/1.png\tb\n", "ppocr-rec", "a recognition label file"),
    ("gt_1.txt", f"{QUAD},1,200\n{QUAD},1,500원\n", "icdar2015", "an ICDAR 2015 box file"),
    ("gt_1.txt", f"{QUAD},1,2,3,4,x\n{QUAD},1,2,3,4,y\n", "icdar2015", "ICDAR 2015"),
    ("Label.txt", f"a.jpg\t{MARK}\na.jpg\tbroken\n", "ppocr-det", "a detection label file"),
    ("rec.txt", '["a.jpg", "b.jpg"]\t값\n', "ppocr-rec", "a recognition label file"),
    ("fileState.txt", "shots/a.jpg\t1\nshots/b.jpg\t1\n", "", "PPOCRLabel's list of what was"),
    ("labels.txt", "0.jpg 값 900\n1.jpg two words\n", "trdg", "as TRDG writes it"),
    ("labels.csv", 'filename,words\n0.jpg,"9,00"\n', "easyocr", "EasyOCR"),
    ("gt.txt", 'word_1.png, "값, 9"\nword_2.png, "b"\n', "icdar-words", "word images of ICDAR"),
    ("gt_1.txt", f"{QUAD},Korean,값 9\n{QUAD},Latin,###\n", "mlt", "an ICDAR MLT box file"),
    ("gt_1.txt", f"{QUAD},Korean 9\n{QUAD},Latin,x\n", "icdar2015", "an ICDAR 2015 box file"),
    ("1.txt", f'{QUAD},0,"값"\n{QUAD},1,"###"\n', "rctw17", "an RCTW-17 box file"),
    ("gt_1.txt", '10, 10, 90, 40, "값, 9"\n', "icdar2013", "an ICDAR 2013 box file"),
    ("gt_1.txt", '10 10 90 40 "값, 9"\n', "icdar2013", "an ICDAR 2013 box file"),
    ("a.log", "[2025/02/18 03:22:54] ppocr INFO: Predicts of a.png:('9', 0.99)\n", "", "a log"),
    ("a.txt", "{'res': {'input_path': 'a.png', 'rec_text': '9'}}\n", "", "PaddleOCR 3 printed"),
    ("a.txt", "a/1.png\t값 9\t0.9971\n", "", "infer_rec.py"),
    ("a.txt", 'a/1.png\t{"Student": {"label": "9", "score": 0.9}}\n', "", "infer_rec.py"),
    ("a.txt", 'a/1.png\t("값 9", 0.99)\n', "", "infer_rec.py"),
    ("a.tsv", "path\ttruth\tprediction\n1.png\ta\tb\n", "", "a table of predictions"),
    ("dict.txt", "\n".join("가나다라마바사아자차카") + "\n", "", "a dictionary"),
    ("rec.yml", "Global:\n  epoch_num: 1\nArchitecture:\n  a: 1\n", "", "a training configuration"),
    ("inference.yml", "PreProcess:\n  a: 1\nPostProcess:\n  b: 2\n", "", "the inference.yml"),
    (
        "a.xml",
        '<?xml version="1.0"?>\n<annotations><version>1.1</version><image id="0"/></annotations>',
        "cvat",
        "CVAT",
    ),
    (
        "a.xml",
        '<images><image><imageName>a.jpg</imageName><words><word x="1"/></words></image></images>',
        "kaist",
        "KAIST",
    ),
    ("a.xml", "<annotation><object><name>a</name></object></annotation>", "", "Pascal VOC"),
    ("a.xml", '<PcGts xmlns="x"><Page/></PcGts>', "", "PAGE XML"),
]

JSONS: list[tuple[object, str, str]] = [
    ({"0.jpg": "값", "1.jpg": "b"}, "doctr", "docTR (crops)"),
    ({"0.jpg": {"polygons": [POINTS], "labels": ["값"]}}, "doctr", "docTR (pages)"),
    ({"labels": {"0": "값"}, "sizes": {}, "num-samples": 1}, "text-renderer", "text_renderer"),
    ({"gt_0": [{"transcription": "招", "points": POINTS}]}, "lsvt", "LSVT"),
    ({"chars": [], "lines": [{"points": FLAT, "transcription": "招", "ignore": 0}]}, "rects",
     "ReCTS"),
    ({"imgs": {"a": {"id": "a", "file_name": "a.jpg"}},
      "anns": {"a_1": {"id": "a_1", "points": FLAT, "utf8_string": "x"}}}, "textocr", "TextOCR"),
    ({"cats": {}, "anns": {"1": {"mask": FLAT, "utf8_string": "x", "legibility": "legible"}},
      "imgs": {}}, "coco-text", "COCO-Text"),
    ({"valid_line": [{"words": []}], "meta": {}}, "cord", "CORD"),
    ({"form": [{"box": [1, 2, 3, 4], "text": "x", "words": []}]}, "funsd", "FUNSD"),
    ({"lang": "ja", "documents": [{"id": "a", "document": []}]}, "xfund", "XFUND"),
    ({"version": "5.4", "flags": {}, "shapes": [{"label": "값", "points": POINTS}],
      "imagePath": "a.jpg"}, "labelme", "of labelme"),
    ({"version": "2.4", "shapes": [{"label": "text", "description": "값", "difficult": False,
      "points": POINTS}], "imagePath": "a.jpg"}, "x-anylabeling", "X-AnyLabeling"),
    ({"images": [{"id": "0", "file_name": "a.jpg"}],
      "annotations": [{"image_id": "0", "text": "값", "bbox": [1, 2, 3, 4]}]}, "aihub", "AI-Hub"),
    ({"Images": {"identifier": "a"}, "bbox": [{"data": "값", "x": [1], "y": [2]}]}, "aihub",
     "AI-Hub"),
    ({"image": [{"name": "a.jpg", "objects": []}]}, "aihub", "AI-Hub"),
    ({"images": {"a.jpg": {"words": {"1": {"points": POINTS}}}}}, "ufo", "UFO"),
    ([{"id": 1, "data": {"ocr": "a.png"}, "annotations": []}], "label-studio", "Label Studio"),
    ([{"ocr": "a.png", "bbox": [{"x": 1, "original_width": 9, "original_height": 9}]}],
     "label-studio", "JSON-MIN"),
    ({"input_path": "a.png", "rec_text": "값", "rec_score": 0.9}, "", "res.json"),
    ({"res": {"rec_texts": ["값"]}}, "", "res.json"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "format", "words"), TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_texts_are_told_by_their_rows_in_any_encoding(
    name: str, content: str, format: str, words: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content.replace("\n", "\r\n").encode(encoding))
    found = form_of(path)
    assert found is not None and found.format == format
    assert words in found.name


@pytest.mark.parametrize(("content", "format", "words"), JSONS)
def test_json_is_told_by_its_keys(content: object, format: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    found = form_of(path)
    assert found is not None and (found.format, words in found.name) == (format, True)


def test_the_start_of_a_long_file_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({f"{n}.jpg": f"값 {n}" for n in range(30_000)}), encoding="utf-8")
    assert path.stat().st_size > 4 * HEAD_BYTES
    assert form_of(path) == OtherForm("the labels.json of docTR (crops)", "doctr")
    # What tells it stands behind the first 64 KiB.
    late = {"imgs": {str(n): {"id": n, "file_name": f"{n}.jpg"} for n in range(5_000)},
            "anns": {"1": {"legibility": "legible", "utf8_string": "x"}}}  # fmt: skip
    path.write_text(json.dumps(late), encoding="utf-8")
    assert form_of(path) == OtherForm("a JSON file of COCO-Text", "coco-text")
    rows = tmp_path / "det.txt"
    rows.write_text(f"a.jpg\t{MARK}\n" * 3_000, encoding="utf-8")
    assert form_of(rows) == OtherForm("a detection label file of PaddleOCR", "ppocr-det")


def test_predictions_of_this_project(tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_text('{"path": "a.jpg", "text": "값", "score": 0.5}\n' * 2, encoding="utf-8")
    assert form_of(path) == OtherForm("predictions of this project, one row a crop")


def test_a_text_of_kraken_stands_beside_its_image(tmp_path: Path) -> None:
    text = tmp_path / "0001.gt.txt"
    text.write_text("값 900\n", encoding="utf-8")
    assert form_of(text) is None
    (tmp_path / "0001.nrm.png").write_bytes(b"")
    found = form_of(text)
    assert found is not None and found.format == "gt-txt"


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"PK\x03\x04abc", "a zip archive (unpack it first)"),
        (b"\x1f\x8b\x08", "a gzip archive (unpack it first)"),
        (b"%PDF-1.7", "a PDF"),
        (b"RIFF\0\0\0\0WEBP", "a WebP image"),
        (b"BM\x36\0\0\0", "a BMP image"),
    ],
)
def test_binary_files_are_named(start: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(start + b"\0" * 40)
    assert form_of(path) == OtherForm(name)


def test_folders(tmp_path: Path) -> None:
    assert form_of(tmp_path) is None
    (tmp_path / "a.jpg").write_bytes(b"")
    assert form_of(tmp_path) == OtherForm("a folder of images")
    (tmp_path / "Label.txt").write_bytes(b"")
    assert form_of(tmp_path) == OtherForm("a folder of PPOCRLabel's", "ppocr-det")
    write_lmdb(tmp_path / "store", [(b"\xff\xd8\xff", "값")])
    assert form_of(tmp_path / "store") == OtherForm("an LMDB", "lmdb")
    found = form_of(tmp_path / "store" / "data.mdb")
    assert found is not None and found.format == "lmdb"


@pytest.mark.parametrize("content", ["BM is how this sentence begins\n", "plain words\n", "", "\n"])
def test_plain_text_is_nothing(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(content, encoding="utf-8")
    assert form_of(path) is None


def test_paths_that_cannot_be_read_are_nothing(tmp_path: Path) -> None:
    assert form_of(tmp_path / "no") is None
    assert form_of(Path("a\0b")) is None
    assert form_of(Path("/dev/zero")) is None


def test_one_row_that_differs_is_no_other_form() -> None:
    rows = [f"{QUAD},Korean,값", f"{QUAD},Seoul, 9"]
    found = form_of_box_rows(rows)
    assert found is not None and found.format == "icdar2015"


@given(st.data())
def test_json_cut_anywhere_is_whole_again(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([content for content, *_ in JSONS]))
    text = json.dumps(content, ensure_ascii=False)
    assert json.loads(whole_of(text)) == content
    cut = text[: data.draw(st.integers(1, len(text)))]
    assert type(json.loads(whole_of(cut))) is type(content)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_garbage_raises_nothing(data: st.DataObject, tmp_path: Path) -> None:
    whole = [content.encode() for _, content, *_ in TEXTS]
    whole += [json.dumps(content).encode() for content, *_ in JSONS]
    kept = bytearray(data.draw(st.sampled_from(whole) | st.binary(max_size=300)))
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(kept)))
        kept[at : at + 1] = data.draw(st.binary(max_size=3))
    name = data.draw(st.sampled_from(["a.txt", "a.json", "a.yml", "a.xml", "a.gt.txt", "a.csv"]))
    (tmp_path / name).write_bytes(kept)
    found = form_of(tmp_path / name)
    assert found is None or found.name
