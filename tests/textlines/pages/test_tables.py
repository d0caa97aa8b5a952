import pytest
from markupsafe import Markup

from textlines.pages.tables import Cell, Column, Row, number, table

COLUMNS = [Column("Name"), Column("Count", is_number=True, hint="how often")]


def test_what_goes_into_a_table_is_escaped() -> None:
    html = table(COLUMNS, [("<script>alert(1)</script>", 1), (Markup("<b>x</b>"), 2)])
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<b>x</b>" in html


def test_attributes_of_rows_are_escaped() -> None:
    html = table(COLUMNS, [Row(("a", 1), {"data-char": '">'})])
    assert 'data-char="&#34;&gt;"' in html


def test_cells_sort_by_their_key() -> None:
    html = table(COLUMNS, [("a", Cell("77.4 %", 0.774, "recall"))])
    assert '<td class="number" data-sort="0.774" title="recall">77.4 %</td>' in html


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2 has 1 cells for 2 columns"):
        table(COLUMNS, [("a", 1), ("b",)])


def test_long_tables_get_a_filter_and_empty_ones_say_so() -> None:
    assert 'type="search"' in table(COLUMNS, [("a", 1)] * 12)
    assert 'type="search"' not in table(COLUMNS, [("a", 1)])
    assert "None." in table(COLUMNS, [])


@pytest.mark.parametrize(
    "value, wanted",
    [(0, "0"), (1234567, "1,234,567"), (0.1, "0.1"), (2.0, "2"), (-0.0001, "0")],
)
def test_numbers_are_written_for_people(value: float, wanted: str) -> None:
    assert number(value) == wanted


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("초성 ㅊ", "short"),
        ("epoch-000.txt", "short"),
        ("대소문자 무시", "short"),
        ("여러 글자 대신 한 글자", "phrase"),
        ("취 출 최 충 청 천 책", "sentence"),
        ("라벨에 없는 글자를 규칙으로 인식 결과에 넣으십시오.", "sentence"),
        ("a_folder/with_a_name/that_is_long.jpg", "long"),
        ("가" * 13, ""),
    ],
)
def test_short_texts_stay_whole_and_long_ones_get_room(text: str, style: str) -> None:
    wanted = f'<td class="{style}">' if style else "<td>"
    assert wanted in table([Column("Text")], [(text,)])
