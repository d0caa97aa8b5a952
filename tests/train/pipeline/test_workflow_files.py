"""What is written for GitHub and GitLab: well formed, chained, and closed to strangers' code."""

import re
import shlex
from typing import Any

import pytest
import yaml

from tests.documents import ROOT
from train.pipeline.batch_jobs import (
    OPENCV,
    SHARD_LINES,
    Place,
    default_shards,
    install_lines,
    jobs_of,
)
from train.pipeline.settings import OwnLines, Settings
from train.pipeline.table import stage_names
from train.pipeline.workflow_files import WRITTEN_BY, github_workflow, gitlab_pipeline

PLACE = Place(
    settings="pipeline.toml",
    work="",
    labels="",
    images="",
    package=".",
    shards=3,
    branch="main",
)
KNOWN_ACTIONS = {"checkout", "setup-python", "upload-artifact", "download-artifact"}
CROPS, GPU, ANY = ["self-hosted", "crops"], ["self-hosted", "crops", "gpu"], "ubuntu-latest"


def place(**more: object) -> Place:
    from dataclasses import replace

    return replace(PLACE, **more)  # type: ignore[arg-type]


def github(settings: Settings | None = None, **more: object) -> Any:
    text = github_workflow(settings or Settings(), place(**more))
    assert text.startswith(WRITTEN_BY)
    return yaml.load(text, yaml.BaseLoader)


def gitlab(settings: Settings | None = None, **more: object) -> Any:
    text = gitlab_pipeline(settings or Settings(), place(**more))
    assert text.startswith(WRITTEN_BY)
    return yaml.load(text, yaml.BaseLoader)


@pytest.mark.parametrize("folds", [0, 5])
def test_every_stage_is_in_one_job_and_in_order(folds: int) -> None:
    settings = Settings(own=OwnLines(folds=folds))
    named = [
        word
        for job in jobs_of(settings, PLACE, "0/1")
        for line in job.script
        if "--hand-over" not in line and "--shard" not in line
        for command in line.splitlines()
        if command.startswith("train line ")
        for word in shlex.split(command.partition("|")[0])[2:]
        if not word.startswith("--") and word != "parts"
    ]
    # Where there are no folds, their stages are passed over.
    there = set(stage_names(settings)) - ({"own-mix", "fold"} if not folds else set())
    assert [name for name in stage_names(settings) if name in there] == named


def test_jobs_of_github_run_where_what_they_read_is() -> None:
    jobs = github()["jobs"]
    assert {name: job["runs-on"] for name, job in jobs.items()} == {
        "check": CROPS,
        "mine": GPU,
        "render": ANY,
        "mix": CROPS,
        "train": GPU,
        "gate": CROPS,
    }
    assert [job.get("needs", []) for job in jobs.values()] == [
        [],
        *([name] for name in ("check", "mine", "render", "mix", "train")),
    ]
    assert jobs["render"]["strategy"]["matrix"] == {"shard": ["0", "1", "2"]}
    for job in jobs.values():
        assert int(job["timeout-minutes"]) > 0
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            if "uses" in step:
                name, at, version = step["uses"].removeprefix("actions/").partition("@")
                assert name in KNOWN_ACTIONS and at and re.fullmatch(r"v\d+", version)
    wrote = {
        step["with"]["name"]
        for job in jobs.values()
        for step in job["steps"]
        if "upload" in step.get("uses", "")
    }
    assert wrote == {"to-render", "part-${{ matrix.shard }}", "verdict", "candidate"}


def test_no_code_that_nobody_reviewed_runs_on_github() -> None:
    content = github(branch="release/1")
    assert set(content["on"]) == {"schedule", "workflow_dispatch", "push"}
    assert content["on"]["push"]["branches"] == ["release/1"]
    assert content["permissions"] == {"contents": "read"}
    for job in content["jobs"].values():
        # Who may start it by hand may name another branch.
        assert job["if"] == (
            "github.event.repository.fork == false && github.ref == 'refs/heads/release/1'"
        )
        assert job["steps"][0]["with"] == {"persist-credentials": "false"}
        assert "permissions" not in job
        for step in job["steps"]:
            # No value of an event enters a script.
            assert "${{" not in step.get("run", "")
    assert "secrets." not in github_workflow(Settings(), PLACE)


def test_no_code_that_nobody_reviewed_runs_on_gitlab() -> None:
    content = gitlab()
    rules = content[".mend"]["rules"]
    assert rules[-1] == {"when": "never"}
    for rule in rules[:-1]:
        assert '$CI_COMMIT_BRANCH == "main"' in rule["if"]
        assert '$CI_COMMIT_REF_PROTECTED == "true"' in rule["if"]
        assert "merge_request" not in rule["if"]
    for name, job in content.items():
        if name != ".mend":
            assert job["extends"] == ".mend" and "rules" not in job


def test_jobs_of_gitlab_are_chained_and_hand_over_what_the_next_needs() -> None:
    jobs = {name: job for name, job in gitlab().items() if name != ".mend"}
    assert {name: job.get("tags") for name, job in jobs.items()} == {
        "mend:check": ["crops"],
        "mend:mine": ["crops", "gpu"],
        "mend:render": None,
        "mend:mix": ["crops"],
        "mend:train": ["crops", "gpu"],
        "mend:gate": ["crops"],
    }
    for name, job in jobs.items():
        for need in job["needs"]:
            assert need["job"] in jobs
            gives = "artifacts" in jobs[need["job"]]
            assert need["artifacts"] == ("true" if gives else "false"), name
    assert jobs["mend:render"]["parallel"] == "3"
    gate = jobs["mend:gate"]
    assert gate["allow_failure"] == {"exit_codes": ["3"]}
    assert gate["artifacts"]["reports"] == {"junit": "verdict/verdict.xml"}


def test_places_that_are_said_stand_in_it_and_others_are_variables() -> None:
    said = {"work": "/srv/mend", "labels": "/srv/rec_gt.txt", "images": "/srv/crops"}
    env = github(**said)["env"]
    assert (env["WORK"], env["LABELS"], env["IMAGES"]) == tuple(said.values())
    assert github()["env"]["WORK"] == "${{ vars.MEND_WORK }}"
    content = gitlab(**said)
    assert content[".mend"]["variables"] == {
        "WORK": "/srv/mend",
        "LABELS": "/srv/rec_gt.txt",
        "IMAGES": "/srv/crops",
        "SETTINGS": "pipeline.toml",
    }
    assert not any("export WORK" in line for line in content["mend:mix"]["before_script"])
    assert 'export WORK="${MEND_WORK:-}"' in gitlab()["mend:mix"]["before_script"]
    # Rendering knows of no disk.
    assert not any("MEND_" in line for line in gitlab()["mend:render"]["before_script"])


@pytest.mark.parametrize(
    ("package", "asked", "pinned"),
    [
        (".", "'.[fonts]'", "-c ./constraints.txt"),
        ("tools/ocr mend", "'tools/ocr mend[fonts]'", "-c 'tools/ocr mend/constraints.txt'"),
        ("dist/ocr_mend-1.whl", "'dist/ocr_mend-1.whl[fonts]'", ""),
        ("ocr-mend @ git+ssh://a/b", "'ocr-mend[fonts] @ git+ssh://a/b'", ""),
    ],
)
def test_the_project_is_installed_from_where_it_is(package: str, asked: str, pinned: str) -> None:
    made, install, opencv = install_lines(frozenset(), package, ".env")
    assert made == '"${PYTHON:-python3}" -m venv .env'
    words = f"{' ' if pinned else ''}{pinned}"
    assert install == f".env/bin/python -m pip install --quiet{words} {asked}"
    assert OPENCV in opencv and "paddle" not in install


def test_opencv_goes_last_at_the_release_of_the_makefile() -> None:
    made = re.search(r"^OPENCV := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert made and f"opencv-python-headless=={made[1]}" == OPENCV


def test_a_shard_is_what_synth_takes_for_one() -> None:
    from synth.run.folder import SHARD

    assert SHARD == SHARD_LINES
    assert default_shards(Settings(new_lines=1)) == 1
