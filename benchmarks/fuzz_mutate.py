"""Mutations of real files: of their bytes, of their structure, and of what they are."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOKENS: tuple[bytes, ...] = (
    b"0", b"-1", b"1e308", b"-1e999", b"NaN", b"Infinity", b"9" * 5000, b"1" + b"0" * 400, b"null",
    b"true", b"[" * 200_000, b"{" * 3000, b'{"a":' * 3000, b"\xed\xa0\x80", b"\\ud800", b"\\u0000",
    b"\x1b[31m\x1b]0;t\x07", b"../../../../etc/passwd", b"/dev/zero", b"\0", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\r\n", b"\n" * 50, b"\t\t\t", b"\xe2\x80\xae", b"\xe1\x84\x92\xe1\x85\xa1",
    b"\xe0\xa4\x95\xe0\xa4\xbe", b"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", b"A" * 120_000,
    b"%s%n", b"'",
    b'"', b"\\", b"\xc3", b"2147483648", b"-9223372036854775809", b"0x7fffffff", b"*a", b"&a",
)  # fmt: skip

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**63, 10**400, -(10**400), 0.5, 1e308, float("nan"),
    float("inf"), "", "x", "값", "काक", "\u202e", "\x1b[2J", "\ud800", "../a.jpg", "/etc/passwd",
    [], {}, [[]], [1, 2], ["a"], [None], {"a": 1}, {"": []}, "9" * 5000, [0] * 5000,
)  # fmt: skip

WHAT_IT_IS = ("empty", "missing", "folder", "pipe", "zero", "loop")
"""What may stand in a file's place."""


def mutate(path: Path, rng: random.Random) -> str:
    """Change a file in place, and return what was done to it."""
    if rng.random() < 0.02:
        return _replace(path, rng.choice(WHAT_IT_IS))
    data = path.read_bytes()
    done = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        change = STRUCTURED if rng.random() < 0.5 else BYTES
        chosen = rng.choice(change)
        changed = chosen(data, rng)
        if changed is None:
            chosen = rng.choice(BYTES)
            changed = chosen(data, rng) or b""
        data = changed
        done.append(chosen.__name__.strip("_"))
    path.write_bytes(data)
    return "+".join(done)


def _replace(path: Path, what: str) -> str:
    path.unlink()
    if what == "empty":
        path.touch()
    elif what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "zero":
        path.symlink_to("/dev/zero")
    elif what == "loop":
        path.symlink_to(path.name)
    return what


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 2, 8, 32))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: _place(data, rng)]


def _delete(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + data[at + rng.choice((1, 2, 4, 16, 256)) :]


def _double(data: bytes, rng: random.Random) -> bytes:
    at, size = _place(data, rng), rng.choice((1, 4, 64, 4096))
    return data[: at + size] + data[at : at + size] * rng.choice((1, 1, 3, 40)) + data[at + size :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.choice(TOKENS) + data[at:]


def _overwrite(data: bytes, rng: random.Random) -> bytes:
    at = _place(data, rng)
    value = rng.choice((b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\1"))
    return data[:at] + value + data[at + len(value) :]


BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _cut, _delete, _double, _insert, _overwrite,
)  # fmt: skip


def change_json(data: bytes, rng: random.Random) -> bytes | None:
    """Put another value, a second key or nothing somewhere into JSON, or into a line of it."""
    lines = data.split(b"\n")
    rows = [k for k, line in enumerate(lines) if line.lstrip()[:1] in (b"{", b"[")]
    if not rows:
        return None
    try:
        return _json_in(data, rng)
    except (ValueError, RecursionError):
        at = rng.choice(rows)
    try:
        lines[at] = _json_in(lines[at], rng)
    except (ValueError, RecursionError):
        return None
    return b"\n".join(lines)


def _json_in(text: bytes, rng: random.Random) -> bytes:
    content = json.loads(text)
    places: list[tuple[Any, Any]] = []
    stack = [content]
    while stack:
        value = stack.pop()
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            places.append((value, key))
            if isinstance(inner, dict | list):
                stack.append(inner)
    if not places:
        return json.dumps(rng.choice(VALUES)).encode()
    holder, key = rng.choice(places)
    how = rng.random()
    if how < 0.7:
        holder[key] = rng.choice(VALUES)
    elif how < 0.85:
        del holder[key]
    elif isinstance(holder, dict):
        holder[rng.choice(("", "x", "path", "index", "version"))] = holder[key]
    else:
        holder.append(holder[key])
    return json.dumps(content, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")


def _table(data: bytes, rng: random.Random) -> bytes | None:
    """Put a token into a cell of a table, or take a tab away or add one."""
    lines = data.split(b"\n")
    rows = [k for k, line in enumerate(lines) if b"\t" in line or b"," in line]
    if not rows:
        return None
    at = rng.choice(rows)
    sign = b"\t" if b"\t" in lines[at] else b","
    cells = lines[at].split(sign)
    cell = rng.randrange(len(cells))
    how = rng.random()
    if how < 0.7:
        cells[cell] = rng.choice(TOKENS).replace(b"\n", b"")
    elif how < 0.85:
        del cells[cell]
    else:
        cells.insert(cell, cells[cell])
    lines[at] = sign.join(cells)
    return b"\n".join(lines)


def _setting(data: bytes, rng: random.Random) -> bytes | None:
    """Return the data with another value at one key of TOML or YAML; None if there is no key."""
    lines = data.split(b"\n")
    rows = [k for k, line in enumerate(lines) if b" = " in line or b": " in line]
    if not rows:
        return None
    at = rng.choice(rows)
    sign = b" = " if b" = " in lines[at] else b": "
    key = lines[at].partition(sign)[0]
    value = rng.choice((*TOKENS, b"[]", b"{}", b'"x"', b"[1, 2]", b"true", b"inf", b"nan", b"1e9"))
    lines[at] = key + sign + value
    return b"\n".join(lines)


def _line(data: bytes, rng: random.Random) -> bytes | None:
    """Take a line away, double it or let two change places."""
    lines = data.split(b"\n")
    if len(lines) < 2:
        return None
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.random()
    if how < 0.3:
        del lines[one]
    elif how < 0.6:
        lines.insert(one, lines[other])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


STRUCTURED: tuple[Callable[[bytes, random.Random], bytes | None], ...] = (
    change_json, change_json, _table, _setting, _line,
)  # fmt: skip
