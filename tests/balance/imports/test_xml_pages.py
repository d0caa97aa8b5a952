"""XML of KAIST and CVAT, without entities, and never deeper than it may be."""

from typing import Any

import pytest

from balance.imports.importing import import_lines
from textlines.errors import InputError


def run(pages: Any, content: str | bytes, format: Any, name: str = "page.xml") -> dict[str, int]:
    pages.page("page.png")
    pages.text(name, content)
    return import_lines(pages.folder / name, format, pages.folder / "out").tally.as_dict()


def word(box: tuple[int, int, int, int], text: str) -> str:
    x, y, wide, high = box
    chars = "".join(f'<character x="1" y="1" width="5" height="9" char="{c}"/>' for c in text)
    return f'<word x="{x}" y="{y}" width="{wide}" height="{high}">{chars}</word>'


def kaist(*words: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return (
        f"{head}<images><image><imageName>page.png</imageName><resolution x='400' y='300'/>"
        f"<illumination>no</illumination><words>{''.join(words)}</words></image></images>"
    )


def test_kaist_spells_words_by_their_characters(pages: Any) -> None:
    content = kaist(
        word((20, 20, 160, 30), "남대문"),
        word((20, 20, 160, 30), ""),
        '<word x="20" y="20" width="16"><character char="a"/></word>',
        '<word x="1" y="2" width="30" height="40"><character/></word>',
    )
    assert run(pages, content, "kaist") == {"empty_label": 2, "malformed": 1}
    assert pages.labels() == ["남대문"]
    assert pages.reads_right(pages.crops()[0])


def test_kaist_in_the_encoding_that_it_declares(pages: Any) -> None:
    head = '<?xml version="1.0" encoding="euc-kr"?>'
    content = kaist(word((20, 20, 160, 30), "남대문시장"), head=head).encode("cp949")
    assert run(pages, content, "kaist") == {"recoded": 1}
    assert pages.labels() == ["남대문시장"]


def cvat(
    *shapes: str, image: str = '<image id="0" name="d/page.png" width="400" height="300">'
) -> str:
    return f"<annotations><version>1.1</version>{image}{''.join(shapes)}</image></annotations>"


def attribute(name: str, value: str) -> str:
    return f'<attribute name="{name}">{value}</attribute>'


def test_cvat_has_the_text_in_an_attribute(pages: Any) -> None:
    box = '<box label="line" xtl="20" ytl="20" xbr="180" ybr="50">'
    text = attribute("Text", "값 &lt;1&gt;")
    content = cvat(
        f"{box}{text}{attribute('kind', 'x')}</box>",
        f"{box}{attribute('memo', 'alone')}</box>",
        f"{box}{attribute('a', 'x')}{attribute('b', 'y')}</box>",
        f"{box}</box>",
        f"{box}{text}{attribute('illegible', 'true')}</box>",
        f"{box}{text}{attribute('illegible', 'false')}</box>",
        f'<polygon points="220,30;380,60;374,92;214,62">{attribute("text", "slant")}</polygon>',
        f'<polygon points="220,30;380">{text}</polygon>',
        f'<polyline points="1,2;3,4">{text}</polyline><tag label="page"/>',
    )
    counts = run(pages, content, "cvat")
    assert counts == {"no_text": 2, "malformed": 1, "other_shape": 1, "difficult": 1}
    assert pages.labels() == ["값 <1>", "alone", "값 <1>", "slant"]
    assert all(pages.reads_right(crop) for crop in pages.crops())


def test_cvat_turns_a_box_about_its_middle(pages: Any) -> None:
    # The slanted line of the page: 163 x 32, turned by 10.6 degrees about its middle.
    x, y = 297.0, 61.0
    box = (
        f'<box xtl="{x - 81.5}" ytl="{y - 16}" xbr="{x + 81.5}" ybr="{y + 16}" rotation="10.62">'
        f"{attribute('text', 'slant')}</box>"
    )
    assert run(pages, cvat(box), "cvat") == {}
    (crop,) = pages.crops()
    assert pages.reads_right(crop) and crop.shape[0] in (31, 32)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<annotations>", r"page\.xml:1: the annotation is no XML \(no element found\)"),
        ("<annotations>\n<a></b></annotations>", r":2: the annotation is no XML \(mismatched tag"),
        ("", "the annotation is no XML"),
        ("<a/>", "begins with <a>, not with <annotations>"),
        ("<annotations><track/></annotations>", "holds tracks of a video: export as CVAT for im"),
        ("<a>" * 100, "is nested deeper than 64"),
        ("<a>" * 100_000, "is nested deeper than 64"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><annotations/>', "has a document type, which is not read"),
        ('<!doctype a SYSTEM "file:///etc/passwd"><annotations/>', "has a document type"),
        ("<annotations>&undefined;</annotations>", "the annotation is no XML"),
        ("<annotations>\0</annotations>", "the annotation"),
        (b"\xff\xff<annotations/>", "the annotation"),
    ],
)
def test_what_is_no_such_xml_is_refused(content: str | bytes, told: str, pages: Any) -> None:
    with pytest.raises(InputError, match=told):
        run(pages, content, "cvat", "page.xml")


def test_images_without_a_name_are_counted(pages: Any) -> None:
    box = f'<box xtl="20" ytl="20" xbr="180" ybr="50">{attribute("text", "a")}</box>'
    content = (
        f'<annotations><image id="1">{box}</image><image name="page.png">{box}</image>'
        f'<image name="other.png">{box}</image><image name="page.png"/></annotations>'
    )
    counts = run(pages, content, "cvat")
    assert counts == {"no_image_named": 1, "image_missing": 1, "not_annotated": 1}
    assert pages.labels() == ["a"]
