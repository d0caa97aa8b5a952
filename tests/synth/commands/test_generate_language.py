"""`synth generate --language` and embedded files as a corpus."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def generate(synth_here: Run, korean_fonts: Path) -> Run:
    """Return a function that runs in the default style, in a few Korean faces."""
    options = ("--count", 40, "--workers", 1, "--fonts", korean_fonts)

    def run(*words: object) -> Any:
        return synth_here("generate", *options, *words)

    return run


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "plan.jsonl").read_text("utf-8").splitlines()]


def test_a_korean_run_draws_from_korean_sources_alone(generate: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    ended = generate("--language", "ko", "--out", out)
    assert ended.code == 0, ended.err
    sources = {row["source"] for row in rows(out)}
    assert sources <= {
        "corpus:lines_ko",
        "corpus:words_ko",
        "pattern:forms_ko",
        "pattern:codes",
    }
    record = json.loads((out / "run.json").read_text())
    assert record["configuration"]["plan"]["languages"] == ["ko"]
    assert record["counts"]["edited"] == 0
    # Another language is another run.
    ended = generate("--language", "en", "--out", out)
    assert ended.code == 1
    assert "holds another run" in ended.err


def test_a_run_without_a_language_says_none(generate: Run, tmp_path: Path) -> None:
    assert generate("--out", tmp_path / "run").code == 0
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert "languages" not in record["configuration"]["plan"]
    sources = {row["source"] for row in rows(tmp_path / "run")}
    assert any(source.endswith("_en") for source in sources)


def test_a_language_without_texts_is_told_with_those_that_have_some(generate: Run) -> None:
    ended = generate("--language", "fr", "--dry-run")
    assert ended.code == 2
    assert "--language fr: is none of the languages that texts come in" in ended.err
    said = "Say one of ar, el, en, he, hi, ja, ko, ru, th, vi, zh, zh-Hant, or name texts of yours"
    assert f"{said} with --corpus." in ended.err


def test_a_language_and_a_list_exclude_each_other(generate: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("값 1\n", encoding="utf-8")
    ended = generate("--language", "ko", "--text-list", tmp_path / "list.txt", "--dry-run")
    assert ended.code == 2
    assert "--language and --text-list: exclude each other" in ended.err


def test_an_embedded_file_is_drawn_from(generate: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    ended = generate("--corpus", "embedded:lines_ko.txt", "--out", out)
    assert ended.code == 0, ended.err
    assert {row["source"] for row in rows(out)} == {"corpus:lines_ko"}
    ended = generate("--corpus", "embedded:nothing.txt", "--out", tmp_path / "other")
    assert ended.code == 1
    assert "embedded:nothing.txt: comes not with this package. There are: " in ended.err
    assert "lines_ko.txt" in ended.err and not (tmp_path / "other").exists()
