"""What a label is taken to be able to hold, where no dictionary was given."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from synth.assets import asset_dir
from synth.corpus.corpus_files import stand_ins
from synth.corpus.sources import Corpus
from synth.faces.user_cache import cache_dir, read_json, write_json

_ASCII = tuple(map(chr, range(0x20, 0x7F)))
_VERSION = "1"


def held_by(corpora: Iterable[Corpus], texts: Iterable[str]) -> frozenset[str]:
    """Gather the characters of lines, of what patterns may write, and of further texts."""
    held: set[str] = set()
    for text in texts:
        held.update(text)
    for corpus in corpora:
        for source in corpus.lines:
            for line in source.texts:
                held.update(line)
        for pattern in corpus.patterns:
            held.update(pattern.grammar.characters)
    return frozenset(held)


@lru_cache(maxsize=1)
def usual() -> frozenset[str]:
    """Give the characters of ASCII and of the embedded corpora.

    Kept in the user's cache by the content of their files: to read all patterns takes longer
    than a first image does.
    """
    digest = sha256(_VERSION.encode())
    for path in sorted(asset_dir("corpora").iterdir()):
        if path.is_file():
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    place, version = cache_dir() / "usual.json", digest.hexdigest()
    known = read_json(place, version).get("characters")
    if isinstance(known, str) and known:
        return frozenset(known)
    held = held_by([stand_ins()], _ASCII)
    write_json(place, version, {"characters": "".join(sorted(held))})
    return held
