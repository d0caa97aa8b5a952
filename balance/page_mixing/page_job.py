"""`balance mix` on pages, from its files to its files, and to the record of what it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from balance.mixing.mix_job import (
    FIRST,
    list_name,
    put_input,
    remove_stale,
    roles_name,
    same_file,
)
from balance.mixing.mix_request import MixRequest
from balance.mixing.out_folder import (
    CHOICE,
    MixPlaces,
    copy_images,
    data_folder,
    link_folders,
    marked,
)
from balance.page_mixing.page_material import Page, PageMaterial, PageSource, read_page_material
from balance.page_mixing.page_mixture import PageEpoch, PageMixture, make_page_mix
from textlines.files import replacing_bytes, sha256_of
from textlines.formats.mix import MIX, outputs_of
from textlines.formats.page_mix import (
    PageMixConfiguration,
    PageMixEpoch,
    PageMixRecord,
    PageMixSource,
)
from textlines.formats.roles import LineKind, code_of, kinds_of, role_rows
from textlines.formats.run_record import versions
from textlines.progress import Watcher, unwatched
from textlines.regions.page_file import write_pages


@dataclass(frozen=True, slots=True, eq=False)
class PageResult:
    """A mix of pages, and its record; that of a dry run names no output."""

    mix: PageMixture
    record: PageMixRecord


class Home(NamedTuple):
    """A folder that pages of a role lie in: they are linked or copied together."""

    name: str
    folder: Path


def run_pages(request: MixRequest, watch: Watcher = unwatched) -> PageResult:
    """Mix, and write the lists and the record into the request's folder; None only counts.

    Raises:
        MendError: files or options cannot be used as they are.
    """
    material = read_page_material(request, watch)
    mix = make_page_mix(material, request)
    out = request.folder
    if out is None:
        return PageResult(mix, make_page_record(mix, request, {}))
    homes = _homes(material)
    folder = data_folder(homes, out, request.placing)
    heads = dict(zip(homes, folder.heads, strict=True))
    stale = outputs_of(out / MIX)
    with marked(out):
        if request.placing == "link":
            link_folders(homes, folder.heads, out)
        elif request.placing == "copy":
            copy_images(homes, folder.heads, _listed(mix, homes), out)
        outputs = _write_lists(mix, heads, out)
        record = make_page_record(mix, request, outputs, MixPlaces(folder, out))
        record.write(out / MIX)
    # What an earlier mix of text lines chose has no meaning beside these lists.
    (out / CHOICE).unlink(missing_ok=True)
    remove_stale(out, stale - set(outputs))
    return PageResult(mix, record)


def _home(material: PageMaterial, page: Page) -> Home:
    return Home(material.sources[page.source].name, page.home)


def _homes(material: PageMaterial) -> list[Home]:
    pages = (page for source in material.sources for page in source.pages)
    return list(dict.fromkeys(_home(material, page) for page in pages))


def _listed(mix: PageMixture, homes: Sequence[Home]) -> list[list[str]]:
    """List the images that any list names, by the home that they lie in."""
    named: dict[Home, dict[str, None]] = {home: {} for home in homes}
    for epoch in mix.epochs:
        for pages in epoch.by_name.values():
            for page in pages:
                named[_home(mix.material, page)][page.path] = None
    return [sorted(paths) for paths in named.values()]


def _write_lists(mix: PageMixture, heads: Mapping[Home, str], out: Path) -> dict[str, str]:
    """Write the list of each epoch and its roles; their sha256 by name."""
    outputs: dict[str, str] = {}
    codes = _codes(mix)
    for epoch in mix.epochs:
        rows = epoch.rows(mix.options.seed)
        texts, roles = out / list_name(epoch.number), out / roles_name(epoch.number)
        write_pages(
            texts, ((heads[_home(mix.material, page)] + page.path, page.regions) for page in rows)
        )
        numbers = np.array([2 * page.source + page.is_rendered for page in rows], np.int64)
        with replacing_bytes(roles) as beside:
            beside.write(role_rows(codes, numbers))
        outputs |= {path.name: sha256_of(path) for path in (texts, roles)}
    same_file(out / list_name(0), out / FIRST)
    outputs[FIRST] = outputs[list_name(0)]
    return outputs


def _kinds(mix: PageMixture) -> tuple[LineKind, ...]:
    return kinds_of([(source.role, source.name) for source in mix.material.sources])


def _codes(mix: PageMixture) -> list[str]:
    """Return two codes for each source: of its pages, and of its rendered ones."""
    kinds = _kinds(mix)
    return [
        code_of(kinds, source.name, rendered=rendered)
        for source in mix.material.sources
        for rendered in (False, True)
    ]


def make_page_record(
    mix: PageMixture,
    request: MixRequest,
    outputs: Mapping[str, str],
    places: MixPlaces | None = None,
) -> PageMixRecord:
    """Put the record together.

    Args:
        outputs: sha256 by the file's name.
        places: where the lists' paths start; None for a mix that is not written.
    """
    inputs: dict[str, str] = {}
    for source in mix.material.sources:
        put_input(inputs, f"{source.name}/{source.path.name}", source.sha256)
    is_of_scenes = bool(request.general or request.own)
    return PageMixRecord(
        configuration=PageMixConfiguration(
            ratio=float(request.ratio.value) if mix.amounts.new else None,
            general_ratio=float(request.general_ratio) if is_of_scenes else None,
            own_times=mix.own_times or None,
            epoch_lines=request.epoch_lines,
            on_shortage=request.on_shortage,
            check_images=request.check_images,
            data_folder=places.data_folder() if places else "",
            kinds=_kinds(mix),
            sources=tuple(_source(source, mix, places) for source in mix.material.sources),
            epochs=tuple(page_epoch_record(epoch) for epoch in mix.epochs),
            notes=tuple(mix.amounts.notes),
        ),
        seed=request.seed,
        inputs=inputs,
        outputs=dict(outputs),
        counts=_counts(mix.material),
        versions=versions(),
    )


def _source(source: PageSource, mix: PageMixture, places: MixPlaces | None) -> PageMixSource:
    times = {"own": mix.own_times, "replay": 1}.get(source.role)
    return PageMixSource(
        role=source.role,
        name=source.name,
        labels=places.seen(source.path) if places else source.path.as_posix(),
        sha256=source.sha256,
        pages=source.seen,
        usable=len(source.pages),
        rendered=source.rendered,
        regions=source.regions,
        ignored=source.ignored,
        negatives=source.negatives,
        times=times,
        counts=source.tally.as_dict(),
    )


def page_epoch_record(epoch: PageEpoch) -> PageMixEpoch:
    """Put the record of one epoch together."""
    names = ("own", "original", "distil", "new", "general")
    own, original, distil, new, general = map(epoch.count, names)
    kept = original + distil
    scene, others = (own + new, kept + general) if own else (kept + new, general)
    new_regions = epoch.regions("new")
    by_role = {name: epoch.regions(name) for name, pages in epoch.by_name.items() if pages}
    return PageMixEpoch(
        list=list_name(epoch.number),
        roles=roles_name(epoch.number),
        own=own,
        original=original,
        distil=distil,
        new=new,
        general=general,
        replay=epoch.replay,
        negatives=epoch.negatives,
        ratio=(own + kept) / new if new else None,
        region_ratio=epoch.regions("own", "original") / new_regions if new_regions else None,
        scene_to_general=scene / others if others else None,
        regions=sum(by_role.values()),
        regions_by_role=by_role,
    )


def _counts(material: PageMaterial) -> dict[str, int]:
    counts = {
        f"{name}/{reason}": count
        for name, tally in material.tallies().items()
        for reason, count in tally.as_dict().items()
    }
    for source in material.sources:
        for key, amount in (("pages", source.seen), ("usable", len(source.pages))):
            counts[f"{source.name}/{key}"] = counts.get(f"{source.name}/{key}", 0) + amount
    return counts
