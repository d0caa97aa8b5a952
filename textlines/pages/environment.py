"""The one place where templates are loaded; everything that goes into a page is escaped."""

import re
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from textlines.wording import say, say_n, spoken

FOLDER = "templates"

_TYPED = re.compile(r"`([^`]+)`")
_OPTION = re.compile(r"(?<![\w\"=/-])--[a-z][\w-]*")
_UNBROKEN = re.compile(r" (?==)|(?<= =) |(?<=\d) (?=%)|(?<=초성|중성|받침) (?=[ㄱ-ㅣ])")


@lru_cache
def environment(package: str) -> Environment:
    """Load templates from the folder `templates` of a package of ours.

    All values are escaped unless they are Markup; a name that the template asks for and nobody
    gave is an error. Templates speak by `say`, as code does, and by `spoken` inside scripts; what a
    sentence sets in backticks is code by the filter `typed`, and `unbroken` keeps figures whole.
    """
    folder = resources.files(package) / FOLDER
    made = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(say=say, say_n=say_n, spoken=spoken)
    made.filters.update(typed=typed, unbroken=unbroken)
    return made


def typed(text: str | Markup) -> Markup:
    """Return a sentence of ours as HTML in which what is typed (`in backticks`) is code.

    For sentences alone: a label or a path may hold backticks of its own.

    >>> typed("`--fix OUT` mends it; < stays")
    Markup('<code><span class="option">--fix</span> OUT</code> mends it; &lt; stays')
    """
    return Markup(_TYPED.sub(r"<code>\1</code>", str(unbroken(text))))


def unbroken(text: str | Markup) -> Markup:
    r"""Return text as HTML whose lines end in no option, no figure and no part of a syllable.

    >>> unbroken("p = 0.02, 5 %, 초성 ㅊ"), unbroken("see --html")
    (Markup('p\xa0=\xa00.02, 5\xa0%, 초성\xa0ㅊ'), Markup('see <span class="option">--html</span>'))
    """
    html = _UNBROKEN.sub("\N{NO-BREAK SPACE}", str(escape(text)))
    return Markup(_OPTION.sub(r'<span class="option">\g<0></span>', html))


def render(package: str, name: str, **values: object) -> Markup:
    """Fill in a template of a package; values are escaped unless they are Markup."""
    return Markup(environment(package).get_template(name).render(**values))


def asset(package: str, name: str) -> Markup:
    """Return a style sheet or a script of a package as it is.

    Raises:
        ValueError: it would end the element that it is put into.
    """
    text = (resources.files(package) / FOLDER / name).read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError(f"{name} holds '</', which ends a <style> or <script> element")
    return Markup(text)
