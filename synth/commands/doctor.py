"""`synth doctor`: is this installation sound, and what to do where it is not."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(
    dictionary: Annotated[
        Path | None,
        typer.Option(help="PaddleOCR dictionary: are there fonts for each script that it holds?"),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Checks as JSON.")] = False,
) -> None:
    """Check text shaping, OpenCV, fonts, optional parts and foreign packages; say what to do."""
    from synth.doctor import diagnose, worst
    from textlines.labels.alphabet import Alphabet

    alphabet = frozenset[str]() if dictionary is None else Alphabet.read(dictionary).characters
    checks = diagnose(alphabet)
    if json_:
        print(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            print(f"{MARKS[check.status]} {check.name}: {check.found}")
            if check.advice and check.status != "ok":
                print(f"     {check.advice}")
    if worst(checks) == "fail":
        raise typer.Exit(1)
