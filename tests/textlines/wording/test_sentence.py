"""A sentence is English as a string and in the page's language as HTML."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape
from pydantic import BaseModel, ValidationError

from textlines.wording import arranged, joined, say, say_n, speaking, spoken
from textlines.wording.sentence import Sentence


class Found(BaseModel, frozen=True):
    note: Sentence
    more: tuple[Sentence, ...] = ()


def test_a_string_of_it_is_english_wherever_the_page_is() -> None:
    lines = say_n("{n:,} line", "{n:,} lines", 1200)
    with speaking("ko"):
        assert f"{lines}" == str(lines) == "1,200 lines"
        assert json.dumps([lines]) == '["1,200 lines"]'
        assert lines == "1,200 lines" and hash(lines) == hash("1,200 lines")


def test_html_of_it_is_in_the_language_of_the_page() -> None:
    lines = say_n("{n:,} line", "{n:,} lines", 1)
    assert escape(lines) == "1 line"
    with speaking("ko"):
        assert escape(lines) == "라인 1개"
        assert Markup("<p>{}</p>").format(lines) == "<p>라인 1개</p>"
        assert Markup(", ").join([lines, lines]) == "라인 1개, 라인 1개"
        assert spoken(lines) == "라인 1개" and spoken("1 line") == "1 line"
    assert escape(lines) == "1 line"


def test_sentences_within_sentences_are_spoken_too() -> None:
    both = joined("; ", [say("edits / characters"), "CER"])
    title = arranged("{what!c} ({count:,})", what=both, count=1000)
    assert title == "Edits / characters; CER (1,000)"
    assert title.spoken("ko") == "편집 수 / 글자 수; CER (1,000)"


def test_what_fills_it_is_escaped_in_html_and_never_taken_for_a_template() -> None:
    found = say("crop of {path}", path="<b>{path}</b>")
    with speaking("ko"):
        assert escape(found) == "&lt;b&gt;{path}&lt;/b&gt;의 크롭"


def test_what_no_catalogue_holds_is_in_english() -> None:
    text = "nobody translated {count} of these"  # not a literal of `say`: tests are not read
    assert Sentence(text, {"count": 3}).spoken("ko") == "nobody translated 3 of these"


def test_it_crosses_processes_and_models_as_it_is_and_files_as_english() -> None:
    note = say("crop of {path}", path="1.png")
    again = pickle.loads(pickle.dumps(note))
    assert again == note and again.spoken("ko") == "1.png의 크롭"
    found = Found(note=note, more=(note,))
    assert found.note.spoken("ko") == found.more[0].spoken("ko") == "1.png의 크롭"
    read = Found.model_validate_json(found.model_dump_json())
    assert read == found and read.note.spoken("ko") == "crop of 1.png"
    with pytest.raises(ValidationError, match="should be a valid string"):
        Found.model_validate({"note": 3})


def test_a_text_of_a_file_without_figures_is_spoken_too() -> None:
    read = Found.model_validate_json('{"note": "edits / characters"}')
    assert read.note.spoken("ko") == "편집 수 / 글자 수"


@given(st.text(), st.text())
def test_what_is_filled_in_stands_there_as_it_is(name: str, place: str) -> None:
    assert arranged("{name}: {place}", name=name, place=place) == f"{name}: {place}"
    assert joined(place, [name, name]) == f"{name}{place}{name}"


@given(st.text())
def test_a_text_alone_is_no_template(text: str) -> None:
    assert Sentence(text) == text and Sentence(text).spoken("ko") is not None


def test_particles_follow_what_fills_a_sentence() -> None:
    for accuracy, particle in ((0.75, "으로"), (0.751, "로"), (0.752, "로"), (0.753, "으로")):
        made = say(
            "--turn auto reads {auto:.3f} of the lines exactly, not {off:.3f}", auto=accuracy, off=0
        )
        assert made.spoken("ko").endswith(f"{accuracy:.3f}{particle}")
