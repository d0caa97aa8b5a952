"""A team's own crops, and its general lines, as label files, one a role."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from textlines.defects import of_readings
from textlines.errors import InputError, UsageError
from textlines.files import files_below, real_path, replacing, sha256_of, unwritable
from textlines.formats.judged_set import JudgedSet
from textlines.formats.line_roles import (
    ROLES,
    LineRole,
    RoleRow,
    read_line_roles,
    write_line_roles,
)
from textlines.labels.fitting import nothing_left
from textlines.labels.label_file import LabelLine, read_labels
from textlines.labels.tally import Tally
from textlines.wording.counts import count_of
from train.judging.line_kinds import is_long
from train.own.role_files import FILES, ShareOptions, share
from train.own.sharing import (
    documents_of,
    hashed_lines,
    link_images,
    shared_out,
    write_linked,
)
from train.pipeline.places import Crops, GeneralSet, Places, Target
from train.pipeline.settings import General, Settings
from train.pipeline.stage import write_arguments
from train.pipeline.table import GATE


def target_of(labels: str, images: str) -> Target | None:
    """Return what LABELS and IMAGES name; None for no labels.

    The stamp holds the file's hash, and size and time of every image: looking into all of them
    would cost more than some of the stages that it decides about.

    Raises:
        InputError: the label file cannot be read or names no line, or there is no such folder.
    """
    if not labels:
        return None
    file = real_path(labels)
    folder = real_path(images) if images else file.parent
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder", "Name the folder that paths start from.")
    stamp = hashlib.sha256(f"{sha256_of(file)}\n{folder}\n".encode())
    tally = Tally()
    count = long = 0
    for line in read_labels(file, tally=tally, home=folder):
        count += 1
        long += is_long(line.label)
        try:
            status = (folder / line.path).stat()
            stamp.update(f"{line.path}\t{status.st_size}\t{status.st_mtime_ns}\n".encode())
        except OSError:
            stamp.update(f"{line.path}\t-\n".encode())
    if not count:
        raise nothing_left(
            file,
            tally,
            images=folder,
            what="labelled line",
            mend="Name a label file: path<TAB>label.",
        )
    return Target(file, folder, stamp.hexdigest(), lines=count, long_lines=long)


def crops_of(images: str) -> Crops | None:
    """Return what CROPS names, stamped by size and time of every file; None for nothing.

    Raises:
        InputError: it is no folder.
    """
    if not images:
        return None
    folder = real_path(images)
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder", "Name the folder of the crops: CROPS=crops.")
    stamp = hashlib.sha256(f"{folder}\n".encode())
    for path in files_below(folder):
        status = path.stat()
        stamp.update(f"{path}\t{status.st_size}\t{status.st_mtime_ns}\n".encode())
    return Crops(folder, stamp.hexdigest())


def general_of(settings: General) -> tuple[GeneralSet, ...]:
    """Return the sets that `[general]` names, each with a name of its own.

    Raises:
        InputError: a label file cannot be read or names no line, or there is no such folder.
        UsageError: a file is named twice, or what stands behind its colon is no comparison.
    """
    sets: list[GeneralSet] = []
    for judged, images in settings.sets():
        judged.check()
        target = target_of(str(judged.path), images)
        if target is None:
            continue
        if any(earlier.target.labels == target.labels for earlier in sets):
            raise UsageError(
                f"[general] {judged.path}", "is named twice", "Name each label file once."
            )
        names = [earlier.name for earlier in sets]
        stem = judged.path.stem
        name = stem if stem not in names else f"{stem}-{len(sets) + 1}"
        sets.append(GeneralSet(target, judged.comparison, name))
    return tuple(sets)


def share_own(
    settings: Settings, target: Target, places: Places, tally: Tally, base: Path | None = None
) -> list[str]:
    """Share a team's lines out to train, stop and judge, and write what later stages take of them.

    Args:
        base: in rounds the model that the candidate is to replace. Training goes on from it where
            there are lines to stop by. Without any the folds say when it ends, of the start model.

    Returns:
        What was done, in lines of text.

    Raises:
        InputError: as of `train.own.role_files.share`.
        UsageError: too few lines to stop by, and no folds that would say when.
    """
    own = settings.own
    named: dict[LineRole, str] = {"stop": own.stop_labels, "judge": own.judge_labels}
    given = {role: Path(file) for role, file in named.items() if file}
    shared = share(
        ShareOptions(
            labels=target.labels,
            images=target.images,
            group=own.group,
            shares={"train": own.train, "stop": own.stop, "judge": own.judge},
            roles=Path(own.roles) if own.roles else None,
            marks=Path(own.marks) if own.marks else None,
            seed=settings.seed,
            out=places.own,
            given=given,
        ),
        tally,
    )
    files = {role: places.own / name for role, name in FILES.items()}
    there = {role: JudgedSet(files[role], own.comparison) for role in files if files[role].exists()}
    if "stop" not in there and not own.folds:
        raise UsageError(
            "[own] folds = 0",
            f"and {count_of(shared.lines['train'], 'line')} to train on: too few to stop by some "
            "of them",
            "Ask for folds (5), or label more lines.",
        )
    arguments: dict[str, list[str]] = {
        "generate": ["--exclude-texts", str(files["judge"])] if "judge" in there else [],
        "plan": [
            *(["--model", str(base if "stop" in there else places.start)] if base else []),
            *(["--stop-on", str(there["stop"])] if "stop" in there else []),
            *(["--folds", str(places.folds)] if own.folds else []),
        ],
        GATE: ["--target", str(there["judge"])] if "judge" in there else [],
    }
    for stage, words in arguments.items():
        write_arguments(places.arguments(stage), words)
    with replacing(places.own_sums) as out:
        out.writelines(
            f"{sha256_of(judged.path)}  {judged.path.name}\n" for judged in there.values()
        )
    counts = ", ".join(f"{role} {count:,}" for role, count in shared.lines.items())
    return [f"own crops: {counts}", *shared.notes]


def join_labelled(folders: Sequence[Path], out: Path) -> Path:
    """Put labelled lines of several queues into one folder, each with the role that it has.

    The crops keep their paths, so that they are of one document as before; where two queues wrote
    other pixels to one path, the later is named by its folder's number as well.

    Args:
        folders: of `train collect --answers`, in order.
        out: the folder; what an earlier call left in it is made anew.

    Returns:
        The label file, its roles beside it.

    Raises:
        InputError: a file cannot be read or written.
    """
    labels: list[str] = []
    roles: dict[str, RoleRow] = {}
    try:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        for number, folder in enumerate(folders, 1):
            for row in read_line_roles(folder / ROLES).values():
                roles.setdefault(row.sha256, row)
            for line in read_labels(folder / "rec_gt.txt", tally=Tally(), images=folder):
                path = _placed(folder / line.path, out, line.path, number)
                labels.append(f"{path}\t{line.label}\n")
    except OSError as error:
        raise unwritable(out, error) from error
    file = out / "rec_gt.txt"
    with replacing(file) as written:
        written.writelines(labels)
    write_line_roles(out / ROLES, roles.values())
    return file


def _placed(image: Path, out: Path, path: str, number: int) -> str:
    """Link a crop to its path below a folder, or copy it, and return the path."""
    placed = out / path
    if placed.exists() and sha256_of(placed) != sha256_of(image):
        placed = placed.with_stem(f"{placed.stem}.{number}")
    placed.parent.mkdir(parents=True, exist_ok=True)
    if not placed.exists():
        try:
            placed.hardlink_to(image)
        except OSError:
            shutil.copyfile(image, placed)
    return placed.relative_to(out).as_posix()


def split_general(
    target: Target,
    files: Mapping[str, Path],
    shares: Mapping[str, int],
    group: str,
    seed: int,
    tally: Tally,
) -> dict[str, int]:
    """Write the label file of each role, with a link to the images beside it.

    Args:
        files: to write, by role, each in a folder of its own.
        shares: per cent by role.

    Returns:
        Lines by role.

    Raises:
        InputError: a role is left without a line, or a file cannot be read or written.
        UsageError: `group` does not fit the paths.
    """
    hashed = hashed_lines(target.labels, target.images, tally)
    lines = [each.line for each in hashed]
    documents = documents_of([line.path for line in lines], group) if lines else ()
    roles, copies = shared_out(documents, [each.sha256 for each in hashed], shares, seed)
    if copies:
        tally.add(of_readings.IMAGE_COPIED, count=copies)
    counts = {}
    for role in shares:
        chosen = [line for line, given in zip(lines, roles, strict=True) if given == role]
        counts[role] = len(chosen)
        if not chosen:
            raise InputError(
                str(target.labels),
                f"leaves no line for the role {role} ({count_of(len(lines), 'line')}, "
                f"{shares[role]} %, {count_of(len(set(documents)), 'document')})",
                "Add lines, or change the shares in pipeline.toml.",
            )
        _write_role(files[role], target.images, chosen)
    return counts


def _write_role(labels: Path, images: Path, lines: list[LabelLine]) -> None:
    folder = labels.parent
    # What an earlier, rendered set left would mark these lines as rendered.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    link_images(folder, images)
    write_linked(labels, lines)
