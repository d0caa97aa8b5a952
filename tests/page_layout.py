"""What a browser makes of a page at widths that matter: a phone, a small laptop, a desk."""

from pathlib import Path
from typing import Any, NamedTuple

PHONE, LAPTOP, DESK = (400, 800), (1300, 1000), (1400, 1000)

_EDGES = """() => [...document.querySelectorAll("h1, h2, main > section")]
  .filter((one) => one.checkVisibility())
  .map((one) => Math.round(one.getBoundingClientRect().left))"""
_CUT = """() => [...document.querySelectorAll(".table")]
  .filter((one) => one.scrollWidth > one.clientWidth)
  .map((one) => one.closest("section").id + ": " + one.querySelector("thead").textContent.trim())"""
_BROKEN = r"""() => {
  const found = [], range = document.createRange();
  for (const place of document.querySelectorAll("header, td:not(.long)")) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (text.parentElement.closest("code, .path, .label, .spaced")) continue;
      for (const one of text.data.matchAll(/\d[\d.,:]*\d|(초성|중성|받침)\s\S+|--[a-z][a-z-]*/g)) {
        range.setStart(text, one.index);
        range.setEnd(text, one.index + one[0].length);
        const lines = new Set([...range.getClientRects()].filter((box) => box.width)
          .map((box) => Math.round(box.top)));
        if (lines.size > 1) found.push(one[0]);
      }
    }
  }
  return found;
}"""


class Layout(NamedTuple):
    """A page laid out.

    Attributes:
        phone_px: how wide the page is where the window is `PHONE`.
        broken: figures, options and parts of syllables that stand on two lines there.
        cut: tables that are wider than their place in a window of `LAPTOP`.
        edges: where headings and sections begin in a window of `DESK`, in pixels, each once.
        finding: the sentence that stands above figures and tables; "" without one.
        above: what stands before it, from the top of the page, by the elements' names.
    """

    phone_px: int
    broken: list[str]
    cut: list[str]
    edges: list[int]
    finding: str
    above: list[str]


def lay_out(browser: Any, file: Path) -> Layout:
    """Open a page and measure it."""
    page = browser.new_page(viewport=_size(PHONE))
    page.goto(file.as_uri())
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert page.evaluate("innerWidth") == PHONE[0]
    broken = page.evaluate(_BROKEN)
    page.set_viewport_size(_size(LAPTOP))
    cut = page.evaluate(_CUT)
    page.set_viewport_size(_size(DESK))
    edges = sorted(set(page.evaluate(_EDGES)))
    found = page.query_selector("header .finding")
    above = page.evaluate(
        "() => { const all = [...document.querySelector('header').children];"
        " return all.slice(0, all.findIndex((one) => one.matches('.finding')))"
        ".map((one) => one.tagName); }"
    )
    text = found.inner_text() if found else ""
    page.close()
    return Layout(width, broken, cut, edges, text, above)


def _size(window: tuple[int, int]) -> dict[str, int]:
    return {"width": window[0], "height": window[1]}


def require_fit(layout: Layout) -> None:
    """Fail for a page that does not fit.

    It scrolls sideways or breaks figures on a phone, cuts a table, or has two left edges.
    """
    assert layout.phone_px <= PHONE[0]
    assert layout.broken == []
    assert layout.cut == []
    assert len(layout.edges) == 1
