"""Files of answers: what is read, what is refused, and what several of them say together."""

import json
import unicodedata
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textlines.errors import InputError
from train.collect.answers import Answer, Answers, agreed, read_answers

QUEUE = "0123456789abcdef" * 4


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": "c1",
        "path": "crops/a.jpg",
        "role": "train",
        "kind": "text",
        "text": "값 1",
        "turn": 0,
        "shown": "값1",
        "seconds": 2.1,
    } | changes


def document(*rows: Any, **changes: Any) -> dict[str, Any]:
    head = {"format": "ocr-mend answers", "version": 1, "queue": QUEUE, "by": "Kim"}
    return head | {"answers": list(rows)} | changes


def saved(folder: Path, content: Any) -> Path:
    path = folder / "answers.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_an_answer_is_read_as_it_was_given(tmp_path: Path) -> None:
    found = read_answers(saved(tmp_path, document(row(), row(id="c2", kind="not_text", text=""))))
    assert (found.queue, found.by, found.stripped) == (QUEUE, "Kim", 0)
    assert found.answers[0] == Answer(
        "c1", "crops/a.jpg", "train", "text", "값 1", 0, "값1", 2.1, "Kim"
    )
    assert (found.answers[1].kind, found.answers[1].text) == ("not_text", "")


def test_texts_are_composed_and_stripped_and_counted(tmp_path: Path) -> None:
    spread = unicodedata.normalize("NFD", "값")
    found = read_answers(saved(tmp_path, document(row(text=f" {spread} 1\u3000", shown=spread))))
    assert (found.answers[0].text, found.answers[0].shown, found.stripped) == ("값 1", "값", 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "later"}, "kind is 'later', not one of text, unreadable, not_text"),
        ({"role": "test"}, "role is 'test', not one of train, stop, judge"),
        ({"turn": 45}, "turn is 45, not one of 0, 90, 180, 270"),
        ({"turn": False}, "turn is False, not one of"),
        ({"text": ""}, "its text is empty"),
        ({"text": " \u3000"}, "its text is empty"),
        ({"text": "a\tb"}, r"text is 'a\\tb', not one line without tabs"),
        ({"text": "a\n"}, "not one line without tabs"),
        ({"text": 1}, "text is 1, not a text"),
        ({"kind": "unreadable"}, "text is '값 1', not empty"),
        ({"shown": 1}, "shown is 1, not a text or null"),
        ({"seconds": -1}, "seconds is -1, not a number from 0"),
        ({"seconds": True}, "seconds is True, not a number from 0"),
        ({"seconds": float("nan")}, "seconds is nan, not a number from 0"),
        ({"seconds": 10**400}, "not a number from 0"),
        ({"path": "../a.jpg"}, "not a path below the folder"),
        ({"id": ""}, "id is '', not the id of a crop"),
        ({"note": ""}, "has the unknown key 'note'"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = saved(tmp_path, document(row(id="c0"), row(**changes)))
    with pytest.raises(InputError, match=message) as caught:
        read_answers(path)
    assert caught.value.where.startswith(f"{path}: answer 2 (")


def test_an_answer_without_a_key_or_a_form_is_named(tmp_path: Path) -> None:
    lacking = row()
    del lacking["shown"]
    with pytest.raises(InputError, match=r"answer 1 \(c1\): cannot be used \(lacks shown\)"):
        read_answers(saved(tmp_path, document(lacking)))
    with pytest.raises(InputError, match=r"answer 1: cannot be used \(it is no JSON object\)"):
        read_answers(saved(tmp_path, document(["c1"])))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "ocr-mend marks"}, "its format is not 'ocr-mend answers'"),
        ({"version": 2}, "of version 2, this program reads version 1"),
        ({"queue": "abc"}, "queue is 'abc', not a sha256"),
        ({"by": "a\nb"}, "by is .*, not a name in one line"),
        ({"answers": {}}, "answers is {}, not a list"),
        ({"more": 1}, "has the unknown key 'more'"),
    ],
)
def test_a_file_that_is_none_of_answers_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = saved(tmp_path, document(row(), **changes))
    with pytest.raises(InputError, match=message) as caught:
        read_answers(path)
    assert caught.value.where == str(path)


def test_two_answers_to_one_crop_are_refused_and_both_named(tmp_path: Path) -> None:
    path = saved(tmp_path, document(row(), row(id="c2"), row(kind="unreadable", text="")))
    with pytest.raises(InputError, match=r"answer 3 \(c1\).*answer 1 .*'값 1', then unreadable"):
        read_answers(path)


NAMES = st.text(alphabet="abc값", max_size=2)
TEXTS = st.text(alphabet="01Oa 값\u1100\u1161", min_size=1, max_size=5).filter(str.strip)
KINDS = st.one_of(
    st.tuples(st.just("text"), TEXTS),
    st.tuples(st.sampled_from(["unreadable", "not_text"]), st.just("")),
)


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    ids = draw(st.lists(st.integers(0, 4), unique=True, max_size=5))
    made = []
    for id in ids:
        kind, text = draw(KINDS)
        made.append(
            row(
                id=f"c{id}",
                path=f"crops/{id}.jpg",
                role=("train", "stop", "judge")[id % 3],
                kind=kind,
                text=text,
                turn=draw(st.sampled_from([0, 90, 180, 270])),
                shown=draw(st.none() | TEXTS),
                seconds=draw(st.integers(0, 1200)) / 10,
            )
        )
    return made


@given(content=rows(), by=NAMES)
def test_what_the_page_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, content: list[dict[str, Any]], by: str
) -> None:
    path = saved(tmp_path_factory.mktemp("answers"), document(*content, by=by))
    found = read_answers(path)
    assert found.by == by
    assert found.stripped == sum(one["text"] != one["text"].strip() for one in content)
    for answer, one in zip(found.answers, content, strict=True):
        assert answer.text == unicodedata.normalize("NFC", one["text"]).strip()
        for key in ("id", "path", "role", "kind", "turn", "seconds"):
            assert getattr(answer, key) == one[key]


def answers(
    by: str, *said: tuple[str, str], queue: str = QUEUE, shown: str | None = None
) -> Answers:
    """Make a file of answers: pairs of id and text, "" for unreadable."""
    made = tuple(
        Answer(id, f"{id}.jpg", "train", "text" if text else "unreadable", text, 0, shown, 1.0, by)
        for id, text in said
    )
    return Answers(Path(f"{by}.json"), queue, by, made, 0)


def test_those_who_agree_settle_and_a_majority_wins() -> None:
    found = agreed(
        [
            answers(
                "a", ("once", "1"), ("same", "값 1"), ("split", "O"), ("most", "0"), ("no", "")
            ),
            answers("b", ("same", "값 1"), ("split", "0"), ("most", "O"), ("no", "")),
            answers("c", ("most", "O")),
        ]
    )
    assert {id: answer.text for id, answer in found.answers.items()} == {
        "once": "1",
        "same": "값 1",
        "most": "O",
        "no": "",
    }
    assert found.disputed == ("split",)
    assert (found.asked_twice, found.alike) == (4, 2)
    assert found.share_alike == 0.5
    assert [round(bound, 2) for bound in found.interval] == [0.15, 0.85]
    assert found.answers["same"].by == "a, b"
    assert found.answers["most"].by == "b, c"


def test_spaces_count_and_so_does_the_kind() -> None:
    found = agreed([answers("a", ("x", "값 1"), ("y", "1")), answers("b", ("x", "값1"), ("y", ""))])
    assert found.disputed == ("x", "y")
    assert found.answers == {}


def test_what_one_person_says_twice_counts_once() -> None:
    twice = [answers("a", ("x", "1")), answers("a", ("x", "1"))]
    assert agreed(twice).asked_twice == 0
    assert agreed([*twice, answers("b", ("x", "7"))]).disputed == ("x",)
    assert agreed([answers("", ("x", "1")), answers("", ("x", "1"))]).alike == 1


def test_readings_that_were_kept_are_counted() -> None:
    found = agreed(
        [
            answers("a", ("x", "1"), ("y", "7"), ("z", ""), shown="1 "),
            answers("b", ("x", "1")),
        ]
    )
    assert (found.offered, found.kept, found.blind) == (3, 1, 1)


def test_nothing_asked_twice_has_no_share() -> None:
    assert agreed([]).share_alike is None
    assert agreed([answers("a", ("x", "1"))]).interval == (0.0, 1.0)


def test_answers_to_different_queues_are_refused() -> None:
    with pytest.raises(InputError, match=r"a\.json and b\.json: answer different queues"):
        agreed([answers("a", ("x", "1")), answers("b", ("x", "1"), queue="f" * 64)])


def test_one_crop_with_two_paths_is_refused() -> None:
    other = Answers(
        Path("b.json"), QUEUE, "b", (Answer("x", "y.jpg", "stop", "text", "1", 0, None, 1, "b"),), 0
    )
    with pytest.raises(InputError, match=r"a\.json and b\.json: differ on the crop x: x\.jpg to"):
        agreed([answers("a", ("x", "1")), other])


@st.composite
def files(draw: st.DrawFn) -> list[Answers]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        by = draw(NAMES)
        said = tuple(
            Answer(
                **one
                | {
                    "text": one["text"].strip(),
                    "seconds": float(one["seconds"]),
                    "by": by,
                }
            )
            for one in draw(rows())
        )
        made.append(Answers(Path(f"{number}.json"), QUEUE, by, said, 0))
    return made


@given(given_files=files())
def test_the_order_of_the_files_does_not_matter(given_files: list[Answers]) -> None:
    results = [agreed(order) for order in permutations(given_files)]
    assert all(result == results[0] for result in results)
    every = {answer.id for file in given_files for answer in file.answers}
    assert {*results[0].answers, *results[0].disputed} == every
    assert not set(results[0].answers) & set(results[0].disputed)
    assert results[0].alike <= results[0].asked_twice
