"""Stands for GitHub and GitLab: runs the shell of their files, job by job, in clean folders.

Only what our workflows use is known; anything else fails. Artefacts are copies between the folders
of jobs; the disk of the runners with the label `crops` is hidden while a job runs elsewhere.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Job = Mapping[str, Any]


class _Every(Container[str]):
    def __contains__(self, _: object) -> bool:
        return True


EVERY = _Every()


@dataclass
class Ended:
    """How a job of one part ended.

    Attributes:
        where: its folder. summary: what it wrote to be shown.
    """

    name: str
    where: Path
    code: int
    log: str
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""


@dataclass
class BatchSystem:
    """A folder with a repository, a disk of crops, and one for each job.

    Attributes:
        disk: of the runners with the label crops; is moved away while other jobs run.
        commands: a folder of commands, first on the path.
        variables: of the project.
    """

    folder: Path
    repository: Path
    disk: Path
    commands: Path
    variables: Mapping[str, str]
    environment: Mapping[str, str]
    ended: list[Ended] = field(default_factory=list)

    @property
    def artefacts(self) -> Path:
        return self.folder / "artefacts"

    def named(self, name: str) -> list[Ended]:
        return [one for one in self.ended if one.name == name]

    def run_github(self, file: Path, only: Container[str] = EVERY) -> list[Ended]:
        """Run a workflow of GitHub, or some of its jobs; ends after the first that failed."""
        content = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
        env = {key: self._filled(value, {}) for key, value in content.get("env", {}).items()}
        for name, job in ordered(content["jobs"], lambda one: one.get("needs", [])):
            if name not in only:
                continue
            for values in parts_of(job):
                matrix = {f"matrix.{key}": value for key, value in values.items()}
                ended = self._github_job(name, job, matrix, env)
                self.ended.append(ended)
                if ended.code:
                    return self.ended
        return self.ended

    def _github_job(
        self, name: str, job: Job, matrix: dict[str, str], env: dict[str, str]
    ) -> Ended:
        where = self._checkout(f"{name}{''.join(f'-{value}' for value in matrix.values())}")
        given = where.parent / f"{where.name}.runner"
        given.mkdir()
        files = {
            key: given / key for key in ("GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        for file in files.values():
            file.touch()
        own = {key: self._filled(value, matrix) for key, value in job.get("env", {}).items()}
        known = {**env, **own, "RUNNER_TEMP": str(given)}
        known |= {key: str(path) for key, path in files.items()}
        ended = Ended(name, where, 0, "")
        with self._only_where(job["runs-on"]):
            for step in job["steps"]:
                condition = step.get("if", "success()")
                if not holds(condition, ended, matrix):
                    continue
                if "uses" in step:
                    filled = {k: self._filled(v, matrix) for k, v in step.get("with", {}).items()}
                    self._use(step["uses"], filled, where)
                    continue
                before = files["GITHUB_PATH"].read_text(encoding="utf-8").split()
                code, log = self._bash(step["run"], where, known, before[::-1])
                ended.code = ended.code or code
                ended.log += log
                for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines():
                    key, _, value = line.partition("=")
                    ended.outputs[f"steps.{step.get('id')}.outputs.{key}"] = value
        ended.summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        return ended

    def _use(self, action: str, given: Mapping[str, str], where: Path) -> None:
        name = action.partition("@")[0].removeprefix("actions/")
        if name == "upload-artifact":
            source, target = where / given["path"], self.artefacts / given["name"]
            if not source.exists():
                assert given["if-no-files-found"] == "ignore", (action, given)
                return
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
        elif name == "download-artifact":
            if "pattern" in given:
                found = sorted(self.artefacts.glob(given["pattern"]))
                assert found, given
                for one in found:
                    shutil.copytree(one, where / given["path"] / one.name)
            else:
                shutil.copytree(
                    self.artefacts / given["name"], where / given["path"], dirs_exist_ok=True
                )
        else:
            assert name in ("checkout", "setup-python"), action

    def run_gitlab(self, file: Path, only: Container[str] = EVERY) -> list[Ended]:
        """Run a pipeline of GitLab, or some jobs; ends after the first that failed and may not."""
        content = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
        jobs = {
            name: with_extended(job, content) for name, job in content.items() if name[0] != "."
        }
        for name, job in ordered(jobs, lambda one: [need["job"] for need in one["needs"]]):
            if name not in only:
                continue
            count = int(job.get("parallel", 1))
            for number in range(1, count + 1):
                ended = self._gitlab_job(name, job, number, count)
                self.ended.append(ended)
                allowed = job.get("allow_failure", {}).get("exit_codes", [])
                if ended.code and str(ended.code) not in allowed:
                    return self.ended
        return self.ended

    def _gitlab_job(self, name: str, job: Job, number: int, count: int) -> Ended:
        where = self._checkout(f"{name.replace(':', '-')}-{number}")
        for need in job["needs"]:
            if need["artifacts"] == "true":
                for one in sorted(self.artefacts.glob(f"{need['job'].replace(':', '-')}-*")):
                    shutil.copytree(one, where, dirs_exist_ok=True)
        known = {**self.variables, **job.get("variables", {})}
        known |= {"CI_NODE_INDEX": str(number), "CI_NODE_TOTAL": str(count)}
        script = "\n".join([*job["before_script"], *job["script"]])
        with self._only_where(job.get("tags", "shared")):
            code, log = self._bash(script, where, known, [])
        kept = job.get("artifacts", {})
        for path in kept.get("paths", []) if not code or kept.get("when") == "always" else []:
            if (where / path).exists():
                target = self.artefacts / where.name / path
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(where / path, target, ignore=shutil.ignore_patterns(".*"))
        return Ended(name, where, code, log)

    def _checkout(self, name: str) -> Path:
        where = self.folder / "jobs" / name
        shutil.copytree(self.repository, where)
        return where

    def _only_where(self, runner: str | Sequence[str]) -> "_Hidden":
        has_disk = not isinstance(runner, str) and "crops" in runner
        return _Hidden(None if has_disk else self.disk)

    def _bash(
        self, script: str, where: Path, known: Mapping[str, str], first: list[str]
    ) -> tuple[int, str]:
        path = os.pathsep.join([*first, str(self.commands), "/usr/bin", "/bin"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=where,
            env={**self.environment, **known, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def _filled(self, text: str, known: Mapping[str, str]) -> str:
        """Return a text with the values of GitHub's expressions."""

        def value(found: "re.Match[str]") -> str:
            name = found[1].strip()
            if name.startswith("vars."):
                return self.variables.get(name.removeprefix("vars."), "")
            return known[name]

        return re.sub(r"\$\{\{(.*?)\}\}", value, text)


class _Hidden:
    """Moves a folder away for as long as it lasts."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        if self.folder:
            self.folder.rename(self.folder.with_name("hidden"))

    def __exit__(self, *_: object) -> None:
        if self.folder:
            self.folder.with_name("hidden").rename(self.folder)


def holds(condition: str, ended: Ended, known: Mapping[str, str]) -> bool:
    """Evaluate the condition of a step, of the few forms that we write."""
    if condition == "always()":
        return True
    if condition == "success()":
        return not ended.code
    found = re.fullmatch(r"([\w.]+) == '([^']*)'", condition)
    assert found, condition
    return not ended.code and {**ended.outputs, **known}.get(found[1]) == found[2]


def ordered(jobs: Mapping[str, Job], needs: Any) -> Iterator[tuple[str, Job]]:
    """Yield jobs, each after those that it needs."""
    left, done = dict(jobs), set[str]()
    while left:
        ready = [name for name, job in left.items() if done.issuperset(needs(job))]
        assert ready, f"jobs that wait for each other: {sorted(left)}"
        for name in ready:
            yield name, left.pop(name)
            done.add(name)


def parts_of(job: Job) -> Iterator[dict[str, str]]:
    """Yield the values of a job's matrix, which has one axis at most."""
    matrix = job.get("strategy", {}).get("matrix", {})
    assert len(matrix) <= 1
    for axis, values in matrix.items():
        yield from ({axis: value} for value in values)
    if not matrix:
        yield {}


def with_extended(job: Job, content: Mapping[str, Job]) -> dict[str, Any]:
    """Return a job of GitLab with what it extends under it."""
    base = content[job["extends"]] if "extends" in job else {}
    return {**base, **job}
