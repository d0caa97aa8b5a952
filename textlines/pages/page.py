"""One self-contained HTML file: no request leaves it, and it reads in light and in dark."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from textlines.pages.environment import asset, render
from textlines.wording import spoken_language


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes:
        title: its heading; also stands in the list of contents.
        body: HTML, as the functions of this room give it.
        lead: one or two sentences under the heading.
        id: for links to it; empty takes the place number.
        is_wide: uses the whole width of the window.
    """

    title: str
    body: Markup
    lead: str | Markup = ""
    id: str = ""
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure at the head of a page; `note` stands small under it."""

    name: str
    value: str
    note: str = ""


def page(
    title: str,
    sections: Sequence[Section],
    *,
    finding: str | Markup = "",
    lead: str | Markup = "",
    facts: Sequence[Fact] = (),
    styles: Sequence[Markup] = (),
    scripts: Sequence[Markup] = (),
) -> str:
    """Put a page together.

    A content security policy in the page forbids the browser every request. It is in the language
    of `textlines.wording.speaking`.

    Args:
        finding: what came out, in one sentence, before all figures and tables.
        lead: what it is about: the model, the files.
        styles, scripts: CSS and JavaScript beyond those of this room, put in as they are
            (`asset` gives them).

    Returns:
        The whole file, UTF-8, ending in a line feed.
    """
    html = render(
        "textlines.pages",
        "page.html.j2",
        title=title,
        sections=[(section, section.id or f"part-{n}") for n, section in enumerate(sections, 1)],
        finding=finding,
        lead=lead,
        facts=facts,
        styles=[asset("textlines.pages", "page.css"), *styles],
        scripts=[asset("textlines.pages", "table.js"), *scripts],
        language=spoken_language(),
    )
    return str(html).rstrip("\n") + "\n"
