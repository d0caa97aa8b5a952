"""The Dockerfile keeps to rules of its own, and asks for nothing that is not there.

`benchmarks/docker_steps.py` runs its steps.
"""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.docker_files import Stage, commands_of, is_sent, read_dockerfile
from tests.documents import ROOT

FILE = ROOT / "Dockerfile"
STAGES = read_dockerfile(FILE)
TARGETS = {stage.name: stage for stage in STAGES}
RULES = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

stages = pytest.mark.parametrize("stage", STAGES, ids=[stage.name for stage in STAGES])
images = pytest.mark.parametrize("stage", [TARGETS["cpu"], TARGETS["gpu"]], ids=["cpu", "gpu"])


@stages
def test_every_base_has_a_release(stage: Stage) -> None:
    assert stage.name
    name, colon, tag = stage.base.partition(":")
    assert colon and tag and tag != "latest" and re.search(r"\d", tag), stage.base
    # Whose registry is not said: the one that the builder is set to.
    assert "." not in name.partition("/")[0]


@images
def test_an_image_ends_as_a_user_that_it_made(stage: Stage) -> None:
    (user,) = stage.of("USER")
    assert user.text.isdigit() and int(user.text) >= 1000
    assert any(f"useradd --create-home --uid {user.text} " in one for one in stage.commands())
    after = stage.instructions[stage.instructions.index(user) + 1 :]
    assert [one.name for one in after] == ["CMD"]
    assert stage.of("WORKDIR")


@stages
def test_what_apt_fetched_is_left_in_no_layer(stage: Stage) -> None:
    for run in stage.of("RUN"):
        commands = commands_of(run.text)
        installs = [one for one in commands if one.startswith("apt-get install")]
        assert all("--no-install-recommends" in one and "--yes" in one for one in installs)
        if installs:
            assert commands[0] == "apt-get update"
            assert "rm -rf /var/lib/apt/lists/*" in commands
        assert "pip install" not in run.text or "--no-cache-dir" in run.text
        assert "pip wheel" not in run.text or "--no-cache-dir" in run.text


def test_no_address_and_no_secret_stands_in_it() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert not re.search(r"https?://", text)
    assert not re.search(r"(?i)token|password|secret|api_?key|\.netrc|pip\.conf", text)
    assert not any(stage.of("ADD") for stage in STAGES)
    for stage in STAGES:
        # Where pip looks is said by whoever builds, and is in no layer of its own.
        assert all(one.text.endswith('=""') for one in stage.of("ARG"))
        assert all(one.text.startswith("PATH=") for one in stage.of("ENV"))


@stages
def test_what_is_copied_is_there_and_is_sent(stage: Stage) -> None:
    names = [one.name for one in STAGES]
    for copy in stage.of("COPY"):
        *sources, target = copy.words()
        assert target
        if sources[0].startswith("--from="):
            assert names.index(sources[0].removeprefix("--from=")) < names.index(stage.name)
            continue
        for source in sources:
            assert (ROOT / source).exists(), source
            assert is_sent(source, RULES), source


def test_only_what_the_wheel_is_made_of_is_sent() -> None:
    sent = {path.name for path in ROOT.iterdir() if is_sent(path.name, RULES)}
    copied = {
        source
        for stage in STAGES
        for copy in stage.of("COPY")
        for source in copy.words()[:-1]
        if not source.startswith(("--", "/"))
    }
    assert sent == copied
    assert not is_sent("train/pipeline/__pycache__", RULES) and is_sent("train/cli.py", RULES)
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*wheel["packages"], *wheel["force-include"]} <= copied
    assert {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]} <= copied


@images
def test_every_command_and_extra_is_one(stage: Stage) -> None:
    ours = {*PROJECT["project"]["scripts"], "python", "python3"}
    known = {"apt-get", "rm", "useradd", "userdel", "$pip", *ours}
    for command in stage.commands():
        first = command.split()[0]
        assert first in known or re.match(r"(wheel|pip)=", first), command
    (_, install) = stage.of("RUN")
    (asked,) = re.findall(r"ocr-mend\[([\w,]+)\]", install.text)
    assert set(asked.split(",")) <= set(PROJECT["project"]["optional-dependencies"])
    assert (
        "paddlepaddle-gpu" in install.text
        if stage.name == "gpu"
        else " paddlepaddle " in (install.text)
    )
    # The release that the Makefile puts last as well.
    made = re.search(r"^OPENCV := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert made and f"--no-deps opencv-python-headless=={made[1]}" in install.text
    (command_line,) = stage.of("CMD")
    assert command_line.text == '["train", "--help"]'


@stages
def test_every_step_is_what_the_shell_reads(stage: Stage) -> None:
    for run in stage.of("RUN"):
        done = subprocess.run(["sh", "-n"], input=run.text, text=True, check=False)
        assert done.returncode == 0, run


def test_hadolint_finds_nothing_where_it_is_installed() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        return  # the rules above hold everywhere
    done = subprocess.run([hadolint, str(FILE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_reader_joins_lines_and_knows_stages(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("# a\nFROM a:1 AS one\nRUN x \\\n  # why\n  && y\n\nFROM one AS two\nUSER 7\n")
    one, two = read_dockerfile(file)
    assert (one.base, one.name, one.commands()) == ("a:1", "one", ["x", "y"])
    assert (two.base, two.instructions[0].number) == ("one", 8)
