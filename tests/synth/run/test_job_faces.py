from collections.abc import Iterator
from pathlib import Path

import pytest

from synth.corpus.load import stand_ins
from synth.faces.cache import cache_dir
from synth.run import job_faces
from synth.run.job_faces import held_by, usual


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    usual.cache_clear()
    yield
    usual.cache_clear()


def test_what_is_kept_is_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read = usual()
    assert set(map(chr, range(0x20, 0x7F))) | {"값", "₩"} <= read
    usual.cache_clear()
    monkeypatch.setattr(job_faces, "stand_ins", lambda: pytest.fail("was read again"))
    assert usual() == read == held_by([stand_ins()], map(chr, range(0x20, 0x7F)))


def test_another_corpus_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual()
    usual.cache_clear()
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "all.toml").write_text("changed")
    monkeypatch.setattr(job_faces, "asset_dir", lambda name: tmp_path / name)
    monkeypatch.setattr(job_faces, "stand_ins", lambda: pytest.fail("was read again"))
    with pytest.raises(pytest.fail.Exception, match="was read again"):
        usual()


@pytest.mark.parametrize("kept", ["", "{", '{"version": "1", "entries": {"characters": 5}}'])
def test_a_broken_cache_is_made_again(kept: str) -> None:
    read = usual()
    usual.cache_clear()
    (cache_dir() / "usual.json").write_text(kept)
    assert usual() == read
