"""`--help` of every command is quick: it loads no library that only the work needs."""

import subprocess
import sys

import pytest

HEAVY = ("paddle", "paddleocr", "paddlex", "albumentations", "trdg", "onnx", "onnxruntime", "ray")

CODE = """
import sys, importlib
tool, heavy = sys.argv[1], sys.argv[2].split()
app = importlib.import_module(tool + ".cli").app
parts = [([], app), *[([group.name], group.typer_instance) for group in app.registered_groups]]
names = [
    [*words, (c.name or c.callback.__name__).replace("_", "-")]
    for words, part in parts
    for c in part.registered_commands
]
for words in [*[words for words, _ in parts], *names]:
    sys.argv = [tool, *words, "--help"]
    try:
        app()
    except SystemExit as end:
        assert not end.code, words
    print("LOADED", *words, [name for name in heavy if name in sys.modules])
print("COMMANDS", len(names))
"""


@pytest.mark.parametrize(("tool", "commands"), [("synth", 8), ("balance", 3), ("train", 12)])
def test_the_help_of_every_command_loads_nothing_heavy(tool: str, commands: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, tool, " ".join(HEAVY)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("LOADED")]
    assert len(told) >= commands + 1
    assert all(line.endswith(" []") for line in told), told
