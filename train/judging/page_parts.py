"""Characters and faults as buttons of a page, and shares as text."""

from markupsafe import Markup

from textlines.pages.tables import number


def char_button(char: str) -> Markup:
    """Give a character as a button that shows its lines."""
    shown = "␣" if char == " " else char
    return Markup('<button type="button" class="char" data-char="{}">{}</button>').format(
        char, shown
    )


def pair_button(name: str, count: int | None = None) -> Markup:
    """Give a fault as a button that shows its lines."""
    number_ = "" if count is None else Markup(" <b>{}</b>").format(count)
    return Markup('<button type="button" class="chip" data-pair="{}">{}{}</button>').format(
        name, name.replace(" ", "␣"), number_
    )


def percent(share: float) -> str:
    """Write a share (0..1) in percent, with one decimal.

    >>> percent(0.774), percent(1)
    ('77.4 %', '100 %')
    """
    return f"{number(round(share * 100, 1))} %"
