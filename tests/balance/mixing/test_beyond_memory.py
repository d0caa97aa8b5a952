import os
from pathlib import Path

import pytest

from balance.mixing.beyond_memory import too_big_for_memory
from balance.mixing.options import Inputs


@pytest.mark.parametrize(("pages", "told"), [(1, "--big keeps all but the new"), (1 << 30, "")])
def test_big_is_named_where_memory_may_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int, told: str
) -> None:
    own, new = tmp_path / "own.txt", tmp_path / "new.txt"
    own.write_bytes(b"a.jpg\ta\n" * 1000)
    new.write_bytes(b"b.jpg\tb\n" * 200)
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": pages}.__getitem__)
    inputs = Inputs(new=(new,), original=(own, tmp_path / "gone.txt"))
    found = too_big_for_memory(inputs)
    assert told in found
    assert bool(found) == bool(told)
