"""`tools/reference.py`: the pages of docs/ that are made from the code."""

import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def reference(*options: object) -> subprocess.CompletedProcess[str]:
    """Run the tool."""
    command = [sys.executable, ROOT / "tools/reference.py", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_a_page_that_is_not_what_the_code_says_is_named(tmp_path: Path) -> None:
    assert reference("--docs", tmp_path).returncode == 0
    assert reference("--docs", tmp_path, "--check").returncode == 0
    page = tmp_path / "cli.md"
    text = page.read_text(encoding="utf-8")
    assert "## balance mix\n" in text
    assert "| `--seed <int>` | Same seed, same bytes. [default: 1] |" in text
    assert "| `--fonts <path> ...` | Folders of fonts, used alone. |" in text
    page.write_text(text.replace("--seed", "--sead"), encoding="utf-8")
    answer = reference("--docs", tmp_path, "--check")
    assert answer.returncode == 1
    assert answer.stdout == f"{page}: not what the code says; run: python tools/reference.py\n"


def test_the_public_names_of_a_package_stand_in_the_page(tmp_path: Path) -> None:
    reference("--docs", tmp_path)
    text = (tmp_path / "api.md").read_text(encoding="utf-8")
    assert "### synth.Renderer\n" in text
    assert "**`render(text: str, index: int = 0) -> Sample`**" in text


def test_every_package_says_what_it_exports() -> None:
    for tool in ("textlines", "synth", "balance", "train"):
        for path in sorted((ROOT / tool).rglob("__init__.py")):
            name = ".".join(path.relative_to(ROOT).parent.parts)
            package = importlib.import_module(name)
            assert "__all__" in vars(package), name
            assert all(hasattr(package, exported) for exported in package.__all__), name


def test_each_option_of_a_request_stands_in_the_page_with_type_default_and_help(
    tmp_path: Path,
) -> None:
    reference("--docs", tmp_path)
    text = (tmp_path / "api.md").read_text(encoding="utf-8")
    assert "| `alpha` | `float = 0.5` | Target of evening: 1 natural, 0 all characters" in text
    assert "| `base` | `str` | The model in use: a folder of `train weights`" in text
    assert " object at 0x" not in text
