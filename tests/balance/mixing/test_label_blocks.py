import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balance.mixing import label_blocks
from balance.mixing.label_blocks import Stream, blocks
from balance.mixing.slices import SLACK, with_slack
from textlines.errors import InputError

LINES = st.lists(
    st.sampled_from(
        ["a\tb\n", "longer.jpg\t합계 1\n", "\n", "no tab\n", "x" * 40 + "\tz\n", "\r\n"]
    )
).map("".join)


@given(content=LINES, is_cut=st.booleans())
def test_a_file_read_block_by_block_gives_the_blocks_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, content: str, is_cut: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "streamed.txt"
    data = content.encode()
    data = data.removesuffix(b"\n") if is_cut else data
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(label_blocks, "BLOCK", 32)
        complete = data if data.endswith(b"\n") or not data else data + b"\n"
        buffer = with_slack(complete)
        whole = [
            (block.first_number, block.odd.tolist(), buffer[block.starts[0] : block.ends[-1] + 1])
            for block in blocks(buffer, len(complete))
        ]
        stream = Stream(path)
        parts = [
            (block.first_number, block.odd.tolist(), own[: block.ends[-1] + 1])
            for own, block in stream.blocks()
        ]
    assert [part[:2] for part in parts] == [part[:2] for part in whole]
    assert [part[2].tobytes() for part in parts] == [part[2].tobytes() for part in whole]
    assert stream.sha256 == hashlib.sha256(data).hexdigest()


def test_of_an_endless_line_only_its_start_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_blocks, "BLOCK", 32)
    path = tmp_path / "endless.txt"
    path.write_bytes(b"a.jpg\ta\nb.jpg\t" + b"x" * 2_000_000 + b"\nc.jpg\tc\n")
    stream = Stream(path)
    found = list(stream.blocks())
    assert max(len(buffer) for buffer, _ in found) < 350_000 + SLACK
    assert [block.odd.tolist() for _, block in found] == [[False, True], [False]]
    assert stream.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_folder_and_utf16_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        list(Stream(tmp_path).blocks())
    path = tmp_path / "wide.txt"
    path.write_text("a.jpg\ta\n", encoding="utf-16")
    with pytest.raises(InputError, match="UTF-16"):
        list(Stream(path).blocks())
