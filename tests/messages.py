"""What pages can say, taken from the source: the calls of `say` and `say_n`, in code and templates.

`python -m tests.messages` brings the catalogues in step: what is new is added without a
translation, what no code says any more is dropped.
"""

import ast
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import polib

ROOT = Path(__file__).parents[1]
PACKAGES = ("textlines", "synth", "balance", "train")
CATALOGUES = ROOT / "textlines" / "wording"
MARKS = ("say", "say_n")


@dataclass(slots=True)
class Message:
    """An entry that a catalogue needs; `places` are the files that say it."""

    context: str
    text: str
    many: str = ""
    places: set[str] = field(default_factory=set)


class UnreadableError(Exception):
    """A call whose text is no literal: no catalogue can hold it."""


def messages() -> dict[tuple[str, str], Message]:
    """Return all that the source says, by context and text, in the order of the files."""
    found: dict[tuple[str, str], Message] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            place = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                spoken = of_code(path.read_text(encoding="utf-8"), place)
            elif path.suffix == ".j2":
                spoken = of_template(path.read_text(encoding="utf-8"), place)
            else:
                continue
            for one in spoken:
                kept = found.setdefault((one.context, one.text), one)
                if kept.many != one.many:
                    raise UnreadableError(f"{place}: {one.text!r} has two plural forms")
                kept.places.add(place)
    return found


def of_code(source: str, place: str) -> Iterator[Message]:
    """Find what a module says.

    Raises:
        UnreadableError: a text is no literal, or its placeholders are not what the call fills in.
    """
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id not in MARKS or (
            place == "textlines/wording/sentence.py"  # which defines them
        ):
            continue
        texts = [_literal(arg, place) for arg in node.args[: MARKS.index(node.func.id) + 1]]
        named = {one.arg: one.value for one in node.keywords if one.arg}
        context = _literal(named.pop("context"), place) if "context" in named else ""
        given = set(named) | ({"n"} if node.func.id == "say_n" else set())
        yield _message(texts, context, given, f"{place}:{node.lineno}")


def of_template(source: str, place: str) -> Iterator[Message]:
    """Find what a template says; raises as `of_code` does."""
    tree = jinja2.Environment().parse(source)
    for node in tree.find_all(jinja2.nodes.Call):
        if not (isinstance(node.node, jinja2.nodes.Name) and node.node.name in MARKS):
            continue
        count = MARKS.index(node.node.name) + 1
        texts = [one.as_const() for one in node.args[:count]]
        named = {one.key: one.value for one in node.kwargs}
        context = named.pop("context").as_const() if "context" in named else ""
        given = set(named) | ({"n"} if count == 2 else set())
        yield _message(texts, context, given, f"{place}:{node.lineno}")


def fields(template: str) -> set[str]:
    """Return the placeholders of a template, with how they are written."""
    return {
        f"{name}!{conversion or ''}:{spec or ''}"
        for _, name, spec, conversion in string.Formatter().parse(template)
        if name is not None
    }


def _message(texts: list[str], context: str, given: set[str], place: str) -> Message:
    if given:
        asked = {one.partition("!")[0] for text in texts for one in fields(text)}
        if asked | {"n"} != given | {"n"}:
            raise UnreadableError(f"{place}: {texts[0]!r} asks for {asked}, is given {given}")
    return Message(context, texts[0], texts[1] if len(texts) > 1 else "")


def _literal(node: ast.expr, place: str) -> str:
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        raise UnreadableError(f"{place}:{node.lineno}: the text is no literal")
    return node.value


def catalogue_paths() -> list[Path]:
    """Return the catalogue files, one a language."""
    return sorted(CATALOGUES.glob("*.po"))


def in_step(path: Path) -> tuple[int, int]:
    """Write a catalogue anew for what the source says; return how many are new, and dropped."""
    old = {(one.msgctxt or "", one.msgid): one for one in polib.pofile(str(path))}
    made = polib.POFile(wrapwidth=96)
    made.metadata = polib.pofile(str(path)).metadata
    wanted = messages()
    for key, message in wanted.items():
        entry = polib.POEntry(msgid=message.text, msgctxt=message.context or None)
        kept = old.get(key)
        if message.many:
            entry.msgid_plural = message.many
            entry.msgstr_plural = {0: ""}
            if kept:
                entry.msgstr_plural = {0: kept.msgstr_plural.get(0, "") or kept.msgstr}
        elif kept:
            entry.msgstr = kept.msgstr or kept.msgstr_plural.get(0, "")
        entry.occurrences = [(place, "") for place in sorted(message.places)]
        made.append(entry)
    made.save(str(path))
    return sum(key not in old for key in wanted), sum(key not in wanted for key in old)


if __name__ == "__main__":
    for catalogue in catalogue_paths():
        added, dropped = in_step(catalogue)
        sys.stdout.write(f"{catalogue.name}: {added} to translate, {dropped} dropped\n")
