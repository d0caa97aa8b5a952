"""What `train det export` prints."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from textlines.defects import of_annotations
from textlines.wording.counts import count_of
from train.detection.deployment import deployment_notes, lines_to_paste
from train.detection.detector_candidate import ExportedDetector, SettingsOf
from train.detection.map_parity import MapParity
from train.detection.training_checkpoint import CHECKPOINT, WITH, WITHOUT

_WHOSE: Mapping[SettingsOf, str] = {"run": "of the run", "deployed": "as deployed"}
"""Settings that come from no `tuned.toml`, in words."""


def exported_record(exported: ExportedDetector) -> dict[str, Any]:
    """Return an export as it is printed in JSON."""
    source, settled = exported.source, exported.settled
    return {
        "path": str(exported.path),
        "model_name": settled.configuration.model_name,
        "source": {
            "path": source.asked,
            "of": "run" if source.is_run else "model",
            "name": source.name,
        },
        "files": dict(exported.files),
        "program": "kept" if exported.is_same_program else "anew",
        "settings": {"of": settled.of, **asdict(settled.configuration.settings)},
        "parity": [asdict(parity) for parity in exported.parity],
        "left_out": exported.left_out.as_dict(),
        "history": exported.history.summary(),
        "notes": _notes(exported),
        "open_with": {
            pasted.program: pasted.text
            for pasted in lines_to_paste(settled.configuration, exported.path)
        },
    }


def exported_text(exported: ExportedDetector) -> Iterator[str]:
    """Tell an export line by line, with the lines to paste."""
    source, settled, history = exported.source, exported.settled, exported.history
    settings = settled.configuration.settings
    of = f"{source.asked}/best" if source.is_run else source.asked
    yield f"{exported.path}: {source.name} from {of}, fp32"
    yield f"  files     {', '.join(exported.files)}"
    yield "  program   " + (
        f"{source.program}, byte for byte, with these weights"
        if exported.is_same_program
        else "exported anew from the graph, height and width free"
    )
    yield (
        f"  settings  {settled.tuned or _WHOSE[settled.of]}: {settings.limit_type} "
        f"{settings.limit_side_len}, thresh {settings.thresh:g}, box_thresh "
        f"{settings.box_thresh:g}, unclip_ratio {settings.unclip_ratio:g}"
    )
    yield from (f"  parity    {_told(parity)}" for parity in exported.parity)
    for reason in exported.left_out.lines(of_annotations.PAGE_FILE):
        yield f"  labels    {reason}"
    yield (
        f"  history   {count_of(history.saw, 'step')} saw {count_of(len(history.images), 'image')}"
        if not history.gaps
        else "  history   not whole: nobody can tell which pages it has seen "
        f"({'; '.join(history.gaps)})"
    )
    yield from (f"note: {note}" for note in _notes(exported))
    yield ""
    for pasted in lines_to_paste(settled.configuration, exported.path):
        yield f"# {pasted.program}"
        yield pasted.text


def _notes(exported: ExportedDetector) -> list[str]:
    settled = exported.settled
    own = [settled.note] if settled.note else []
    if CHECKPOINT in exported.files:
        own.append(WITH if exported.source.thresholds else WITHOUT)
    return [*own, *deployment_notes(settled.configuration)]


def _told(parity: MapParity) -> str:
    beyond = (
        f", {count_of(parity.beyond, 'page')} within 10 x their rounding" if parity.beyond else ""
    )
    ties = f" ({count_of(parity.ties, 'tie')})" if parity.ties else ""
    return (
        f"{parity.of}: {parity.largest:.1e} at most on {count_of(parity.pages, 'page')} "
        f"(limit {parity.tolerance:g}{beyond}), {parity.same_boxes:,} of "
        f"{count_of(parity.boxes, 'box', 'boxes')} the same{ties}"
    )
