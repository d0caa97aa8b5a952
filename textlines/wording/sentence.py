"""A sentence that knows its template and what fills it."""

import string
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from textlines.wording.catalogue import catalogue
from textlines.wording.languages import Language, spoken_language
from textlines.wording.particles import with_particle

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

_FORMATTER = string.Formatter()

Said = Mapping[str, Any]
"""A sentence as a file keeps it (`Sentence.record`): its template, and what fills it."""


class Sentence(str):
    """English as a string, and in the language of the page as HTML.

    So it can stand wherever text does: what prints it, compares it or writes it as JSON has the
    English; what puts it into a page (a template, `Markup.format`, `escape`) has the page's.
    Joined by `+`, `join` or an f-string it is plain English from there on: `joined` and
    `arranged` keep what it is.

    Attributes:
        template: English with named placeholders, `{count:,} lines`; the msgid. `!c` writes the
            first letter of what fills it as a capital, `!r` sets it in quotes.
        arguments: what fills them; may be sentences themselves.
        many: the msgid's plural form, "" without. context: tells apart what is one in English.
    """

    __slots__ = ("arguments", "context", "many", "template")

    template: str
    arguments: Mapping[str, object]
    many: str
    context: str

    def __new__(
        cls,
        template: str,
        arguments: Mapping[str, object] | None = None,
        *,
        many: str = "",
        context: str = "",
    ) -> "Sentence":
        """Make a sentence; `say` and its like are the way to call this."""
        values = arguments or {}
        chosen = many if many and values.get("n") != 1 else template
        self = super().__new__(cls, _filled(chosen, values, "en") if values else chosen)
        self.template, self.arguments, self.many, self.context = template, values, many, context
        return self

    def spoken(self, language: Language) -> str:
        """Return it in a language; what its catalogue lacks is in English."""
        if language == "en":
            return str(self)
        template = catalogue(language).get((self.context, self.template))
        if template is None:
            is_many = self.many and self.arguments.get("n") != 1
            template = self.many if is_many else self.template
        return _filled(template, self.arguments, language) if self.arguments else template

    def filled(self, **arguments: object) -> "Sentence":
        """Return the sentence of a template that stands somewhere as a constant.

        >>> say("{count} frequent words").filled(count=3)
        '3 frequent words'
        """
        return Sentence(self.template, arguments, many=self.many, context=self.context)

    @classmethod
    def of(cls, text: str) -> "Sentence":
        """Return a sentence as it is, and other text as one that no catalogue knows."""
        return text if isinstance(text, Sentence) else cls(text)

    def record(self) -> Said:
        """Return it as JSON's values, for a file that a later page is made from.

        >>> say("{count:,} lines", count=1200).record()
        {'text': '{count:,} lines', 'values': {'count': 1200}}
        """
        values = {name: _value(value) for name, value in self.arguments.items()}
        parts = {"many": self.many, "context": self.context, "values": values}
        return {"text": self.template} | {name: one for name, one in parts.items() if one}

    def record_of_figures(self) -> Said:
        """Return the record of a sentence that says more than its own text; {} of another."""
        return self.record() if self.arguments else {}

    def as_said(self, record: Said) -> "Sentence":
        """Return the sentence that a file keeps in words, from the record beside it if it has one.

        Raises:
            ValueError: the record is none.
        """
        return self.of_record(record) if record else self

    @classmethod
    def of_record(cls, record: Said) -> "Sentence":
        """Return what `record` was made of.

        Raises:
            ValueError: it is no such record, or its template asks for what it does not hold.

        >>> Sentence.of_record({"text": "{count:,} lines", "values": {"count": 1200}})
        '1,200 lines'
        """
        try:
            values = {
                name: cls.of_record(value) if isinstance(value, Mapping) else value
                for name, value in record.get("values", {}).items()
            }
            return cls(
                record["text"],
                values,
                many=record.get("many", ""),
                context=record.get("context", ""),
            )
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"is no record of a sentence ({error!r})") from error

    def __html__(self) -> Markup:
        return escape(self.spoken(spoken_language()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.template, dict(self.arguments), self.many, self.context)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> "CoreSchema":
        """Keep a sentence as it is, and take a string (of a file) for one without placeholders."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            _validated,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema()
            ),
        )


UNSAID = Sentence("")
"""Stands where there is nothing to say."""


def say(template: str, /, *, context: str = "", **arguments: object) -> Sentence:
    """Return a sentence that pages can show in another language.

    Args:
        template: a literal in the source, as what catalogues hold is taken from there. A brace is
            doubled only where something is filled in.
        context: tells apart what is alike in English and not in other languages.

    >>> print(say("{count:,} lines of {name}", count=1200, name="a.txt"))
    1,200 lines of a.txt
    """
    return Sentence(template, arguments, context=context)


def say_n(one: str, many: str, /, n: float, **arguments: object) -> Sentence:
    """Return a sentence whose English depends on a number, which it can name as `{n}`.

    >>> print(say_n("{n:,} line", "{n:,} lines", 1), say_n("{n:,} line", "{n:,} lines", 1200))
    1 line 1,200 lines
    """
    return Sentence(one, {"n": n, **arguments}, many=many)


def arranged(layout: str, /, **arguments: object) -> Sentence:
    """Set out sentences and data in a form that is the same in every language.

    >>> print(arranged("{title!c} ({count:,})", title=say("broken lines"), count=12))
    Broken lines (12)
    """
    return Sentence(layout, arguments)


def joined(separator: str, parts: Iterable[str]) -> Sentence:
    """Join sentences, which stay what they are; so may what stands between them be one.

    >>> print(joined(", ", [say("lost"), say("inserted")]))
    lost, inserted
    """
    listed = list(parts)
    layout = "{between}".join(f"{{p{at}}}" for at in range(len(listed)))
    named = {f"p{at}": part for at, part in enumerate(listed)}
    return Sentence(layout, {"between": separator, **named})


def spoken(text: str) -> str:
    """Return text in the language of the page: for what is no HTML there, such as a script's data.

    A string that is no sentence is data, and returned as it is.
    """
    return text.spoken(spoken_language()) if isinstance(text, Sentence) else text


def _value(value: object) -> object:
    if isinstance(value, Sentence):
        return value.record()
    return value if isinstance(value, (int, float, str)) else str(value)


def _again(
    template: str, arguments: Mapping[str, object], many: str, context: str
) -> Sentence:  # for pickle
    return Sentence(template, arguments, many=many, context=context)


def _validated(value: object) -> Sentence:
    if isinstance(value, Sentence):
        return value
    if isinstance(value, str):
        return Sentence(value)
    from pydantic_core import PydanticCustomError

    raise PydanticCustomError("string_type", "Input should be a valid string")


def _filled(template: str, arguments: Mapping[str, object], language: Language) -> str:
    """Fill in a template; sentences among the arguments are said in the same language."""
    parts: list[str] = []
    for literal, name, spec, conversion in _FORMATTER.parse(template):
        has_word_before = language == "ko" and len(parts) > 0
        parts.append(with_particle(literal, parts[-1]) if has_word_before else literal)
        if name is None:
            continue
        value = arguments[name]
        if isinstance(value, Sentence):
            text = value.spoken(language)
        else:
            text = repr(value) if conversion == "r" else format(value, spec or "")
        parts.append(text[:1].upper() + text[1:] if conversion == "c" else text)
    return "".join(parts)
