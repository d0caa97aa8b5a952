"""The jobs of the line as GitHub's workflow and as GitLab's pipeline.

Jobs that read crops run on runners of the team's own with the label `crops`, whose disk holds the
crops and the folder of the work; those that train ask for `gpu` too. Rendering is given texts
alone, and runs anywhere. What nobody has reviewed runs nowhere: neither a fork, nor a request to
merge, nor another branch than the one that is named.
"""

from collections.abc import Mapping

from train.pipeline.batch_jobs import (
    CANDIDATE,
    HANDED_OVER,
    PARTS,
    VERDICT,
    Job,
    Place,
    install_lines,
    jobs_of,
)
from train.pipeline.settings import Settings
from train.pipeline.stage import Need
from train.pipeline.yaml_text import Flow, Noted, yaml_text

WRITTEN_BY = "# Written by `train init"
"""How each file begins that this writes."""

KEPT_DAYS = 30
"""Of verdicts and candidates; what goes from job to job is kept for a day."""

PYTHON = "3.11"
"""On machines that are not the team's."""

_HEAD = """\
{mark} --ci {kind}` from the stages of the line. Write it again: `train init --ci {kind} --force`.
#
# Crops stay on the disk of the runners with the label crops, where the folder of the work (WORK)
# lies too, and stays between runs. From job to job go texts of labels, the profile, and rendered
# lines; kept are the verdict without pictures, and a candidate that passed.
"""

_VARIABLES = {"WORK": "MEND_WORK", "LABELS": "MEND_LABELS", "IMAGES": "MEND_IMAGES"}
"""What the line reads, and the variable of the project that says it where no option does."""

_FAIL_UNLESS_3 = "# 3: these lines cannot tell.\n"


def github_workflow(settings: Settings, place: Place) -> str:
    """Return a workflow for GitHub, as YAML."""
    jobs = jobs_of(settings, place, f"$SHARD/{place.shards}")
    # Of a fork neither, which has runners of its own at best, and waits for ours for ever.
    trusted = (
        "github.event.repository.fork == false && "
        f"github.ref == {_expression_text(f'refs/heads/{place.branch}')}"
    )
    content: dict[str, object] = {
        "name": "mend",
        "on": Noted(
            {
                "schedule": [{"cron": "0 2 * * 1"}],
                "workflow_dispatch": None,
                "push": {
                    "branches": Flow([place.branch]),
                    "paths": Flow([place.settings, ".github/workflows/mend.yml"]),
                },
            },
            "Never on pull_request: the runners hold crops.",
        ),
        "permissions": {"contents": "read"},
        "concurrency": {"group": "mend", "cancel-in-progress": False},
        "defaults": {"run": {"shell": "bash"}},
        "env": {
            **{
                name: said or f"${{{{ vars.{variable} }}}}"
                for (name, variable), said in zip(
                    _VARIABLES.items(), (place.work, place.labels, place.images), strict=True
                )
            },
            "SETTINGS": place.settings,
            "PADDLE_INDEX": Noted("${{ vars.PADDLE_INDEX }}", "Paddle's own, for its GPU wheel."),
        },
        "jobs": {job.name: _github_job(job, place, trusted) for job in jobs},
    }
    return _HEAD.format(mark=WRITTEN_BY, kind="github") + yaml_text(content)


def _github_job(job: Job, place: Place, trusted: str) -> Noted:
    content: dict[str, object] = {
        **({"needs": Flow(job.after)} if job.after else {}),
        "if": trusted,
        "runs-on": _runner(job.needs),
        "timeout-minutes": job.minutes,
    }
    if job.shards > 1 or not job.needs:
        content["strategy"] = {"matrix": {"shard": Flow(range(job.shards))}}
        content["env"] = {"SHARD": "${{ matrix.shard }}"}
    content["steps"] = [
        {"uses": "actions/checkout@v4", "with": {"persist-credentials": False}},
        *([] if job.needs else [_action("setup-python@v5", {"python-version": PYTHON})]),
        {
            "name": "install",
            "run": _block(
                *install_lines(job.needs, place.package, '"$RUNNER_TEMP/mend"'),
                'echo "$RUNNER_TEMP/mend/bin" >> "$GITHUB_PATH"',
            ),
        },
        *_github_steps(job),
    ]
    return Noted(content, job.about)


def _github_steps(job: Job) -> list[Mapping[str, object]]:
    """Return what a job does, between what it takes from others and what it leaves."""
    run: dict[str, object] = {"name": job.name, "run": _block(*job.script)}
    if job.name == "mine":
        return [run, _upload(HANDED_OVER, HANDED_OVER)]
    if job.name == "render":
        part = "${{ matrix.shard }}"
        return [
            _action("download-artifact@v4", {"name": HANDED_OVER, "path": HANDED_OVER}),
            run,
            _upload(f"part-{part}", f"{HANDED_OVER}/generate/new"),
        ]
    if job.name == "mix":
        # What an earlier run left in the workspace of a runner that stays would be joined as well.
        clean = {"name": "clean", "run": f"rm -rf {PARTS}"}
        parts = {"pattern": "part-*", "path": PARTS}
        return [clean, _action("download-artifact@v4", parts), run]
    if job.name == "gate":
        told = _block(
            *job.script,
            f"if [ -f {VERDICT}/verdict.md ]; then",
            f'  cat {VERDICT}/verdict.md >> "$GITHUB_STEP_SUMMARY"',
            "fi",
            'echo "code=$code" >> "$GITHUB_OUTPUT"',
            f'{_FAIL_UNLESS_3}[ "$code" -eq 3 ] || exit "$code"',
        )
        return [
            {"name": job.name, "id": "gate", "run": told},
            {"if": "always()", **_upload(VERDICT, VERDICT, days=KEPT_DAYS, is_needed=False)},
            {
                "if": "steps.gate.outputs.code == '0'",
                **_upload(CANDIDATE, CANDIDATE, days=KEPT_DAYS),
            },
        ]
    return [run]


def _action(name: str, given: Mapping[str, object]) -> Mapping[str, object]:
    return {"uses": f"actions/{name}", "with": given}


def _upload(name: str, path: str, *, days: int = 1, is_needed: bool = True) -> Mapping[str, object]:
    missing = "error" if is_needed else "ignore"
    return _action(
        "upload-artifact@v4",
        {"name": name, "path": path, "if-no-files-found": missing, "retention-days": days},
    )


def _runner(needs: frozenset[Need]) -> object:
    return Flow(["self-hosted", *sorted(needs)]) if needs else "ubuntu-latest"


def _expression_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _block(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def gitlab_pipeline(settings: Settings, place: Place) -> str:
    """Return a pipeline for GitLab, as YAML; also as a file that another pipeline includes."""
    jobs = jobs_of(settings, place, "$((CI_NODE_INDEX - 1))/$CI_NODE_TOTAL")
    trusted = (
        f'$CI_COMMIT_BRANCH == "{place.branch}" && $CI_COMMIT_REF_PROTECTED == "true" && '
        '($CI_PIPELINE_SOURCE == "schedule" || $CI_PIPELINE_SOURCE == "web")'
    )
    changed = (
        f'$CI_COMMIT_BRANCH == "{place.branch}" && $CI_COMMIT_REF_PROTECTED == "true" && '
        '$CI_PIPELINE_SOURCE == "push"'
    )
    said = zip(_VARIABLES.items(), (place.work, place.labels, place.images), strict=True)
    content: dict[str, object] = {
        ".mend": {
            "rules": Noted(
                [
                    {"if": trusted},
                    {"if": changed, "changes": [place.settings]},
                    {"when": "never"},
                ],
                "Never for a request to merge, nor for a branch that is not protected: the runners "
                "hold crops.",
            ),
            "resource_group": "mend",
            "interruptible": False,
            "variables": {
                **{name: value for (name, _), value in said if value},
                "SETTINGS": place.settings,
            },
        },
        **{f"mend:{job.name}": _gitlab_job(job, place) for job in jobs},
    }
    return _HEAD.format(mark=WRITTEN_BY, kind="gitlab") + yaml_text(content)


def _gitlab_job(job: Job, place: Place) -> Noted:
    content: dict[str, object] = {"extends": ".mend"}
    # A job with `needs` takes the artefacts of those alone that it names.
    content["needs"] = [
        {"job": f"mend:{after}", "artifacts": (after, job.name) in _GITLAB_HANDS}
        for after in job.after
    ]
    if job.needs:
        content["tags"] = Flow(sorted(job.needs))
    else:
        content["image"] = f"python:{PYTHON}"
        content["parallel"] = job.shards
        # They do not take the folder of the work, and need not wait for each other.
        content["resource_group"] = "mend-$CI_NODE_INDEX"
    content["timeout"] = f"{job.minutes} minutes"
    said = zip(_VARIABLES.items(), (place.work, place.labels, place.images), strict=True)
    unsaid = [names for names, value in said if not value]
    content["before_script"] = [
        *([f'export {name}="${{{variable}:-}}"' for name, variable in unsaid] if job.needs else []),
        *map(_item, install_lines(job.needs, place.package, ".mend-env")),
        'export PATH="$PWD/.mend-env/bin:$PATH"',
    ]
    script = list(job.script)
    if job.name == "mine":
        content["artifacts"] = {"paths": Flow([HANDED_OVER]), "expire_in": "1 day"}
    if job.name == "render":
        part = f"{PARTS}/part-$CI_NODE_INDEX"
        script += [f"mkdir -p {PARTS}", f'mv {HANDED_OVER}/generate/new "{part}"']
        content["artifacts"] = {"paths": Flow([PARTS]), "expire_in": "1 day"}
    if job.name == "gate":
        script = [_block(*job.script, f'{_FAIL_UNLESS_3}exit "$code"')]
        content["allow_failure"] = {"exit_codes": Flow([3])}
        content["artifacts"] = {
            "when": "always",
            "paths": Flow([VERDICT, CANDIDATE]),
            "reports": {"junit": f"{VERDICT}/verdict.xml"},
            "expire_in": f"{KEPT_DAYS} days",
        }
    content["script"] = [_item(line) for line in script]
    return Noted(content, job.about)


def _item(line: str) -> str:
    """Return a line as it is, several as a block."""
    return _block(line) if "\n" in line and not line.endswith("\n") else line


_GITLAB_HANDS = {("mine", "render"), ("render", "mix")}
"""From which job to which something goes."""
