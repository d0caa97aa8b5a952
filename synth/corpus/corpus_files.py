"""Read a corpus: a corpus file, a text or label file, a pattern file, or a folder of them.

Plain lists of texts too: what is to be drawn, or what must never be.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from synth.assets import asset_dir
from synth.corpus.carriers import fitted, read_lines
from synth.corpus.dictionary_languages import is_for
from synth.corpus.pattern_file import load_patterns
from synth.corpus.sources import (
    Corpus,
    CorpusTable,
    Cutting,
    DictionarySource,
    Kind,
    LineSource,
    PatternSource,
    SourceTable,
    merged,
)
from synth.corpus.toml_tables import read_table
from synth.plugins import plugin_texts
from textlines.defects import of_texts
from textlines.errors import InputError
from textlines.files import files_below, open_regular, read_text, sha256_of, unreadable
from textlines.labels.alphabet import Alphabet
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.parsing import parse_toml

EMBEDDED = "embedded:"
CATALOGUE = "catalogue.toml"
ANY_LENGTH = 1 << 30
TEXT_ENDINGS = (".txt", ".tsv", ".lst")


def load_corpus(
    path: Path,
    cutting: Cutting | None = None,
    languages: Collection[str] = (),
    held: Collection[str] = (),
) -> Corpus:
    """Read a corpus.

    Args:
        path: a corpus file or a pattern file (.toml), a text file, a label file, or a folder
            of text and label files, which share by their counts of lines; "embedded:NAME" for
            a file that comes with the package.
        cutting: how long lines are cut; by default at 25 characters.
        languages: of a corpus file's sources, leave out those of other languages.
        held: characters of the dictionary; of the sources that are drawn from `where_held`, those
            are left out that it is not for, unless `languages` names theirs.

    Raises:
        InputError: it cannot be read, holds no line, or a TOML breaks its rules.
    """
    path = embedded_path(path)
    cutting = cutting or Cutting()
    if path.is_dir():
        return _folder(path, path.name, cutting)
    if path.suffix.lower() == ".toml":
        if _is_patterns(path):
            return _one(SourceTable(name=path.stem, kind="pattern", path=str(path)), path, cutting)
        sources = read_table(path, CorpusTable).of(languages)
        if not any(source.share for source in sources):
            raise InputError(
                str(path),
                f"has no source in the language {' or '.join(languages)}",
                "Name another --language, or take `language` from a source that is of any.",
            )
        parts = [(source, _one(source, _place(path, source), cutting)) for source in sources]
        return merged(
            *(
                part
                for source, part in parts
                if not source.where_held or source.language in languages or is_for(held, part)
            )
        )
    kind: Kind = "labels" if looks_like_labels(path) else "text"
    return _one(SourceTable(name=path.stem, kind=kind, path=str(path)), path, cutting)


def embedded_path(path: Path) -> Path:
    """Return the place of a file that is named "embedded:NAME"; any other path as it is.

    Raises:
        InputError: the package has no such file; names those that it has.
    """
    given = str(path)
    if not given.startswith(EMBEDDED):
        return path
    folder = asset_dir("corpora")
    there = sorted(
        file.name
        for file in folder.iterdir()
        if file.suffix in (".txt", ".toml") and file.name != CATALOGUE
    )
    name = given.removeprefix(EMBEDDED)
    if name not in there:
        raise InputError(given, "comes not with this package", f"There are: {', '.join(there)}.")
    return folder / name


def embedded_languages() -> tuple[str, ...]:
    """Name the languages that the lines and patterns of the package are in."""
    table = read_table(asset_dir("corpora") / "all.toml", CorpusTable)
    return tuple(sorted({source.language for source in table.source if source.language}))


def embedded_corpus(
    style: str,
    cutting: Cutting | None = None,
    languages: Collection[str] = (),
    held: Collection[str] = (),
) -> Corpus:
    """Read the corpus that comes with the package for a style; for one of no name, `document`'s.

    Arguments as of `load_corpus`.
    """
    path = asset_dir("corpora") / f"{style}.toml"
    if not path.is_file():
        path = asset_dir("corpora") / "document.toml"
    return load_corpus(path, cutting, languages, held)


def stand_ins(cutting: Cutting | None = None, languages: Collection[str] = ()) -> Corpus:
    """Read all lines and patterns that come with the package, with share 0.

    For characters that a user's own corpus does not hold.
    """
    corpus = load_corpus(asset_dir("corpora") / "all.toml", cutting, languages)
    return Corpus(
        lines=tuple(replace(source, share=0.0) for source in corpus.lines),
        patterns=tuple(replace(source, share=0.0) for source in corpus.patterns),
        tally=corpus.tally,
    )


def looks_like_labels(path: Path) -> bool:
    """Whether most of a file's first 100 lines are two columns with a tab between them.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        with open_regular(path) as file:
            head = file.read(1 << 16).splitlines()[:100]
    except OSError as error:
        raise unreadable(path, error, "the corpus") from error
    filled = [line for line in head if line.strip()]
    return bool(filled) and sum(line.count(b"\t") == 1 for line in filled) * 2 > len(filled)


def _is_patterns(path: Path) -> bool:
    """Whether a TOML file holds patterns; broken ones are left for `read_table` to refuse."""
    try:
        text = read_text(path, "the corpus")
        return "line" in parse_toml(text, str(path), "the corpus", "")
    except InputError:
        return False


def _place(file: Path, source: SourceTable) -> Path:
    path = source.path
    if source.kind == "plugin":
        return Path(path)
    if path.startswith(EMBEDDED):
        return embedded_path(Path(path))
    return file.parent / path


def _one(source: SourceTable, path: Path, cutting: Cutting) -> Corpus:
    if source.kind == "pattern":
        grammar = load_patterns(path).only(source.groups)
        if not grammar.rules:
            raise InputError(
                str(path),
                f"holds no line of the groups {', '.join(source.groups)}",
                f"Mend `groups` of source {source.name!r}.",
            )
        content = " ".join((sha256_of(path), *source.groups, *grammar.read))
        patterns = PatternSource(
            source.name,
            source.share,
            grammar,
            _hash([content]),
            is_closed=source.closed,
            is_last=source.last,
        )
        return Corpus(patterns=(patterns,))
    if source.kind == "dictionary":
        alphabet = Alphabet.read(path)
        chars = tuple(char for char in alphabet.ids if char.strip())
        return Corpus(
            dictionaries=(DictionarySource(source.name, source.share, chars, alphabet.sha256),)
        )
    if source.closed:
        # A part of a line is no line of the list: what is too long is left out and counted.
        cutting = replace(cutting, longest=ANY_LENGTH)
    if path.is_dir():
        corpus = _folder(path, source.name, cutting, source.kind)
        total = sum(part.share for part in corpus.lines)
        lines = (
            replace(s, share=source.share * s.share / total, is_closed=source.closed)
            for s in corpus.lines
        )
        return Corpus(lines=tuple(lines), tally=corpus.tally)
    tally = Tally()
    if source.kind == "plugin":
        return _of_plugin(source, cutting, tally)
    lines_read = _lines(path, source.kind, cutting, tally)
    return Corpus(lines=(_line_source(source, path, lines_read, tally),), tally=tally)


def _of_plugin(source: SourceTable, cutting: Cutting, tally: Tally) -> Corpus:
    version, lines = plugin_texts(source.path, f"source {source.name!r}")
    texts = (
        part
        for number, line in enumerate(lines, 1)
        for part in fitted(line, cutting.longest, cutting.aim, f"{source.path}:{number}", tally)
    )
    made = _line_source(source, Path(source.path), texts, tally, _hash([version, *lines]))
    return Corpus(lines=(made,), tally=tally)


def _folder(path: Path, name: str, cutting: Cutting, kind: Kind | None = None) -> Corpus:
    """Read the text and label files in a folder (and below), each a source of its own."""
    files = [file for file in files_below(path) if file.name[0] != "."]
    tally, parts = Tally(), []
    for file in files:
        if file.suffix.lower() not in TEXT_ENDINGS:
            tally.add(of_texts.OTHER_FILE, str(file))
            continue
        part_kind: Kind = kind or ("labels" if looks_like_labels(file) else "text")
        label = f"{name}/{file.relative_to(path).as_posix()}"
        texts = list(_lines(file, part_kind, cutting, tally))
        if not texts:
            tally.add(of_texts.EMPTY_FILE, str(file))
            continue
        table = SourceTable(name=label, kind=part_kind, path=str(file), share=len(texts))
        parts.append(_line_source(table, file, texts, tally))
    if not parts:
        raise InputError(
            str(path),
            f"holds no line of text ({'; '.join(tally.lines()) or 'no file'})",
            f"Put files ending in {', '.join(TEXT_ENDINGS)} there, or name another --corpus.",
        )
    return merged(Corpus(lines=tuple(parts), tally=tally))


def _lines(path: Path, kind: Kind, cutting: Cutting, tally: Tally) -> Iterator[str]:
    if kind == "text":
        yield from read_lines(path, longest=cutting.longest, tally=tally, length=cutting.aim)
        return
    for row in read_labels(path, tally=tally):
        yield from fitted(row.label, cutting.longest, cutting.aim, f"{path}:{row.number}", tally)


def _line_source(
    source: SourceTable, path: Path, texts: Iterable[str], tally: Tally, digest: str = ""
) -> LineSource:
    places: dict[str, int] = {}
    entries = array("I", (places.setdefault(text, len(places)) for text in texts))
    if not entries:
        why = f" ({'; '.join(tally.lines())})" if tally else ""
        raise InputError(
            str(path), f"holds no line of text{why}", "Add lines or name another --corpus."
        )
    return LineSource(
        source.name,
        source.share,
        tuple(places),
        entries,
        digest or sha256_of(path),
        is_labels=source.kind == "labels",
        is_closed=source.closed,
        is_last=source.last,
    )


def _hash(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()


def read_texts(path: Path, tally: Tally) -> tuple[str, ...]:
    """Read the texts of a text file (one a line, never cut) or the labels of a label file.

    Raises:
        InputError: it cannot be read or holds no text.
    """
    texts = tuple(_texts(path, tally))
    if not texts:
        why = f" ({'; '.join(tally.lines())})" if tally else ""
        raise InputError(str(path), f"holds no text{why}", "Name another file.")
    return texts


def read_excluded(paths: Sequence[Path], tally: Tally) -> frozenset[str]:
    """Read the texts that a run must not hold, with doubled spaces and without.

    Raises:
        InputError: one of the files cannot be read or holds no text.
    """
    excluded: set[str] = set()
    for path in paths:
        for text in read_texts(path, tally):
            excluded |= {text, " ".join(text.split())}
    return frozenset(excluded)


def _texts(path: Path, tally: Tally) -> Iterator[str]:
    if looks_like_labels(path):
        for row in read_labels(path, tally=tally):
            yield row.label
    else:
        yield from read_lines(path, longest=ANY_LENGTH, tally=tally, length=lambda _: ANY_LENGTH)
