"""`balance mix` from its files to its files, and to the record of what it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from balance.mixing.label_columns import SourceFile
from balance.mixing.material import read_material
from balance.mixing.mix_request import MixInputs, MixOptions, Placing
from balance.mixing.mixture import Budget, Epoch, Mixture, make_budget, make_mix
from balance.mixing.out_folder import (
    CHOICE,
    DataFolder,
    MixPlaces,
    check_images,
    copy_images,
    data_folder,
    link_folders,
    listed_images,
    marked,
    read_choice,
    save_choice,
    write_list,
)
from balance.mixing.sorting import LineSpace
from textlines.defects import of_lines
from textlines.errors import InputError, UsageError
from textlines.files import read_regular, replacing_bytes, sha256_of
from textlines.formats.mix import (
    MIX,
    MixConfiguration,
    MixEpoch,
    MixRecord,
    MixSource,
    outputs_of,
)
from textlines.formats.roles import LineKind, code_of, kinds_of
from textlines.formats.run_record import versions
from textlines.labels.tally import Tally
from textlines.partials import partial_folder
from textlines.wording.counts import count_of

FIRST = "train.txt"
"""The list of epoch 0, under the name that trainers are shown."""


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
        raise UsageError(
            "--caps", f"{count_of(over, 'line')} would go over them", "Widen them or add lines."
        )
    budget = make_budget(mix)
    if out is None:
        return Result(mix, inputs, budget, None)
    stale = outputs_of(out / MIX)
    folder = data_folder(material.sources, out, placing)
    with marked(out):
        outputs = _write(mix, folder, out, placing, lmdb)
        record = make_record(mix, inputs, budget, outputs, MixPlaces(folder, out))
        record.write(out / MIX)
    remove_stale(out, stale - set(outputs))
    return Result(mix, inputs, budget, record)


def remove_stale(out: Path, names: Iterable[str]) -> None:
    """Remove lists of an earlier mix with more epochs: a trainer would go on with them."""
    for name in sorted(names):
        if name.startswith("epoch-") and name.endswith((".txt", ".roles")) and "/" not in name:
            (out / name).unlink(missing_ok=True)


def _write(
    mix: Mixture, folder: DataFolder, out: Path, placing: Placing, lmdb: bool
) -> dict[str, str]:
    sources = mix.material.sources
    if placing == "link":
        link_folders(sources, folder.heads, out)
    elif placing == "copy":
        copy_images(sources, folder.heads, listed_images(mix.epochs, len(sources)), out)
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
    same_file(out / list_name(0), out / FIRST)
    outputs[FIRST] = outputs[list_name(0)]
    save_choice(mix.epochs, out / CHOICE)
    return outputs


def _pack(path: Path, folder: DataFolder, sources: Sequence[SourceFile]) -> None:
    """Write the images and labels of a list as an LMDB beside it."""
    from textlines.labels.label_file import read_labels
    from textlines.labels.lmdb_store import write_lmdb

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


def same_file(file: Path, other: Path) -> None:
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


def make_record(
    mix: Mixture,
    inputs: MixInputs,
    budget: Budget,
    outputs: Mapping[str, str],
    places: MixPlaces | None = None,
) -> MixRecord:
    """Put the record together.

    Args:
        outputs: sha256 by the file's name.
        places: where the lists' paths start; None for a mix that is not written.
    """
    options = mix.options
    configuration = MixConfiguration(
        ratio=float(options.ratio.value) if mix.amounts.new else None,
        by=options.by,
        general_ratio=float(options.general_ratio) if inputs.general or inputs.own else None,
        own_times=mix.own_times or None,
        epoch_lines=options.epoch_lines,
        on_shortage=options.on_shortage,
        check_images=options.check_images,
        even=options.even,
        alpha=options.alpha,
        word_floor=options.word_floor,
        floor_words=options.floor_words,
        floor_characters=options.floor_characters,
        caps=tuple(asdict(cap) for cap in options.caps),
        repeat_originals=options.repeat_originals,
        max_length=options.max_length,
        use_space_char=_has_space(mix),
        dictionary_sha256=mix.material.alphabet.sha256 if mix.material.alphabet else None,
        data_folder=places.data_folder() if places else "",
        kinds=_kinds(mix),
        sources=_sources(mix, places),
        epochs=tuple(epoch_record(epoch) for epoch in mix.epochs),
        divergence={"originals": mix.divergences[0], "random": mix.divergences[1]},
        drift={name: asdict(drift) for name, drift in mix.drift.items()},
        budget=asdict(budget),
        notes=tuple(mix.notes),
    )
    return MixRecord(
        configuration=configuration,
        seed=options.seed,
        inputs=_inputs(mix, inputs),
        outputs=dict(outputs),
        counts=_counts(mix),
        versions=versions(),
    )


def _kinds(mix: Mixture) -> tuple[LineKind, ...]:
    """List what lines of this mix may be."""
    return kinds_of([(source.role, source.name) for source in mix.material.sources])


def role_codes(mix: Mixture) -> list[str]:
    """Return two codes for each source: of its lines, and of its rendered ones."""
    known = _kinds(mix)
    return [
        code_of(known, source.name, rendered=rendered)
        for source in mix.material.sources
        for rendered in (False, True)
    ]


def _sources(mix: Mixture, places: MixPlaces | None) -> tuple[MixSource, ...]:
    """Describe each label file: what it was for, where it and its images lie, what it held."""
    return tuple(
        MixSource(
            role=source.role,
            name=source.name,
            labels=places.seen(source.path) if places else source.path.as_posix(),
            images=places.seen(source.folder) if places else source.folder.as_posix(),
            sha256=source.sha256,
            lines=source.seen,
            usable=source.usable,
            rendered=source.rendered,
            times={"own": mix.own_times, "replay": 1}.get(source.role),
            head=places.folder.heads[number] if places else "",
            counts=source.tally.as_dict(),
        )
        for number, source in enumerate(mix.material.sources)
    )


def epoch_record(epoch: Epoch) -> MixEpoch:
    """Put the record of one epoch together."""
    new, others, choice = epoch.new.amount, epoch.others, epoch.choice
    has_distil = len(epoch.distil) > 0
    return MixEpoch(
        list=list_name(epoch.number),
        roles=roles_name(epoch.number),
        distil_list=distil_name(epoch.number) if has_distil else None,
        distil_roles=distil_roles_name(epoch.number) if has_distil else None,
        own=len(others.own),
        original=len(others.originals) - len(epoch.distil),
        distil=len(epoch.distil),
        new=len(epoch.new),
        general=len(others.general),
        replay={name: len(part) for name, part in others.replay.items()},
        ratio=others.kept / new if new else None,
        scene_to_general=_scene_to_general(epoch),
        divergence=epoch.divergence,
        divergence_without_floors=epoch.free_divergence,
        words_below_floor=epoch.below[0],
        characters_below_floor=epoch.below[1],
        churn=epoch.churn,
        batch_loss=choice.loss if choice else None,
        certain_share_of_best=choice.certain if choice else None,
        over_caps=choice.over_caps if choice else 0,
    )


def _scene_to_general(epoch: Epoch) -> float | None:
    """Divide the own scene by general scenes: without own lines originals are the own scene."""
    others, new = epoch.others, epoch.new.amount
    own, originals, general = others.own.amount, others.originals.amount, others.general.amount
    scene, rest = (own + new, originals + general) if own else (originals + new, general)
    return scene / rest if rest else None


def list_name(number: int) -> str:
    """Name the list of an epoch."""
    return f"epoch-{number:03d}.txt"


def distil_name(number: int) -> str:
    """Name the list of an epoch's distilled lines."""
    return f"epoch-{number:03d}.distil.txt"


def roles_name(number: int) -> str:
    """Name the file of the roles of an epoch's list."""
    return f"epoch-{number:03d}.roles"


def distil_roles_name(number: int) -> str:
    """Name the file of the roles of an epoch's distilled lines."""
    return f"epoch-{number:03d}.distil.roles"


def _inputs(mix: Mixture, inputs: MixInputs) -> dict[str, str]:
    hashes: dict[str, str] = {}
    for source in mix.material.sources:
        put_input(hashes, f"{source.name}/{source.path.name}", source.sha256)
    if mix.material.like:
        put_input(hashes, f"like/{mix.material.like[0].path.name}", mix.material.like[0].sha256)
    named = {
        "profile": inputs.profile,
        "dictionary": inputs.dictionary,
        "previous": inputs.previous,
    }
    for role, path in named.items():
        if path:
            put_input(hashes, f"{role}/{path.name}", sha256_of(path))
    return hashes


def put_input(hashes: dict[str, str], name: str, sha256: str) -> None:
    """Add an input; a second one of that name gets a number."""
    names = [name, *(f"{name}#{k}" for k in range(2, len(hashes) + 3))]
    hashes[next(n for n in names if n not in hashes)] = sha256


def _counts(mix: Mixture) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, tally in tallies(mix):
        for reason, count in tally.as_dict().items():
            counts[f"{name}/{reason}"] = count
    for source in mix.material.sources:
        for key, amount in (("lines", source.seen), ("usable", source.usable)):
            counts[f"{source.name}/{key}"] = counts.get(f"{source.name}/{key}", 0) + amount
    over = sum(epoch.choice.over_caps for epoch in mix.epochs if epoch.choice)
    return {**counts, **({of_lines.OVER_CAPS.code: over} if over else {})}


def tallies(mix: Mixture) -> Sequence[tuple[str, Tally]]:
    """Return what was met in each role, its files together."""
    by_name: dict[str, Tally] = {}
    for source in mix.material.sources:
        by_name.setdefault(source.name, Tally()).merge(source.tally)
    return list(by_name.items())


def _has_space(mix: Mixture) -> bool:
    """Return whether a space follows the entries: as the dictionary was read, not as was asked."""
    alphabet = mix.material.alphabet
    return alphabet.use_space_char if alphabet else mix.options.use_space_char is not False
