"""A page of each kind, made of small data as a user makes it, long names and labels among them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from tests.page_images import QUADS, save_page
from tests.running import run_here
from tests.train.detection.made_pages import Told, box, labelled
from tests.train.detection.two_detectors import gated_on
from textlines.labels.tally import Tally
from textlines.pages.thumbnails import thumbnail
from train.collect.collect_page import Card, label_page
from train.detection.evaluation import evaluate_pages
from train.detection.judged_pages import JudgedPage, judge_pages
from train.detection.mine_page import mine_page
from train.detection.mining import LineFacts, facts_of, mine

LONG = "a_folder_with_a_name_that_nobody_would_break/and_another_one_below_it"
KOREAN = ["처음 출입구", "책상 2개", "최종 합계 96,000원", "충전소", "값 12,500", "없음", "친절"]
READ = ["저음 출입구", "잭상 2개", "죄종 합게 96,000원", "중전소", "갑 12,500", "업음", "친절"]


def crop(path: Path, width: int = 220) -> None:
    """Write a crop."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((40, width, 3), 225, np.uint8)
    cv2.putText(image, path.stem, (6, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (30, 30, 30), 2)
    cv2.imwrite(str(path), image)


def command(*words: object, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command of ours that must end with one of these codes."""
    done = run_here(*words)
    assert done.returncode in codes, (words, done.stdout, done.stderr)
    return done.stdout


def predictions(folder: Path) -> Path:
    """Write readings, some wrong, and their crops."""
    rows = [("path", "truth", "prediction", "score")]
    for n in range(60):
        k = n % len(KOREAN)
        read = READ[k] if n < 40 else KOREAN[k]
        name = f"{LONG}/{n:02d}.jpg"
        crop(folder / name)
        rows.append((name, KOREAN[k], read, "0.9"))
    path = folder / "p.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def profile_page(folder: Path) -> Path:
    """Make the page of `train mine`."""
    page = folder / "profile.html"
    out = ("--out", folder / "profile.json", "--html", page)
    command("train", "mine", "--predictions", predictions(folder), *out)
    return page


def evaluation_page(folder: Path) -> Path:
    """Make the page of `train evaluate`, with groups and another reading."""
    table, page = predictions(folder), folder / "evaluation.html"
    other = folder / f"{'another_reading_' * 4}.tsv"
    other.write_text(table.read_text(encoding="utf-8").replace("저음", "처음"), encoding="utf-8")
    options = ("--group", r"(\d)[.]jpg$", "--compare", other, "--html", page)
    command("train", "evaluate", "--predictions", table, *options)
    return page


def gate_page(folder: Path) -> Path:
    """Make the page of `train gate` on files of readings, its crops missing."""
    from train.judging.gate_page import verdict_page
    from train.judging.verdict import ChangeRow, Criterion, FlippedLine, GateVerdict, SetRow

    change = ChangeRow(lines=120, base=0.6, candidate=0.8, change=0.2, interval=(0.1, 0.3),
                       flips=0.2, mended=26, broken=2)  # fmt: skip
    sets = [
        SetRow(name=f"{LONG}/{role}.txt", role=role, comparison="exact", figures=change, p=0.001,
               holm=0.003, drawn="lines", left_out=2)
        for role in ("target", "general")
    ]  # fmt: skip
    flips = [
        FlippedLine(set=f"{LONG}/{kind}.txt", path=f"{LONG}/{n}.png", kind=kind, truth=KOREAN[n],
                    base=READ[n], candidate=KOREAN[n])
        for kind in ("mended", "broken") for n in range(6)
    ]  # fmt: skip
    verdict = GateVerdict(
        outcome="failed", base=f"models/{LONG}/base", candidate=f"models/{LONG}/best",
        criteria=tuple(
            Criterion(key=key, title=key, status=status, told=f"{LONG} is what it is told by",
                      todo="Add lines.", value=0.2, interval=(0.1, 0.3))
            for key, status in (("target_gain", "passed"), ("spaces", "failed"))
        ),
        target=change, general=change, sets=tuple(sets), flipped=tuple(flips), delta_points=1.0,
        inputs={f"{LONG}/judge.txt": "0" * 64}, versions={"python": "3.11"}, seed=1,
    )  # fmt: skip
    page = folder / "verdict.html"
    page.write_text(verdict_page(verdict, {}), encoding="utf-8")
    return page


def labels(path: Path, count: int, texts: list[str], *, has_labels: bool = True) -> Path:
    """Write a label file and its crops."""
    rows = []
    for n in range(count):
        crop(path.parent / f"{LONG}/{n:03d}.jpg")
        rows.append(f"{LONG}/{n:03d}.jpg\t{texts[n % len(texts)] if has_labels else ''}\n")
    path.write_text("".join(rows), encoding="utf-8")
    return path


def mix_page(folder: Path) -> Path:
    """Make the page of `balance mix`, with each role that a mix can have."""
    command("train", "mine", "--predictions", predictions(folder), "--out", folder / "p.json")
    sets: dict[str, Path] = {}
    amounts = {"original": 120, "own": 12, "distil": 60, "new": 80, "general": 80, "replay": 20}
    for name, count in amounts.items():
        (folder / name).mkdir()
        file = folder / name / "gt.txt"
        sets[name] = labels(file, count, KOREAN, has_labels=name != "distil")
    named = {**sets, "replay": f"earlier={sets['replay']}"}
    words = [word for name, path in named.items() for word in (f"--{name}", path)]
    more = ("--profile", folder / "p.json", "--like", sets["original"], "--epochs", 3)
    command("balance", "mix", *words, *more, "--out", folder / "mixed")
    return folder / "mixed" / "mix.html"


def page_mix_report(folder: Path) -> Path:
    """Make the report of `balance mix` on pages, with each role that such a mix can have."""
    words: list[object] = []
    amounts = {"own": 12, "original": 60, "new": 30, "general": 20, "replay": 4}
    for seed, (role, count) in enumerate(amounts.items()):
        rows = []
        for n in range(count):
            place = folder / role / LONG / f"{n:02d}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(place), np.full((8, 8, 3), (seed, n, 0), np.uint8))
            marks = [{"transcription": KOREAN[n % 7], "points": QUADS[0]}] * (n % 4)
            rows.append(f"{LONG}/{n:02d}.png\t{json.dumps(marks, ensure_ascii=False)}\n")
        rows.append(f"{LONG}/gone.png\t[]\n")
        file = folder / role / "Label.txt"
        file.write_text("".join(rows), encoding="utf-8")
        words += [f"--{role}", f"earlier={file}" if role == "replay" else file]
    command("balance", "mix", *words, "--epochs", 3, "--out", folder / "mixed")
    return folder / "mixed" / "mix.html"


def check_page(folder: Path) -> Path:
    """Make the page of `balance check` on a set with faults."""
    file, page = labels(folder / "train.txt", 30, KOREAN), folder / "check.html"
    more = f"gone/{LONG}.jpg\t{'긴' * 60}\nno tab\n{LONG}/001.jpg\t값  갑\n"
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    command("balance", "check", file, "--html", page, "--no-cache", codes=(1,))
    return page


def import_page(folder: Path) -> Path:
    """Make the page of `balance import`."""
    save_page(folder / f"{LONG.replace('/', '_')}.png")
    marks = [
        {"transcription": "처음", "points": QUADS[0]},
        {"transcription": "값 갑", "points": [*QUADS[1][2:], *QUADS[1][:2]]},
        {"transcription": "###", "points": QUADS[2]},
    ]
    row = json.dumps(marks, ensure_ascii=False)
    page = folder / "import.html"
    (folder / "det.txt").write_text(f"{LONG.replace('/', '_')}.png\t{row}\n", encoding="utf-8")
    command(
        "balance",
        "import",
        "ppocr-det",
        folder / "det.txt",
        "--out",
        folder / "out",
        "--html",
        page,
    )
    return page


def preview_page(folder: Path) -> Path:
    """Make the page of `synth preview`."""
    out, page = folder / "new", folder / "preview.html"
    targets = ("--chars", "0O18", "--style", "lcd", "--count", 40, "--allow-unserved")
    command("synth", "generate", *targets, "--workers", 1, "--out", out)
    command("synth", "preview", out, "--html", page, "--shown", 24)
    return page


def detection_page(folder: Path) -> Path:
    """Make the page of `train det mine`: labels of words, and a detector of lines."""
    words = [(KOREAN[n % 7], (20.0 + 90 * (n % 4), 20.0 + 60 * (n // 4), 80.0, 24.0))
             for n in range(20)]  # fmt: skip
    name = f"{LONG.replace('/', '_')}.png"
    pages = labelled(folder, {name: words, "empty.png": []})
    lines = [*(box(20, 20 + 60 * row, 350, 24) for row in range(4)), box(400, 300, 90, 24)]
    judged: list[JudgedPage] = []
    facts: list[LineFacts] = []
    for page, image in judge_pages(pages, Told(lines, [box(9, 9, 90, 30)]), Tally()):
        facts += facts_of(page, len(judged), image, lambda high, wide: (high, wide))
        judged.append(page)
    evaluation = evaluate_pages(judged, detector=LONG, settings={"limit_side_len": 960})
    made = folder / "det.html"
    made.write_text(mine_page(mine(judged, facts, evaluation)), encoding="utf-8")
    return made


def labelling_page(folder: Path) -> Path:
    """Make the page of `train collect`."""
    source = thumbnail(np.full((40, 900, 3), 200, np.uint8))
    cards = [Card(str(n), f"{LONG}/{n}.jpg", "train", source, KOREAN[n]) for n in range(5)]
    page = folder / "label.html"
    page.write_text(label_page(cards, queue="0" * 64), encoding="utf-8")
    return page


def det_gate_page(folder: Path) -> Path:
    """Make the page of `train det gate` on pages of long names."""
    from train.detection.gate_page import verdict_page

    names = f"{LONG}/one", f"{LONG}/other"
    page = folder / "verdict.html"
    page.write_text(verdict_page(gated_on(folder, names, text=KOREAN[0])), encoding="utf-8")
    return page


def rounds_page(folder: Path) -> Path:
    """Make the page of the line in rounds."""
    from tests.train.pipeline.made_rounds import three_rounds
    from train.pipeline.rounds_page import rounds_page as page_of

    record = three_rounds()
    rows = tuple(
        row.model_copy(
            update={
                "taught": tuple(
                    row.taught[0].model_copy(update={"char": char}) for char in "각값1.·—가나다라"
                )
                if row.taught
                else (),
                "general": tuple(
                    row.general[0].model_copy(update={"name": f"lines/{name}/labels.txt"})
                    for name in (LONG.replace("/", "_"), "words")
                )
                if row.general
                else (),
            }
        )
        for row in record.rounds
    )
    page = folder / "rounds.html"
    page.write_text(page_of(record.model_copy(update={"rounds": rows})), encoding="utf-8")
    return page


KINDS: Mapping[str, Callable[[Path], Path]] = {
    "profile": profile_page,
    "evaluation": evaluation_page,
    "gate": gate_page,
    "rounds": rounds_page,
    "mix": mix_page,
    "mix of pages": page_mix_report,
    "check": check_page,
    "import": import_page,
    "preview": preview_page,
    "labelling": labelling_page,
    "detection": detection_page,
    "det gate": det_gate_page,
}
