"""`train init`: the line as jobs of a batch system, or as stages of DVC, for one's own settings."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from textlines.errors import InputError, UsageError
from textlines.request_options import check_request, command

if TYPE_CHECKING:
    from train.pipeline.batch_jobs import Place
    from train.pipeline.settings import Settings

System = Literal["github", "gitlab"]

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRequest:
    """What is written for whom; the fields are the command's options.

    Attributes:
        out: the top of the repository, which paths of the settings start from.
        settings: None for `pipeline.toml` there.
        labels, images, work: as they are called where the line will run; "" leaves them to
            variables of the project, or for DVC to the settings.
        package: what pip installs this project from: a folder with a checkout, a wheel, or a
            requirement.

    Raises:
        UsageError: nothing is asked for, or a value does not fit where it would stand.
    """

    ci: Annotated[
        System | None,
        typer.Option(
            help="Write the line as jobs: github (.github/workflows/mend.yml) or gitlab "
            "(.gitlab-ci.yml; where that is another's, .gitlab/mend.yml, to be included)."
        ),
    ] = None
    dvc: Annotated[bool, typer.Option("--dvc", help="Write the line as stages: dvc.yaml.")] = False
    out: Annotated[
        Path,
        typer.Option(help="Top of the repository, which the paths of the settings start from."),
    ] = Path()
    settings: Annotated[
        Path | None, typer.Option(help="The line's settings. [default: pipeline.toml in --out]")
    ] = None
    labels: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="Label file of your own crops, where the jobs run. [default: with --ci the "
            "project's variable MEND_LABELS, with --dvc lines are rendered]",
        ),
    ] = ""
    images: Annotated[
        str,
        typer.Option(
            metavar="FOLDER",
            help="Folder that paths start from, where the jobs run. [default: MEND_IMAGES, or that "
            "of the label file]",
        ),
    ] = ""
    work: Annotated[
        str,
        typer.Option(
            metavar="FOLDER",
            help="Folder of all that is made: for --ci on the disk of the runners that hold the "
            "crops, and kept between runs. [default: MEND_WORK; for --dvc work of the settings]",
        ),
    ] = ""
    shards: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="Jobs that render at once. [default: one for each 1,000 new lines, 4 at most]",
        ),
    ] = None
    branch: Annotated[
        str, typer.Option(help="Branch whose code is trusted with the crops; none else runs.")
    ] = "main"
    package: Annotated[
        str,
        typer.Option(
            help="What pip installs this project from: a folder with its checkout, a wheel, or a "
            "requirement ('ocr-mend @ ...')."
        ),
    ] = "."
    force: Annotated[
        bool, typer.Option("--force", help="Replace what an earlier call has written.")
    ] = False

    def __post_init__(self) -> None:
        check_request(self)
        if self.ci is None and not self.dvc:
            raise UsageError(
                "--ci, --dvc", "neither is said", "Say --ci github, --ci gitlab or --dvc."
            )
        values = {
            "--labels": self.labels,
            "--images": self.images,
            "--work": self.work,
            "--package": self.package,
        }
        for option, value in values.items():
            if "$" in value or not value.isprintable():
                raise UsageError(
                    f"{option} {value!r}",
                    "holds a $ or what cannot be printed, which batch systems read otherwise",
                    "Name it by a plain path.",
                )
        if not _BRANCH.fullmatch(self.branch):
            raise UsageError(
                f"--branch {self.branch}", "is no name of a branch", "Say --branch main."
            )
        if self.images and not self.labels:
            raise UsageError("--images", "has no label file beside it", "Name it with --labels.")
        if self.ci and self.work and not self.work.startswith("/"):
            raise UsageError(
                f"--work {self.work}",
                "starts from the checkout, which each job clears",
                "Name a folder on the runner's disk, from / on.",
            )


def _write_files(request: InitRequest) -> None:
    """Write the line as jobs of GitHub or GitLab, or as stages of DVC, for your pipeline.toml.

    Jobs that read crops run on runners of your own with the label crops, those that train with the
    label gpu besides; rendering gets texts alone. No code of a fork or of a request to merge runs.
    """
    from textlines.files import replacing, unreadable
    from textlines.outputs import Form, check_outputs, file
    from train.pipeline.workflow_files import WRITTEN_BY

    if not request.out.is_dir():
        raise InputError(str(request.out), "is no folder", "Name the top of the repository.")
    form = Form("a file of `train init`", re.compile(re.escape(WRITTEN_BY.encode())))
    targets = _targets(request)
    check_outputs(
        [file("--out", path, form) for path in targets.values()], {"--settings": request.settings}
    )
    for path in targets.values():
        if path.exists() and not request.force:
            raise InputError(str(path), "is there already", "--force writes it anew.")
    texts = {path: _text(kind, request) for kind, path in targets.items()}
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unreadable(path.parent, error, "folder") from error
        with replacing(path) as out:
            out.write(text)
        print(f"written: {path}")
    for line in _told(request, targets):
        print(line)


command_line = command(InitRequest, _write_files)


def _targets(request: InitRequest) -> dict[str, Path]:
    """Return what is written where, by kind."""
    from train.pipeline.workflow_files import WRITTEN_BY

    targets = {}
    if request.ci == "github":
        targets["github"] = request.out / ".github" / "workflows" / "mend.yml"
    if request.ci == "gitlab":
        path = request.out / ".gitlab-ci.yml"
        is_others = path.is_file() and not path.read_bytes().startswith(WRITTEN_BY.encode())
        targets["gitlab"] = request.out / ".gitlab" / "mend.yml" if is_others else path
    if request.dvc:
        targets["dvc"] = request.out / "dvc.yaml"
    return targets


def _text(kind: str, request: InitRequest) -> str:
    """Return the text of a file.

    Raises:
        MendError: the settings, or what they name, cannot be read.
    """
    from contextlib import chdir

    from train.pipeline.settings import SETTINGS, read_settings

    named = request.settings and Path(os.path.relpath(request.settings, request.out))
    if named and named.parts[0] == "..":
        raise UsageError("--settings", f"lies outside of {request.out}", "Name a file below --out.")
    path = named or SETTINGS
    settings = read_settings(request.out / path)
    if kind == "dvc":
        from train.pipeline.dvc_file import NamedFiles, dvc_file
        from train.pipeline.round_line import read_turn

        # As the commands will be called there: all paths start from the top of the repository.
        with chdir(request.out):
            said = {"LABELS": request.labels, "IMAGES": request.images, "WORK": request.work}
            line = read_turn({**said, "SETTINGS": str(path)})
            labels, images = (
                Path(one) if one else None for one in (request.labels, request.images)
            )
            return dvc_file(line, NamedFiles(path, labels, images, has_work=bool(request.work)))
    from train.pipeline.workflow_files import github_workflow, gitlab_pipeline

    write = github_workflow if kind == "github" else gitlab_pipeline
    return write(settings, _place(request, settings, path.as_posix()))


def _place(request: InitRequest, settings: "Settings", path: str) -> "Place":
    from train.pipeline.batch_jobs import Place, default_shards

    return Place(
        settings=path,
        work=request.work,
        labels=request.labels,
        images=request.images,
        package=request.package,
        shards=request.shards or default_shards(settings),
        branch=request.branch,
    )


def _told(request: InitRequest, targets: dict[str, Path]) -> list[str]:
    """Return what is still to be done by hand."""
    told = []
    if request.ci:
        said = {"MEND_WORK": request.work, "MEND_LABELS": request.labels, "MEND_IMAGES": ""}
        unsaid = [name for name, value in said.items() if not value]
        if request.labels:
            unsaid = [name for name in unsaid if name != "MEND_IMAGES"]
        told.append(f"variables to set: {', '.join([*unsaid, 'PADDLE_INDEX'])}")
        told.append("runners: crops (holds the crops and the folder of the work), crops and gpu")
    if request.ci == "gitlab" and targets["gitlab"].name == "mend.yml":
        told.append("in .gitlab-ci.yml: include: [{ local: .gitlab/mend.yml }]")
    if request.dvc:
        told.append("then: dvc repro")
    return told
