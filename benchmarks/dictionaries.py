"""Every dictionary of a folder: is each entry reached, and are lines drawn, or is it told why not?

    python benchmarks/dictionaries.py --folder PaddleOCR/ppocr/utils --out WORK
    python benchmarks/dictionaries.py --folder PaddleOCR/ppocr/utils --out WORK --only korean

For each file that could be a dictionary (.txt, .json; folders below too) one row: its entries, how
many of them a label encodes to (and why not the others), and what `synth generate --dictionary`
makes of it. Where no text that comes with this package is written in its script, words are made of
its letters, at random, and drawn from a list. Every label that is drawn must encode and decode to
itself. A row says `no:` and the command's words where something is refused; it says `BREAKS` where
it ends without words, and the benchmark then ends with 1.
"""

import argparse
import random
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth.corpus.dictionary_languages import leading_script
from textlines.errors import MendError
from textlines.labels.alphabet import Alphabet
from textlines.labels.canonical import canonical

ENDINGS = (".txt", ".json")

NO_TEXT, NO_FACE = "no text that comes with this package", "no face at hand"


@dataclass(frozen=True)
class Row:
    """What came of one dictionary.

    Attributes:
        reached: of its entries. why: of those that are not, by reason.
        told: what is drawn or refused, in words. faults: what ended without words.
    """

    name: str
    entries: int
    reached: int
    why: dict[str, int]
    told: str
    faults: tuple[str, ...]
    seconds: float

    def line(self) -> str:
        """Put it into one line."""
        why = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.why.items()))
        law = f"{self.reached:,} of {self.entries:,} reached" + (f" ({why})" if why else "")
        parts = [f"{self.name:<36}", law if self.entries else "-", self.told]
        parts += [f"BREAKS: {fault}" for fault in self.faults]
        return " | ".join(parts) + f" | {self.seconds:.0f} s"


def law_faults(alphabet: Alphabet) -> Iterator[str]:
    """Name the entries whose round trip is not as it must be."""
    for number, entry in enumerate(alphabet.entries, 1):
        if alphabet.decode([number]) != entry:
            yield f"class {number} decodes to {alphabet.decode([number])!r}, not {entry!r}"
        if number not in alphabet.unreached:
            found = alphabet.encode(canonical(entry))
            if found != [number]:
                yield f"entry {number} {entry!r} encodes to {found}"
    for number, reason in alphabet.unreached.items():
        entry = unicodedata.normalize("NFC", alphabet.entries[number - 1])
        if alphabet.ids.get(entry) == number and reason != "control":
            yield f"entry {number} {entry!r} is reached and said to be {reason}"


def made_words(alphabet: Alphabet, count: int, seed: int) -> list[str]:
    """Make words of the letters of a dictionary's script, at random; marks stand behind letters."""
    _, characters = leading_script(alphabet.characters)
    marks = sorted(char for char in characters if unicodedata.category(char[0])[0] == "M")
    letters = sorted(characters - set(marks))
    draws, texts = random.Random(seed), set[str]()
    for _ in range(20 * count):
        word = ""
        for _ in range(draws.randint(2, 6)):
            word += draws.choice(letters)
            if marks and draws.random() < 0.4:
                word += draws.choice(marks)
        word = unicodedata.normalize("NFC", word)
        if alphabet.holds(word):
            texts.add(word)
        if len(texts) == count:
            break
    return sorted(texts)


def generate(options: Sequence[str | Path], out: Path, limit_s: float) -> tuple[int, str]:
    """Call `synth generate`; returns its exit code and what it said."""
    command = [sys.executable, "-m", "synth", "generate", *map(str, options), "--out", str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        return -1, f"no end after {limit_s:.0f} s"
    return done.returncode, done.stdout + done.stderr


def drawn(
    path: Path, alphabet: Alphabet, out: Path, args: argparse.Namespace
) -> tuple[str, list[str]]:
    """Draw lines with a dictionary; says what came of it, and what ended without words."""
    options: list[str | Path] = ["--dictionary", path, "--count", str(args.lines), "--workers", "1"]
    options += [part for folder in args.fonts for part in ("--fonts", folder)]
    code, said = generate(options, out, args.limit)
    how = "by itself"
    if code == 1 and NO_TEXT in said and NO_FACE not in said:
        words = made_words(alphabet, args.lines, args.seed)
        texts = out.with_suffix(".words.txt")
        texts.parent.mkdir(parents=True, exist_ok=True)
        texts.write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
        code, said = generate([*options, "--text-list", texts], out, args.limit)
        how = f"of {len(words)} words made of its letters"
    if code:
        words = [line for line in said.splitlines() if line.startswith("synth: error: ")]
        if code == 1 and words and "Traceback" not in said:
            return f"no: {words[0].removeprefix('synth: error: ')}", []
        return "no lines", [f"exit {code}: {said.strip().splitlines()[-1:] or ['nothing said']}"]
    labels = [
        row.partition("\t")[2]
        for row in (out / "rec_gt_train.txt").read_text(encoding="utf-8").split("\n")
        if row
    ]
    faults = [
        f"label {label!r} does not come back"
        for label in labels
        if not alphabet.holds(label)
        or unicodedata.normalize("NFC", alphabet.decode(alphabet.encode(label))) != label
    ]
    script, characters = leading_script(alphabet.characters)
    used = {piece for label in labels for piece, _ in alphabet.pieces(label)}
    if not used & characters:
        faults.append(f"no line holds a character of {script}")
    left = [line for line in said.splitlines() if line.startswith(("no face for", "used up"))]
    if len(labels) < args.lines and not left:
        faults.append(f"{len(labels)} of {args.lines} lines, and not a word on why")
    told = f"{len(labels)} lines {how}, {len(used & characters):,} of {len(characters):,} {script}"
    return "; ".join([told, *left[:2]]), faults[:5]


def row_of(path: Path, args: argparse.Namespace) -> Row:
    """Look at one file."""
    begin, name = time.monotonic(), path.relative_to(args.folder).as_posix()
    try:
        alphabet = Alphabet.read(path)
    except MendError as error:
        return Row(name, 0, 0, {}, f"no: {error}", (), time.monotonic() - begin)
    faults = list(law_faults(alphabet))[:5]
    told, more = drawn(path, alphabet, args.out / name.replace("/", "-"), args)
    count = len(alphabet.entries)
    why = dict(Counter(alphabet.unreached.values()))
    seconds = time.monotonic() - begin
    return Row(name, count, count - sum(why.values()), why, told, (*faults, *more), seconds)


def main() -> int:
    """Look at every dictionary; ends with 1 where one breaks without words."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True, help="of the dictionaries")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is drawn")
    parser.add_argument("--lines", type=int, default=200, help="to draw with each")
    parser.add_argument("--only", default="", help="names that hold this")
    parser.add_argument("--fonts", type=Path, action="append", default=[], help="of the runs")
    parser.add_argument("--seed", type=int, default=1, help="of the words that are made")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for a run")
    args = parser.parse_args()
    paths = sorted(
        path for path in args.folder.rglob("*") if path.suffix in ENDINGS and args.only in path.name
    )
    if not paths:
        raise SystemExit(f"{args.folder}: holds no .txt or .json file of such a name")
    broken = 0
    for path in paths:
        row = row_of(path, args)
        broken += bool(row.faults)
        print(row.line(), flush=True)
    print(f"{len(paths)} files, {broken} break without words")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
