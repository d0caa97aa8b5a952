import re

import pytest
from markupsafe import Markup

from textlines.pages.environment import asset, render
from textlines.pages.page import Fact, Section, page


def build() -> str:
    return page(
        "A <b>",
        [Section(f"Part {n}", Markup("<p>x</p>"), lead="Lead & more") for n in range(3)],
        lead="<i>",
        facts=[Fact("Lines", "1 < 2", "note")],
    )


def test_titles_and_texts_are_escaped_and_bodies_are_not() -> None:
    html = build()
    assert "<title>A &lt;b&gt;</title>" in html
    assert "Lead &amp; more" in html
    assert "1 &lt; 2" in html
    assert html.count("<p>x</p>") == 3


def test_a_page_asks_for_nothing() -> None:
    html = build()
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", html)
    assert "@import" not in html
    assert "url(" not in html


def test_a_page_is_the_same_twice_and_ends_in_a_line_feed() -> None:
    assert build() == build()
    assert build().endswith("</html>\n")


def test_a_name_that_nobody_gave_is_an_error() -> None:
    with pytest.raises(Exception, match="'height' is undefined"):
        render("textlines.pages", "gallery.html.j2", pictures=[_Picture()])


class _Picture:
    hint = source = caption = "x"


@pytest.mark.parametrize("name", ["page.css", "table.js"])
def test_assets_cannot_end_their_element(name: str) -> None:
    assert "</" not in asset("textlines.pages", name)


def test_what_is_typed_in_a_lead_is_code_and_an_option_is_not_broken() -> None:
    html = page("A", [Section("B", Markup(""), lead="`--fix OUT` mends it")], finding="see --html")
    assert '<code><span class="option">--fix</span> OUT</code> mends it' in html
    assert '<p class="finding">see <span class="option">--html</span></p>' in html
