"""How this project is built, in figures: modules, what they import, names that repeat, walks.

    python tools/house.py                       # figures, and the walks of tools/walks.toml
    python tools/house.py --json house.json     # the same as a file
    python tools/house.py --before house.json   # beside the figures of another day
    python tools/house.py --list cycles         # what a figure counts, one a line

Read from the source alone; nothing is imported or run. A module counts if it holds more than a
docstring and an empty `__all__`. Imports inside functions count as imports, those for type checkers
alone do not.
Ends with 1 where a walk has a gap or is longer than it may be.
"""

import argparse
import ast
import json
import statistics
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = ("textlines", "synth", "balance", "train")
SMALL = 100
LONG = 400
OPENINGS = ("Give", "Gives", "Say", "Says", "Tell", "Tells")
"""First words of a docstring that say less than "Return" or "Whether"."""

LOOSE = ("one", "found", "own", "told")
"""Names of a value that say nothing of what it is."""

WALKS = Path(__file__).with_name("walks.toml")
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Module:
    """One source file.

    Attributes:
        name: dotted, a package's own file by the package's name.
        imports: modules of this project that it imports, in any function of it too.
        defined: definitions by qualified name (`Class.method`).
    """

    name: str
    path: str
    lines: int
    imports: frozenset[str]
    defined: Mapping[str, ast.AST]
    tree: ast.Module

    @property
    def folder(self) -> str:
        """Return the package that the module lies in."""
        return str(Path(self.path).parent).replace("/", ".")

    @property
    def room(self) -> str:
        """Return the folder, or the module itself where it lies directly in a tool."""
        return self.name if "/" not in str(Path(self.path).parent) else self.folder

    @property
    def is_package(self) -> bool:
        """Return whether the file is a package's `__init__.py`."""
        return self.path.endswith("__init__.py")


@dataclass(frozen=True, slots=True)
class Walk:
    """How one thing passes through the code, as a reader follows it.

    Attributes:
        most: files that it may pass.
        stops: `path.py:Class.method`, in the order of reading.
        gaps: stops that are not there, or that no stop before them names.
    """

    name: str
    most: int
    stops: tuple[str, ...]
    gaps: tuple[str, ...] = ()

    @property
    def files(self) -> int:
        """Return how many files a reader opens."""
        return len({stop.partition(":")[0] for stop in self.stops})


@dataclass(slots=True)
class House:
    """The modules of the project by name."""

    modules: dict[str, Module] = field(default_factory=dict)

    def figures(self) -> dict[str, int]:
        """Return every figure by its name, in the order they are printed in."""
        lines = [module.lines for module in self.modules.values()]
        return {
            "modules": len(lines),
            "lines": sum(lines),
            "median lines of a module": int(statistics.median(lines)),
            f"modules of at most {SMALL} lines": sum(count <= SMALL for count in lines),
            f"modules over {LONG} lines": sum(count > LONG for count in lines),
            "imports inside": sum(len(module.imports) for module in self.modules.values()),
            **{name: len(self.listed(name)) for name in LISTED},
        }

    def listed(self, name: str) -> list[str]:
        """Return what a figure of `LISTED` counts, one text each."""
        return sorted(LISTED[name](self))

    def importers(self) -> dict[str, set[str]]:
        """Return for each module who imports it."""
        importers: dict[str, set[str]] = defaultdict(set)
        for module in self.modules.values():
            for name in module.imports:
                importers[name].add(module.name)
        return importers


def read_house(root: Path) -> House:
    """Read every module below the folders of `TOOLS`.

    Raises:
        SystemExit: a file is no Python.
    """
    paths = [path for tool in TOOLS for path in sorted((root / tool).rglob("*.py"))]
    names = {_module_name(path.relative_to(root)) for path in paths}
    house = House()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            raise SystemExit(f"{path}: is no Python: {error}") from error
        if all(_is_text(statement) or _exports_nothing(statement) for statement in tree.body):
            continue
        relative = path.relative_to(root)
        name = _module_name(relative)
        house.modules[name] = Module(
            name,
            relative.as_posix(),
            text.count("\n"),
            frozenset(_imported(tree, names)) - {name},
            dict(_definitions(tree)),
            tree,
        )
    return house


def _module_name(relative: Path) -> str:
    parts = relative.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _exports_nothing(statement: ast.stmt) -> bool:
    """Return whether it is an `__all__` without a name, as rooms have it."""
    return ast.unparse(statement) == "__all__: tuple[str, ...] = ()"


def _imported(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """Yield the modules of `names` that a tree imports when it runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from _imported(other, names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in names or node.module in names:
                    yield inner if inner in names else node.module
        else:
            yield from _imported(node, names)


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield functions and classes by qualified name, those inside functions left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node, f"{prefix}{node.name}.")


def _repeated_files(house: House) -> Iterator[str]:
    """Name each file name that several folders hold."""
    places = defaultdict(list)
    for module in house.modules.values():
        if not module.is_package:
            places[Path(module.path).name].append(module.folder)
    return (f"{name}: {', '.join(folders)}" for name, folders in places.items() if len(folders) > 1)


def _repeated_classes(house: House) -> Iterator[str]:
    """Name each class that several modules define, those with a leading underscore left out."""
    places = defaultdict(list)
    for module in house.modules.values():
        for name, node in module.defined.items():
            if isinstance(node, ast.ClassDef) and "." not in name and not name.startswith("_"):
                places[name].append(module.name)
    return (f"{name}: {', '.join(found)}" for name, found in places.items() if len(found) > 1)


def _single_importers(house: House) -> Iterator[str]:
    """Name each small module that is used by one module alone, of its own folder."""
    for name, importers in house.importers().items():
        module = house.modules.get(name)
        if module is None or module.is_package or module.lines > SMALL or len(importers) > 1:
            continue
        importer = next(iter(importers))
        if house.modules[importer].folder == module.folder:
            yield f"{name} ({module.lines} lines): {importer}"


def _module_cycles(house: House) -> Iterator[str]:
    """Name the modules that import each other in a circle."""
    edges = {name: module.imports for name, module in house.modules.items()}
    return (" <-> ".join(circle) for circle in circles(edges))


def _room_cycles(house: House) -> Iterator[str]:
    """Name the folders whose modules import each other in a circle."""
    edges: dict[str, set[str]] = defaultdict(set)
    for module in house.modules.values():
        for name in module.imports:
            other = house.modules.get(name)
            if other is not None and other.room != module.room:
                edges[module.room].add(other.room)
    return (" <-> ".join(circle) for circle in circles(edges))


def _weak_openings(house: House) -> Iterator[str]:
    """Name the definitions whose docstring begins with a word of `OPENINGS`."""
    for module in house.modules.values():
        for name, node in module.defined.items():
            text = ast.get_docstring(node) if isinstance(node, _DOCUMENTED) else None
            if text and text.split()[0] in OPENINGS:
                yield f"{module.path}:{name}: {text.splitlines()[0]}"


_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _loose_names(house: House) -> Iterator[str]:
    """Name each place where a value is called by a word of `LOOSE`."""
    for module in house.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id in LOOSE:
                yield f"{module.path}:{node.lineno}:{node.col_offset} {node.id}"
            elif isinstance(node, ast.arg) and node.arg in LOOSE:
                yield f"{module.path}:{node.lineno}:{node.col_offset} {node.arg}"


LISTED = {
    "file names in several folders": _repeated_files,
    "classes of one name in several modules": _repeated_classes,
    f"modules of at most {SMALL} lines with one importer, in their folder": _single_importers,
    "cycles of modules": _module_cycles,
    "cycles of folders": _room_cycles,
    f"docstrings that begin with {' / '.join(OPENINGS[::2])}": _weak_openings,
    f"values called {' / '.join(LOOSE)}": _loose_names,
}


def circles(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the groups of names that reach each other (Tarjan 1972), sorted.

    >>> circles({"a": ["b"], "b": ["a", "c"], "c": []})
    [['a', 'b']]
    """
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    groups: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        waiting.append(name)
        for other in sorted(edges.get(name, ())):
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in waiting:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            at = waiting.index(name)
            group = sorted(waiting[at:])
            del waiting[at:]
            if len(group) > 1:
                groups.append(group)

    for name in sorted(edges):
        if name not in order:
            visit(name)
    return sorted(groups)


def read_walks(path: Path, house: House) -> list[Walk]:
    """Read the walks of a TOML file and hold each of their stops against the code.

    A stop has a gap where its definition is gone, or where no definition of a stop before it
    names it: a reader who follows the code could not have come there without another file.
    """
    walks = tomllib.loads(path.read_text(encoding="utf-8"))["walks"]
    by_path = {module.path: module for module in house.modules.values()}
    return [
        Walk(walk["name"], walk["most"], tuple(walk["stops"]), tuple(_gaps(walk["stops"], by_path)))
        for walk in walks
    ]


def _gaps(stops: Iterable[str], by_path: Mapping[str, Module]) -> Iterator[str]:
    named: set[str] = set()
    for number, stop in enumerate(stops):
        path, _, name = stop.partition(":")
        module = by_path.get(path)
        node = None if module is None else module.defined.get(name)
        if node is None:
            yield f"{stop} is not there"
            continue
        if number and name.rpartition(".")[2] not in named and name.split(".")[0] not in named:
            yield f"{stop} is named by no stop before it"
        named |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        named |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
        named |= {
            alias.name
            for inner in ast.walk(node)
            if isinstance(inner, ast.ImportFrom)
            for alias in inner.names
        }


def rooms(house: House) -> list[tuple[str, int, int]]:
    """Return (folder, modules, lines) for each folder, in the order of their names."""
    counts = Counter(module.folder for module in house.modules.values())
    lines: Counter[str] = Counter()
    for module in house.modules.values():
        lines[module.folder] += module.lines
    return [(folder, counts[folder], lines[folder]) for folder in sorted(counts)]


def main() -> int:
    """Print the figures; return 1 where a walk is broken or too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout that is read")
    parser.add_argument("--walks", type=Path, default=WALKS)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--before", type=Path, help="figures of another day, written by --json")
    parser.add_argument("--list", choices=[*LISTED, "cycles"], metavar="FIGURE")
    arguments = parser.parse_args()
    house = read_house(arguments.root)
    if arguments.list:
        names = [name for name in LISTED if name == arguments.list or name.startswith("cycles of")]
        for name in names if arguments.list == "cycles" else [arguments.list]:
            for text in house.listed(name):
                print(text)
        return 0
    walks = read_walks(arguments.walks, house)
    figures = house.figures() | {f"files of the walk: {walk.name}": walk.files for walk in walks}
    before = json.loads(arguments.before.read_text("utf-8")) if arguments.before else None
    for name, value in figures.items():
        was = "" if before is None else f"{before['figures'].get(name, '-'):>8} "
        print(f"{was}{value:8,} {name}")
    earlier = {} if before is None else {room: count for room, count, _ in before["rooms"]}
    for folder, count, lines in rooms(house):
        was = "" if before is None else f"{earlier.get(folder, 0):>8} "
        print(f"{was}{count:8,} modules, {lines:6,} lines in {folder}")
    if arguments.json:
        record = {"figures": figures, "rooms": rooms(house)}
        arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    broken = False
    for walk in walks:
        for gap in walk.gaps:
            print(f"{walk.name}: {gap}", file=sys.stderr)
        if walk.files > walk.most:
            print(f"{walk.name}: {walk.files} files, {walk.most} at most", file=sys.stderr)
        broken |= bool(walk.gaps) or walk.files > walk.most
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
