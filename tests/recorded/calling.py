"""One call as a user types it, and what is kept of how it ended.

Only what a user sees is looked at: exit code, output, files. Nothing of ours is imported. FIELDS
are set apart by commas; `a.b` is a field of a field, of each object where `a` is a list, and `*`
stands for any key. What is no field that must not change is not kept: records may grow.
"""

import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_TIME = re.compile(
    r"\b\d[\d,.]*\s?(?:ms|s|min|h|seconds?|minutes?|hours?|images/s|lines/s|[KMG]B)\b"
)
_HASH = re.compile(r"\b[0-9a-f]{12,64}\b")
_VERSION = re.compile(r"\b\d+\.\d+\.\d+(?:\.\d+)*\b")

_DIFFERENCE = re.compile(r"\b[1-9]\S* at most (?=\(limit )")
"""Of probabilities: its size hangs on the processor, whether there is one does not."""

MOST_ROWS = 16
"""Of longer lists the first three are kept, and the hash of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call and what of it must not change.

    Attributes:
        words: as typed; `{fonts}` stands for the Korean faces that ship in a pip package.
        out: what of stdout is kept: nothing, `text`, or FIELDS of its JSON.
        keep: files, each as KIND:PATTERN[:FIELDS].
            bytes: hash of the bytes. pixels: the same, compared only by the recorded versions of
            the libraries that draw. text: its lines. names: which files there are. rows: FIELDS
            of each JSON line. json: FIELDS of a JSON file.
        env: further environment.
    """

    words: str
    out: str = ""
    keep: tuple[str, ...] = ()
    env: Mapping[str, str] | None = None


@functools.cache
def fonts_folder() -> Path:
    """Return the folder of the Korean faces.

    Raises:
        LookupError: the package is not installed.
    """
    spec = find_spec("pylopdf_fonts_ko")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("pylopdf-fonts-ko is not installed (extra `dev`)")
    return Path(next(iter(spec.submodule_search_locations)))


def versions() -> dict[str, str]:
    """Name what the pixels depend on."""
    from PIL import features

    names = ("pillow", "numpy", "fonttools", "uharfbuzz", "pylopdf-fonts-ko", "lmdb", "onnxruntime")
    found = {name: _version(name) for name in names}
    # Several distributions own cv2; the one that is imported draws.
    import cv2

    found["opencv"] = cv2.__version__
    for part in ("freetype2", "raqm", "harfbuzz"):
        found[part] = str(features.version(part))
    return found


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def environment(cache: Path) -> dict[str, str]:
    """Return the environment of all calls: no fonts or settings of this machine's."""
    kept = {k: os.environ[k] for k in ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if k in os.environ}
    return kept | {
        "HOME": str(cache),
        "XDG_CACHE_HOME": str(cache),
        "OCR_FONT_DIRS": "",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True",
    }


def observe(call: Call, folder: Path, cache: Path) -> dict[str, Any]:
    """Make a call in a folder and return what is kept of its end, ready for JSON."""
    words = shlex.split(call.words.replace("{fonts}", shlex.quote(str(fonts_folder()))))
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment(cache) | dict(call.env or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )
    seen: dict[str, Any] = {"code": done.returncode}
    if call.out == "text":
        seen["out"] = _plain(done.stdout, folder)
    elif call.out:
        wanted = call.out.split(",")
        seen["out"] = [_fields(row, wanted, folder) for row in _json_of(done.stdout)]
    said = _plain(done.stderr, folder)
    if done.returncode and said:
        seen["err"] = said
    for kept in call.keep:
        seen[kept] = _file(kept, folder)
    return seen


def differences(name: str, wanted: Any, found: Any, same_pixels: bool) -> Iterator[str]:
    """Name what differs, a line each; a key that came to an object is no difference."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            if key.startswith("pixels:") and not same_pixels:
                continue
            if key not in found:
                yield f"{name} / {key}: is gone; was {_short(value)}"
            else:
                yield from differences(f"{name} / {key}", value, found[key], same_pixels)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from differences(f"{name}[{number}]", one, other, same_pixels)
    elif wanted != found:
        yield f"{name}:\n    was {_short(wanted)}\n    is  {_short(found)}"


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 600 else f"{said[:600]}…"


def _json_of(text: str) -> list[Any]:
    """Read one JSON value, or a value a line."""
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _lasting(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {_named(key, folder): _lasting(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [_lasting(inner, folder) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.3g}")
    if isinstance(value, str):
        return _named(value, folder)
    return value


def _named(text: str, folder: Path) -> str:
    for path, name in ((fonts_folder(), "FONTS"), (folder, "."), (ROOT, "ROOT")):
        text = text.replace(str(path), name)
    return _HASH.sub("HASH", text)


def _plain(text: str, folder: Path) -> list[str]:
    lines = _named(text, folder).splitlines()
    for pattern, word in ((_TIME, "TIME"), (_VERSION, "VERSION"), (_DIFFERENCE, "SOME at most ")):
        lines = [pattern.sub(word, line) for line in lines]
    return [line.rstrip() for line in lines if line.rstrip()]


def _file(kept: str, folder: Path) -> Any:
    kind, pattern, *fields = kept.split(":")
    paths = sorted(path for path in folder.glob(pattern) if path.is_file())
    if kind == "names":
        # Locks and journals are the command's own affair.
        names = [path.relative_to(folder).as_posix() for path in paths]
        return [name for name in names if "/." not in f"/{name}"]
    if not paths:
        return "is not there"
    if kind in ("bytes", "pixels"):
        return _hashes(paths, folder / pattern.partition("*")[0])
    content = paths[0].read_text(encoding="utf-8")
    if kind == "text":
        return _shortened(content.splitlines())
    wanted = fields[0].split(",")
    if kind == "json":
        return _fields(json.loads(content), wanted, folder)
    return _shortened([_fields(json.loads(row), wanted, folder) for row in content.splitlines()])


def _shortened(rows: list[Any]) -> list[Any]:
    if len(rows) <= MOST_ROWS:
        return rows
    whole = json.dumps(rows, ensure_ascii=False).encode()
    return [*rows[:3], f"{len(rows)} in all, {hashlib.sha256(whole).hexdigest()[:20]}"]


def _fields(row: Any, wanted: list[str], folder: Path) -> dict[str, Any]:
    lasting = _lasting(row, folder)
    return {field: _field(lasting, field.split(".")) for field in wanted}


def _field(value: Any, parts: list[str]) -> Any:
    if not parts:
        return value
    if isinstance(value, list):
        return _shortened([_field(inner, parts) for inner in value])
    if isinstance(value, dict) and parts[0] == "*":
        return {key: _field(inner, parts[1:]) for key, inner in value.items()}
    if isinstance(value, dict) and parts[0] in value:
        return _field(value[parts[0]], parts[1:])
    return "is not there"


def _hashes(paths: list[Path], start: Path) -> str:
    """Hash files and their names behind `start`."""
    whole = hashlib.sha256()
    for path in paths:
        name = str(path)[len(str(start)) :]
        whole.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"{len(paths)} files {whole.hexdigest()[:20]}"
