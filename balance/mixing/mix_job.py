"""`balance mix` from its files to its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from balance.mixing.label_columns import SourceFile
from balance.mixing.material import read_material
from balance.mixing.mix_record import (
    distil_name,
    distil_roles_name,
    list_name,
    make_record,
    role_codes,
    roles_name,
)
from balance.mixing.mix_request import MixInputs, MixOptions, Placing
from balance.mixing.mixture import Budget, Mixture, make_budget, make_mix
from balance.mixing.out_folder import (
    CHOICE,
    DataFolder,
    MixPlaces,
    check_images,
    copy_images,
    data_folder,
    link_folders,
    marked,
    read_choice,
    save_choice,
    write_list,
)
from balance.mixing.sorting import LineSpace
from textlines.errors import InputError, UsageError
from textlines.files import read_regular, replacing_bytes
from textlines.formats.mix import MIX, MixRecord, outputs_of
from textlines.partials import partial_folder

_FIRST = "train.txt"


@dataclass(frozen=True)
class Result:
    """A mix, its inputs and budget, and its record (None after a dry run)."""

    mix: Mixture
    inputs: MixInputs
    budget: Budget
    record: MixRecord | None


def run(
    inputs: MixInputs,
    options: MixOptions,
    out: Path | None,
    *,
    placing: Placing = "in_place",
    lmdb: bool = False,
    space: LineSpace | None = None,
) -> Result:
    """Mix, and write the lists and the record into `out`; None only counts.

    Args:
        space: takes the lines that outgrow memory, and is open as long as the result is used;
            None keeps all in memory.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    previous = read_choice(inputs.previous) if inputs.previous else ()
    material = read_material(inputs, options, space)
    mix = make_mix(material, options, previous)
    over = sum(epoch.choice.over_caps for epoch in mix.epochs if epoch.choice)
    if over and options.strict:
        raise UsageError("--caps", f"{over} lines would go over them", "Widen them or add lines.")
    budget = make_budget(mix)
    if out is None:
        return Result(mix, inputs, budget, None)
    stale = outputs_of(out / MIX)
    folder = data_folder(material.sources, out, placing)
    with marked(out):
        outputs = _write(mix, folder, out, placing, lmdb)
        record = make_record(mix, inputs, budget, outputs, MixPlaces(folder, out))
        record.write(out / MIX)
    for name in sorted(stale - set(outputs)):
        # Of an earlier mix with more epochs: a trainer would go on with them.
        if name.startswith("epoch-") and name.endswith((".txt", ".roles")) and "/" not in name:
            (out / name).unlink(missing_ok=True)
    return Result(mix, inputs, budget, record)


def _write(
    mix: Mixture, folder: DataFolder, out: Path, placing: Placing, lmdb: bool
) -> dict[str, str]:
    sources = mix.material.sources
    if placing == "link":
        link_folders(sources, folder.heads, out)
    elif placing == "copy":
        copy_images(sources, folder.heads, mix.epochs, out)
    outputs: dict[str, str] = {}
    codes, heads = role_codes(mix), folder.heads
    for epoch in mix.epochs:
        number = epoch.number
        lists = {(list_name(number), roles_name(number)): epoch.parts}
        if len(epoch.distil):
            lists[distil_name(number), distil_roles_name(number)] = (epoch.distil,)
        for (name, roles), parts in lists.items():
            outputs[name], outputs[roles] = write_list(out / name, out / roles, parts, heads, codes)
        if lmdb:
            _pack(out / list_name(epoch.number), folder, sources)
    _same(out / list_name(0), out / _FIRST)
    outputs[_FIRST] = outputs[list_name(0)]
    save_choice(mix.epochs, out / CHOICE)
    return outputs


def _pack(path: Path, folder: DataFolder, sources: Sequence[SourceFile]) -> None:
    """Write the images and labels of a list as an LMDB beside it."""
    from textlines.labels.label_file import read_labels
    from textlines.labels.lmdb_store import write_lmdb
    from textlines.labels.tally import Tally

    # The longest head first: one folder may lie in another.
    homes = sorted(zip(folder.heads, (s.folder for s in sources), strict=True), reverse=True)

    def named(path: str) -> tuple[Path, str]:
        head, home = next(pair for pair in homes if path.startswith(pair[0]))
        return home, path.removeprefix(head)

    rows = [(*named(row.path), row.label) for row in read_labels(path, tally=Tally())]
    check_images([(home, name) for home, name, _ in rows])
    samples = ((_bytes_of(home / name), label) for home, name, label in rows)
    # As a list is: a mix that is made again, or was killed, takes its own place.
    write_lmdb(path.with_suffix(".lmdb"), samples, replace=True)


def _bytes_of(image: Path) -> bytes:
    try:
        return read_regular(image)
    except OSError as error:
        raise InputError(str(image), "cannot be read", "Mix with --check-images stat.") from error


def _same(file: Path, other: Path) -> None:
    """Let a second name hold the same bytes, without writing them again where links can."""
    try:
        with partial_folder(other) as made:
            link = made / other.name
            link.hardlink_to(file)
            link.replace(other)
    except OSError:
        with file.open("rb") as source, replacing_bytes(other) as target:
            while piece := source.read(1 << 22):
                target.write(piece)
