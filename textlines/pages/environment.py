"""The one place where templates are loaded; everything that goes into a page is escaped."""

from functools import lru_cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from textlines.wording import say, say_n, spoken

FOLDER = "templates"


@lru_cache
def environment(package: str) -> Environment:
    """Load templates from the folder `templates` of a package of ours.

    All values are escaped unless they are Markup; a name that the template asks for and nobody
    gave is an error. Templates speak by `say`, as code does, and by `spoken` inside scripts.
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
    return made


def render(package: str, name: str, **values: object) -> Markup:
    """Fill in a template of a package; values are escaped unless they are Markup."""
    return Markup(environment(package).get_template(name).render(**values))


def asset(package: str, name: str) -> Markup:
    """Give a style sheet or a script of a package as it is.

    Raises:
        ValueError: it would end the element that it is put into.
    """
    text = (resources.files(package) / FOLDER / name).read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError(f"{name} holds '</', which ends a <style> or <script> element")
    return Markup(text)
