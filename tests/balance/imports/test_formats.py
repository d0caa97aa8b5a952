import json
from pathlib import Path
from typing import Any

import pytest

from balance.imports import importing
from balance.imports.box_files import parse_row
from balance.imports.import_records import key_of
from balance.imports.importing import import_lines
from balance.imports.label_studio import find_image, turned
from balance.imports.source_files import ImageFinder
from textlines.errors import InputError
from textlines.formats.run_record import RunRecord
from textlines.labels.lmdb_store import write_lmdb


def det(pages: Any, *texts: str, **more: object) -> str:
    marks = [
        {"transcription": text, "points": quad, **more}
        for text, quad in zip(texts, pages.quads, strict=False)
    ]
    return json.dumps(marks, ensure_ascii=False)


def run(pages: Any, source: str, format: Any, **options: Any) -> dict[str, int]:
    done = import_lines(pages.folder / source, format, pages.folder / "out", **options)
    return done.tally.as_dict()


def test_ppocr_detection_labels(pages: Any) -> None:
    pages.page("img/값 1.png")
    pages.text("det.txt", f"img/값 1.png\t{det(pages, '12.50', '합계', '세로')}\n")
    assert run(pages, "det.txt", "ppocr-det") == {"turned": 1}
    assert pages.labels() == ["12.50", "합계", "세로"]
    assert [crop.shape[:2] for crop in pages.crops()] == [(30, 160), (32, 162), (30, 160)]
    assert all(pages.reads_right(crop) for crop in pages.crops()[:2])


def test_ppocrlabel_names_its_own_folder_first(pages: Any) -> None:
    pages.page("shots/a.png")
    pages.text("shots/Label.txt", f"shots/a.png\t{det(pages, 'A', difficult=True)}\n"
        f"shots\\a.png\t{det(pages, '###', 'B')}\n")  # fmt: skip
    assert run(pages, "shots", "ppocr-det") == {"difficult": 1, "unreadable_mark": 1}
    assert pages.labels() == ["B"]


def test_paths_that_leave_the_folder_are_counted(pages: Any) -> None:
    pages.page("a.png")
    good = det(pages, "x")
    pages.text(
        "in/det.txt",
        f"/etc/a.png\t{good}\n../a.png\t{good}\n../../a.png\t{good}\na.png\t{good}\nno.png\t{good}\n",
    )
    counts = run(pages, "in/det.txt", "ppocr-det")
    assert counts == {"leaves_folder": 2, "absolute_path": 1, "image_missing": 1}
    assert pages.labels() == ["x"]


@pytest.mark.parametrize(
    "begins", ["옛 이름/", "train_data/det/", "C:\\Users\\x\\shots\\", "/home/x/shots/"]
)
def test_pages_are_found_where_their_folder_was_renamed(pages: Any, begins: str) -> None:
    pages.page("shots/a.png")
    pages.page("shots/b.png")
    row = det(pages, "값 1")
    pages.text("shots/Label.txt", f"{begins}a.png\t{row}\n{begins}b.png\t{row}\n")
    counts = run(pages, "shots", "ppocr-det")
    assert counts == {"cut_prefix": 2}
    assert pages.labels() == ["값 1", "값 1"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_crops_are_found_where_their_paths_begin_elsewhere(pages: Any, encoding: str) -> None:
    for name in ("0.png", "1.png"):
        pages.page(f"set/train/{name}")
    rows = "".join(f"train_data/렉/train/{n}.png\t합계 {n}\n" for n in (0, 1))
    pages.text("set/rec_gt.txt", rows.encode(encoding))
    counts = run(pages, "set/rec_gt.txt", "ppocr-rec")
    assert counts == {"cut_prefix": 2, **({"recoded": 1} if encoding != "utf-8" else {})}
    assert pages.labels() == ["합계 0", "합계 1"]


def test_absolute_paths_in_the_folder_are_taken(pages: Any) -> None:
    pages.page("shots/a.png")
    pages.text("shots/Label.txt", f"{pages.folder}/shots/a.png\t{det(pages, 'A')}\n")
    assert run(pages, "shots", "ppocr-det") == {"from_images": 1}
    pages.text("set/rec_gt.txt", f"{pages.folder}/shots/a.png\tA\n")
    done = import_lines(
        pages.folder / "set/rec_gt.txt", "ppocr-rec", pages.folder / "2", images=pages.folder
    )
    assert done.tally.as_dict() == {"from_images": 1}


def test_recognition_crops_keep_their_bytes(pages: Any) -> None:
    crop = pages.page("crop_img/a.png")
    pages.text("rec_gt.txt", "crop_img/a.png\t값 1\ncrop_img/b.png\tx\nno tab\n")
    assert run(pages, ".", "ppocr-rec") == {"image_missing": 1, "no_tab": 1}
    (row,) = (pages.folder / "out/rec_gt.txt").read_text(encoding="utf-8").splitlines()
    path, label = row.split("\t")
    assert label == "값 1" and path.endswith(".png")
    assert (pages.folder / "out" / path).read_bytes() == crop.read_bytes()


def test_lsvt(pages: Any) -> None:
    pages.page("images/gt_0.png")
    quads = pages.quads
    content = {
        "gt_0": [
            {"transcription": "招牌", "points": quads[0], "illegibility": False},
            {"transcription": "###", "points": quads[1], "illegibility": True},
            {"transcription": "弱"},
            {"transcription": 5, "points": quads[0]},
        ],
        "gt_9": [{"transcription": "x", "points": quads[0], "illegibility": False}],
    }
    pages.text("train_full_labels.json", json.dumps(content, ensure_ascii=False))
    counts = run(pages, "train_full_labels.json", "lsvt")
    assert counts == {"image_missing": 1, "malformed": 1, "no_points": 1, "unreadable_mark": 1}
    assert pages.labels() == ["招牌"]


def test_rctw17(pages: Any) -> None:
    pages.page("train_images/image_0.png")
    a, b, c = pages.quads
    pages.text(
        "train_gts/image_0.txt",
        "\ufeff" + pages.row(a, '0,"你好, ""a"') + pages.row(b, '1,"难"') + pages.row(c, '0,"###"'),
    )
    counts = run(pages, "train_gts", "rctw17")
    assert counts == {"difficult": 1, "unreadable_mark": 1}
    assert pages.labels() == ['你好, ""a']


def test_mtwi_goes_round_anticlockwise_and_doubles_its_suffix(pages: Any) -> None:
    (pages.page("image_train/T1.jpg.png")).rename(pages.folder / "image_train/T1.jpg.jpg")
    a = pages.quads[0]
    round_left = [a[0], a[3], a[2], a[1]]
    pages.text(
        "txt_train/T1.jpg.txt", pages.row([[x + 0.25, y] for x, y in round_left], "促销,5折")
    )
    assert run(pages, "txt_train", "mtwi") == {}
    assert pages.labels() == ["促销,5折"] and pages.reads_right(pages.crops()[0])


def test_icdar2015_names_its_files_gt(pages: Any) -> None:
    pages.page("img_1.png")
    a, b, _ = pages.quads
    text = "\ufeff" + pages.row(a, " Genaxis, 7 ") + pages.row(b, "###") + "1,2,3\n\n"
    pages.text("gt_img_1.txt", text.replace("\n", "\r\n"))
    counts = run(pages, ".", "icdar2015")
    assert counts == {"malformed": 1, "stripped": 1, "unreadable_mark": 1}
    assert pages.labels() == ["Genaxis, 7"]


def test_sroie_may_be_in_another_encoding(pages: Any) -> None:
    pages.page("X1.png")
    pages.page("X2.png")
    pages.text("X1.txt", pages.row(pages.quads[0], "数码管价格一百元").encode("gbk"))
    pages.text("X2.txt", b"\xff\xfe\x00" + b"\x81" * 40)
    counts = run(pages, ".", "sroie")
    assert counts == {"not_text": 1, "recoded": 1}
    assert pages.labels() == ["数码管价格一百元"]


def studio_result(key: str, box: list[float], text: str | None, **more: Any) -> list[Any]:
    x, y, wide, high = box
    own = {"id": key, "original_width": 400, "original_height": 300, "image_rotation": 0}
    value = {"x": x / 4, "y": y / 3, "width": wide / 4, "height": high / 3, "rotation": 0} | more
    found = [
        own | {"type": "rectangle", "from_name": "bbox", "value": value},
        own | {"type": "labels", "from_name": "label", "value": value | {"labels": ["Text"]}},
    ]
    if text is not None:
        found.append(own | {"type": "textarea", "value": value | {"text": [text]}})
    return found


def test_label_studio_json(pages: Any) -> None:
    pages.page("upload/1a2b3c4d-page.png")
    brush = {"id": "r", "original_width": 400, "original_height": 300, "value": {"rle": [1]}}
    ring = {"x": 1, "y": 1, "radiusX": 3, "radiusY": 3}
    results = [
        *studio_result("a", [20, 20, 160, 30], "값 1"),
        *studio_result("b", [220, 30, 163, 32], "slant", rotation=10.6),
        *studio_result("c", [20, 20, 160, 30], None),
        brush,
        {"id": "e", "original_width": 400, "original_height": 300, "value": ring},
        {"id": "t", "original_width": 400, "original_height": 300, "image_rotation": 90,
         "value": {"x": 1, "y": 1, "width": 5, "height": 5}},
    ]  # fmt: skip
    task = {
        "id": 7,
        "data": {"ocr": "/data/upload/3/1a2b3c4d-page.png"},
        "annotations": [
            {"was_cancelled": True, "result": []},
            {"result": []},
            {"ground_truth": True, "result": results},
        ],
    }
    pages.text("export.json", json.dumps([task, {"id": 8, "data": {"ocr": "s3://b/no.png"}}, 5]))
    counts = run(pages, "export.json", "label-studio")
    assert counts == {
        "other_shape": 2, "empty_label": 1, "image_missing": 1, "malformed": 1,
        "other_annotation": 1, "turned_page": 1,
    }  # fmt: skip
    assert pages.labels() == ["값 1", "slant"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_label_studio_json_min_and_polygons(pages: Any) -> None:
    pages.page("a.png")
    size = {"original_width": 400, "original_height": 300}
    corners = [[x / 4, y / 3] for x, y in pages.quads[1]]
    box = {"x": 5, "y": 20 / 3, "width": 40, "height": 10, "rotation": 0} | size
    tasks = [
        {"ocr": "/d/a.png", "poly": [box, {"points": corners} | size], "transcription": ["A", "B"]},
        {"ocr": "/d/a.png", "bbox": [box, box], "transcription": "one"},
        {"ocr": "/d/a.png", "transcription": "none"},
    ]
    pages.text("min.json", json.dumps(tasks))
    assert run(pages, "min.json", "label-studio") == {"texts_lost": 2, "not_annotated": 1}
    assert pages.labels() == ["A", "B"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_a_page_of_another_size_than_was_annotated_is_left_out(pages: Any) -> None:
    pages.page("a.png")
    task = {"data": {"ocr": "a.png"}, "annotations": [{"result": [
        *studio_result("a", [20, 20, 160, 30], "A"),
        {"id": "b", "original_width": 800, "original_height": 600,
         "value": {"x": 1, "y": 1, "width": 50, "height": 10}},
        {"id": "b", "value": {"text": "B"}},
    ]}]}  # fmt: skip
    pages.text("x.json", json.dumps([task]))
    assert run(pages, "x.json", "label-studio") == {"size_differs": 1}
    assert pages.labels() == ["A"]


@pytest.mark.parametrize(
    "address",
    ["/data/local-files/?d=shots/a%20b.png", "https://host/x/a%20b.png?sig=1",
     "s3://bucket/a b.png", "/data/upload/1/0123abcd-a b.png"],
)  # fmt: skip
def test_addresses_of_label_studio_lead_to_files(pages: Any, address: str) -> None:
    path = pages.page("deep/er/a b.png")
    assert find_image(address, ImageFinder([pages.folder])) == path


def test_turning_four_times_comes_home() -> None:
    corners = ((10.0, 10.0), (30.0, 10.0), (30.0, 20.0), (10.0, 20.0))
    again = corners
    for _ in range(4):
        again = turned(again, 90)
    for one, other in zip(again, corners, strict=True):
        assert one == pytest.approx(other)


def test_lmdb(pages: Any) -> None:
    data = pages.page("a.png").read_bytes()
    write_lmdb(pages.folder / "store", [(data, "값"), (b"no image", "x"), (data, "###")])
    assert run(pages, "store", "lmdb") == {"image_broken": 1, "unreadable_mark": 1}
    assert pages.labels() == ["값"]
    record = RunRecord.read(pages.folder / "out/run.json")
    assert record.command == "balance import" and record.counts["lines"] == 1
    assert set(record.inputs) == {"data.mdb"}


@pytest.mark.parametrize("row", ["", "1,2,3,4,5,6,7,8", "a,2,3,4,5,6,7,8,x", "1;2;3;4;5;6;7;8;x"])
def test_rows_of_another_form_are_none(row: str) -> None:
    assert parse_row(row, "icdar2015", "x") is None


def test_a_run_that_was_stopped_goes_on(pages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for number in range(4):
        pages.page(f"{number}.png")
        rows.append(f"{number}.png\t{det(pages, f'A{number}', f'B{number}', '세로')}\n")
    source = pages.text("det.txt", "".join(rows))
    cut, made = importing.cut_page, []

    def dying(page: Any, number: int, *others: Any) -> Any:
        made.append(number)
        if number == 3 and made.count(3) == 1:
            raise KeyboardInterrupt
        return cut(page, number, *others)

    monkeypatch.setattr(importing, "cut_page", dying)
    with pytest.raises(KeyboardInterrupt):
        import_lines(source, "ppocr-det", pages.folder / "out")
    journal = pages.folder / "out/import.jsonl"
    assert not (pages.folder / "out/rec_gt.txt").exists() and journal.exists()
    with journal.open("a") as file:
        file.write('{"page": 3, "li')  # killed while it wrote
    done = import_lines(source, "ppocr-det", pages.folder / "out")
    assert (done.lines, done.resumed, made) == (12, 2, [1, 2, 3, 3, 4])
    assert not journal.exists()
    import_lines(source, "ppocr-det", pages.folder / "fresh")
    files = [sorted(p.relative_to(d) for p in d.rglob("*") if p.is_file())
             for d in (pages.folder / "out", pages.folder / "fresh")]  # fmt: skip
    assert files[0] == files[1] and Path("doubts.jsonl") in files[0]
    for name in files[0]:
        assert (pages.folder / "out" / name).read_bytes() == (
            pages.folder / "fresh" / name
        ).read_bytes()


def test_a_journal_of_another_source_is_refused(pages: Any) -> None:
    pages.page("a.png")
    pages.text("det.txt", f"a.png\t{det(pages, 'x')}\n")
    pages.text("out/import.jsonl", '{"key": "other"}\n')
    with pytest.raises(InputError, match="unfinished import of another source"):
        run(pages, "det.txt", "ppocr-det")


def test_a_folder_that_holds_something_is_refused(pages: Any) -> None:
    pages.page("a.png")
    pages.text("det.txt", f"a.png\t{det(pages, 'x')}\n")
    pages.text("out/mine.txt", "x")
    with pytest.raises(InputError, match="is already there"):
        run(pages, "det.txt", "ppocr-det")


def state_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_called_again_when_done_it_has_nothing_to_do(pages: Any) -> None:
    pages.page("a.png")
    source = pages.text("det.txt", f"a.png\t{det(pages, 'x', '###', '세로')}\n")
    first = import_lines(source, "ppocr-det", pages.folder / "out")
    before = state_of(pages.folder / "out")
    again = import_lines(source, "ppocr-det", pages.folder / "out")
    assert (again.lines, again.pages, again.is_whole) == (first.lines, first.pages, True)
    assert again.tally.as_dict() == first.tally.as_dict() == {"turned": 1, "unreadable_mark": 1}
    assert state_of(pages.folder / "out") == before
    with pytest.raises(InputError, match="marked as unreadable"):
        import_lines(source, "ppocr-det", pages.folder / "out", strict=True)
    pages.text("det.txt", f"a.png\t{det(pages, 'other')}\n")
    with pytest.raises(InputError, match="holds the import of another source"):
        import_lines(source, "ppocr-det", pages.folder / "out")
    assert state_of(pages.folder / "out") == before


def test_an_import_whose_labels_were_changed_since_is_not_taken_for_done(pages: Any) -> None:
    pages.page("a.png")
    source = pages.text("det.txt", f"a.png\t{det(pages, 'x')}\n")
    import_lines(source, "ppocr-det", pages.folder / "out")
    pages.text("out/rec_gt.txt", "mine\n")
    with pytest.raises(InputError, match=r"rec_gt\.txt: is not what was imported"):
        import_lines(source, "ppocr-det", pages.folder / "out")
    assert (pages.folder / "out/rec_gt.txt").read_text() == "mine\n"


@pytest.mark.parametrize("kept", [0, 9])
def test_a_full_disk_at_the_first_row_is_no_other_import(pages: Any, kept: int) -> None:
    pages.page("a.png")
    source = pages.text("det.txt", f"a.png\t{det(pages, 'x')}\n")
    head = json.dumps({"key": key_of(source, "ppocr-det", None)})
    pages.text("out/import.jsonl", head[:kept])
    assert run(pages, "det.txt", "ppocr-det") == {}
    assert pages.labels() == ["x"] and not (pages.folder / "out/import.jsonl").exists()


def test_strict_stops_at_the_first_loss(pages: Any) -> None:
    pages.page("a.png")
    pages.text("det.txt", f"a.png\t{det(pages, 'x', '###')}\n")
    with pytest.raises(InputError, match=r"det\.txt:1, line 2: line marked as unreadable"):
        run(pages, "det.txt", "ppocr-det", strict=True)
    assert run(pages, "det.txt", "ppocr-det") == {"unreadable_mark": 1}


def test_a_source_without_a_line_says_what_was_left_out_and_leaves_nothing(pages: Any) -> None:
    pages.text("det.txt", f"a.png\t{det(pages, 'x')}\nno json\n")
    with pytest.raises(InputError, match=r"gives no line \(page whose image is not there"):
        run(pages, "det.txt", "ppocr-det")
    assert not (pages.folder / "out").exists()


@pytest.mark.parametrize(
    ("name", "format", "content", "message"),
    [
        ("a.json", "lsvt", "[]", "is no JSON object of image names"),
        ("a.json", "lsvt", "{", r"a\.json: the annotation is no JSON"),
        ("a.json", "label-studio", "{}", "is no list of tasks"),
        ("a.json", "label-studio", "[" * 100_000, "is nested deeper than 64"),
        ("det.txt", "ppocr-det", b"\xff\xfea\0", r"gives no line .*file that is not UTF-8"),
        ("empty.txt", "ppocr-det", "", "gives no line"),
        ("folder/x.csv", "rctw17", "", "is not there|no"),
    ],
)
def test_sources_of_another_form_are_refused(
    pages: Any, name: str, format: Any, content: Any, message: str
) -> None:
    pages.text(name, content)
    with pytest.raises(InputError, match=message):
        run(pages, name.split("/")[0], format)


def test_loops_of_links_end_and_the_output_is_not_searched(pages: Any) -> None:
    pages.page("img_1.png")
    (pages.folder / "loop").symlink_to(pages.folder, target_is_directory=True)
    pages.page("out2/img_1.png")
    finder = ImageFinder([pages.folder], pages.folder / "out2")
    assert (len(finder), finder.unclear) == (1, [])
