"""What a mix was, for its `mix.json`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from balance.mixing.epochs import Epoch
from balance.mixing.mix_request import MixInputs
from balance.mixing.mixture import Budget, Mixture
from balance.mixing.out_folder import MixPlaces
from textlines.files import sha256_of
from textlines.formats.mix import MixConfiguration, MixEpoch, MixRecord, MixSource
from textlines.formats.roles import LineKind, code_of, kinds_of
from textlines.formats.run_record import versions
from textlines.labels.tally import Tally


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
        _put(hashes, f"{source.name}/{source.path.name}", source.sha256)
    if mix.material.like:
        _put(hashes, f"like/{mix.material.like[0].path.name}", mix.material.like[0].sha256)
    named = {
        "profile": inputs.profile,
        "dictionary": inputs.dictionary,
        "previous": inputs.previous,
    }
    for role, path in named.items():
        if path:
            _put(hashes, f"{role}/{path.name}", sha256_of(path))
    return hashes


def _put(hashes: dict[str, str], name: str, sha256: str) -> None:
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
    return {**counts, **({"over_caps": over} if over else {})}


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
