"""The recorded calls: scenes of calls that follow each other in one folder."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any

from tests.recorded.calling import Call, observe
from tests.recorded.inputs import annotated_pages, labelled, predictions, readings, write


@dataclass(frozen=True, slots=True)
class Scene:
    """Inputs, and the calls on them in order; `needs` are modules of an extra."""

    prepare: Callable[[Path], None]
    calls: tuple[Call, ...]
    needs: tuple[str, ...] = ()


def play(scene: Scene, folder: Path, cache: Path) -> dict[str, dict[str, Any]]:
    """Make the inputs and the calls; return how each ended, by its number and words."""
    scene.prepare(folder)
    cache.mkdir(parents=True, exist_ok=True)
    return {
        f"{number}: {call.words}": observe(call, folder, cache)
        for number, call in enumerate(scene.calls, 1)
    }


QUICK = """
about = "small and quick to draw"
faces = ["seven_segment"]
[output]
height = 16
[geometry]
rotation = { p = 0.3, deg = [-2.0, 2.0] }
[camera]
gaussian_blur = { p = 0.3, sigma = [0.3, 0.6] }
"""

PLANNED = "plan.wanted,plan.planned,plan.targets,plan.pairs,plan.skipped,plan.repeats,plan.sources"
MIXED = "counts,configuration.epochs.original,configuration.epochs.new,configuration.epochs.ratio"


def drawn(folder: str) -> tuple[str, ...]:
    """Return what is kept of a folder of drawn lines."""
    return (
        f"text:{folder}/rec_gt_train.txt",
        f"rows:{folder}/plan.jsonl:index,text,targets,style",
        f"rows:{folder}/manifest.jsonl:index,text,targets,image,face.family,size",
        f"pixels:{folder}/images/**/*",
        f"names:{folder}/*",
    )


def lists(folder: str, *more: str) -> tuple[str, ...]:
    """Return what is kept of a mix."""
    return (f"text:{folder}/train.txt", *more)


def draw_inputs(folder: Path) -> None:
    """Write texts, a label file and a style."""
    labelled(folder / "own/train.txt", readings(50, 1), folder="crops/")
    write(folder / "corpus.txt", "".join(f"{text}\n" for text in readings(90, 2)))
    write(folder / "texts.txt", "".join(f"{text}\n" for text in readings(9, 4)))
    write(folder / "judge.txt", "".join(f"j/{n}.png\t{t}\n" for n, t in enumerate(readings(9, 4))))
    write(
        folder / "dictionary.txt",
        "".join(f"{c}\n" for c in "0123456789.Oolabc값갑합계금액영수증TtaxNmMenüushgCe"),
    )


DRAW = Scene(
    draw_inputs,
    (
        Call(
            words="synth generate --chars 0O1l값갑 --style document --fonts {fonts} --count 10 "
            "--seed 3 --workers 2 --json --out chars",
            keep=drawn("chars"),
        ),
        Call(
            words="synth generate --chars 0O1l값갑 --style document --fonts {fonts} --count 10 "
            "--seed 3 --workers 1 --json --out chars",
            keep=drawn("chars"),
        ),
        Call(
            words="synth generate --chars 0O1l값갑 --style document --fonts {fonts} --count 11 "
            "--seed 3 --out chars",
            keep=drawn("chars"),
        ),
        Call(
            words="synth generate --text-list texts.txt --style receipt --fonts {fonts} --count 9 "
            "--seed 1 --set output.height=32 --workers 1 --out texts",
            keep=drawn("texts"),
        ),
        Call(
            words="synth generate --chars 18 --style lcd --original own/train.txt --ratio 5 "
            "--dictionary dictionary.txt --seed 2 --workers 1 --out own-lcd",
            keep=drawn("own-lcd"),
        ),
        Call(
            words="synth generate --chars 값 --corpus corpus.txt --like own/train.txt "
            "--exclude-texts judge.txt --style document --fonts {fonts} --count 8 --max-length 12 "
            "--seed 5 --workers 1 --out corpus",
            keep=drawn("corpus"),
        ),
        Call(
            words="synth generate --chars 값 --corpus corpus.txt --style document --fonts {fonts} "
            "--count 8 --dry-run --json",
            out=PLANNED,
        ),
        Call(words="synth redraw chars --index 3 --fonts {fonts} --out again.jpg",
             keep=("pixels:again.jpg",)),
        Call(words="synth preview chars --html look/p.html --original own/train.txt --seed 2",
             keep=("names:look/*",)),
        Call(words="synth fonts --fonts {fonts} --dictionary dictionary.txt --json",
             out="rows.family,rows.scripts,rows.licence,rows.held,rows.of"),
        Call(words="synth merge chars", keep=drawn("chars")),
        Call(words="synth pack chars --out packed/chars.tar", keep=("pixels:packed/chars.tar",)),
        Call(words="synth pack chars --out packed/chars.lmdb --json",
             keep=("pixels:packed/chars.lmdb/data.mdb", "names:packed/chars.lmdb/data.mdb")),
        Call(words="balance import lmdb packed/chars.lmdb --out back",
             keep=("pixels:back/crops/**/*", "text:back/rec_gt.txt")),
        Call(words="synth pack chars --out packed/chars.tar", out="text",
             keep=("pixels:packed/chars.tar",)),
        Call(words="synth pack chars --out packed/chars.lmdb", out="text"),
        Call(words="synth pack texts --out packed/chars.tar",
             keep=("pixels:packed/chars.tar",)),
    ),
)  # fmt: skip


def profile_inputs(folder: Path) -> None:
    """Write predictions to mine and texts to draw."""
    predictions(folder)
    draw_inputs(folder / "own")


PROFILE = (
    "alphabet.use_space_char,max_text_length,lines,ranked.char,ranked.support,ranked.right,ranked.gain,"
    "ranked.confusions,ranked.proof,insertions,spaces"
)
FIGURES = "comparisons,lengths,groups,versus"
MINED = f"json:profile.json:{PROFILE}"

MINE = Scene(
    profile_inputs,
    (
        Call(
            words="train mine --predictions read.tsv --dictionary dictionary.txt "
            "--out profile.json --html profile.html --json",
            out=PROFILE,
            keep=(MINED, "names:profile.html"),
        ),
        Call(
            words="train mine --predictions infer_rec.txt --labels rec_gt.txt "
            "--out other.json --json",
            out=PROFILE,
        ),
        Call(words="train mine --predictions res --labels rec_gt.txt --json", out=PROFILE),
        Call(words="train mine --predictions infer_rec.txt --labels rec_gt.txt --strict"),
        Call(words="train evaluate --predictions read.tsv --json", out=FIGURES),
        Call(
            words="train evaluate --predictions read.tsv --compare better.tsv "
            "--group ^crops/(.) --html e.html",
            out="text",
            keep=("names:e.html",),
        ),
        Call(
            words="synth generate --profile profile.json --style lcd --corpus own/corpus.txt "
            "--count 12 --seed 7 --workers 1 --out lines",
            keep=drawn("lines"),
        ),
        Call(
            words="synth generate --profile profile.json --style lcd --count 12 --alpha 0 "
            "--temper 0 --filler 0 --dry-run --json",
            out=PLANNED,
        ),
    ),
)


def shard_inputs(folder: Path) -> None:
    """Write a style that draws quickly, and 1,060 texts: two shards."""
    write(folder / "quick.toml", QUICK)
    write(folder / "texts.txt", "".join(f"{k * 37 % 10_000:04}\n" for k in range(1060)))


_QUICK = (
    "synth generate --style quick.toml --text-list texts.txt --repeat-cap 0 --count 1060 --seed 3"
)

SHARDS = Scene(
    shard_inputs,
    (
        Call(words=f"{_QUICK} --shard 0/2 --workers 1 --out run", keep=("pixels:run/images/**/*",)),
        Call(words="synth merge run", keep=("names:run/*.txt",)),
        Call(words=f"{_QUICK} --shard 1/2 --workers 2 --out run", keep=("pixels:run/images/**/*",)),
        Call(words="synth merge run", keep=drawn("run")),
        Call(words=f"{_QUICK} --workers 2 --out whole",
             keep=("pixels:whole/images/**/*", "text:whole/rec_gt_train.txt")),
        Call(words="synth pack run --out run.tar", keep=("pixels:run.tar",)),
        Call(words="synth pack whole --out whole.tar", keep=("pixels:whole.tar",)),
    ),
)  # fmt: skip


def mix_inputs(folder: Path) -> None:
    """Write own, new, general, unlabelled and earlier lines, with faults in two of them."""
    odd = ["Total", "x" * 30]
    own = labelled(folder / "own/train.txt", readings(120, 1) + odd, folder="crops/", seed=1)
    with own.open("a", encoding="utf-8") as file:
        file.write("crops/none.png\tx\nno tab\ncrops/0000.png\t\n../out.png\tx\n")
    labelled(folder / "new/rec_gt_train.txt", readings(60, 6), folder="images/", seed=2)
    labelled(folder / "general/rec_gt.txt", readings(200, 8), folder="g/", seed=3)
    labelled(folder / "distil/rec_gt.txt", readings(40, 11), folder="d/", seed=4)
    labelled(folder / "old/rec_gt.txt", readings(15, 13), folder="o/", seed=5)
    labelled(folder / "few/rec_gt.txt", readings(4, 14), folder="f/", seed=6)
    entries = sorted({c for text in readings(300, 1) for c in text if c != " "})
    write(folder / "dictionary.txt", "".join(f"{entry}\n" for entry in entries))
    predictions(folder / "mined")


_MIX = "balance mix --original own/train.txt --new new/rec_gt_train.txt"
_ALL = f"{_MIX} --general general/rec_gt.txt --distil distil/rec_gt.txt --replay old=old/rec_gt.txt"

MIX = Scene(
    mix_inputs,
    (
        Call(words=f"{_MIX} --ratio 8:1 --out plain --json", out=MIXED, keep=lists("plain")),
        Call(words=f"{_MIX} --no-even --ratio 10:1 --out drawn", keep=lists("drawn")),
        Call(words=f"{_ALL} --epochs 3 --out all --html all/mix.html",
             keep=lists("all", "text:all/epoch-000.txt", "text:all/epoch-001.txt",
                        "text:all/epoch-002.txt", "text:all/epoch-002.distil.txt",
                        "names:all/mix.html")),
        Call(words=f"{_ALL} --big --memory 200MB --epochs 3 --out big",
             keep=lists("big", "text:big/epoch-002.txt")),
        Call(words="train mine --predictions mined/read.tsv --dictionary dictionary.txt "
             "--out p.json"),
        Call(words=f"{_MIX} --profile p.json --dictionary dictionary.txt --by characters --alpha 0 "
             "--word-floor 0.5 --out evened", keep=lists("evened")),
        Call(words=f"{_MIX} --epochs 2 --epoch-lines 40 --ratio 5:1 --repeat-originals 3 "
             "--caps text=1 --like distil/rec_gt.txt --out epochs",
             keep=lists("epochs", "text:epochs/epoch-001.txt")),
        Call(words=f"{_MIX} --previous plain/mix.json --seed 4 --out later", keep=lists("later")),
        Call(words="balance mix --original own/train.txt --new few/rec_gt.txt --out short",
             keep=("names:short/*",)),
        Call(words="balance mix --original own/train.txt --new few/rec_gt.txt --on-shortage accept "
             "--out short", keep=lists("short")),
        Call(words="balance mix --original own/train.txt --new few/rec_gt.txt --on-shortage repeat "
             "--out repeated", keep=lists("repeated")),
        Call(words=f"{_MIX} --general few/rec_gt.txt --general-ratio 2:1 --on-shortage repeat "
             "--out generals", keep=lists("generals")),
        Call(words=f"{_MIX} --copy --out copied", keep=lists("copied", "bytes:copied/**/*.png")),
        Call(words=f"{_MIX} --link --out linked", keep=lists("linked")),
        Call(words=f"{_MIX} --lmdb --out packed", keep=lists("packed", "names:packed/**/data.mdb")),
        Call(words=f"{_MIX} --images new=own --out elsewhere"),
        Call(words=f"{_MIX} --dry-run --json", out=MIXED),
        Call(words=f"{_MIX} --strict --out strict", keep=("names:strict/*",)),
        Call(words=f"{_MIX} --ratio 3:1 --out r"),
    ),
)  # fmt: skip


def check_inputs(folder: Path) -> None:
    """Write a training set with a fault of many kinds, and one to validate on."""
    texts = readings(60, 2)
    train = labelled(folder / "train/rec_gt.txt", texts, folder="t/", seed=1)
    with train.open("a", encoding="utf-8") as file:
        for line in (
            "t/0001.png\tother label", "t/none.png\tx", "no tab", "t/0002.png\t", "../u.png\ty",
            "t/0003.png\tha\u0308t", "t/0004.png\t  spaces  ", f"t/0005.png\t{'w' * 40}",
            "t\\0006.png\tback", "t/broken.png\tz", "t/0007.png\tАВС1",
        ):  # fmt: skip
            file.write(line + "\n")
    write(folder / "train/t/broken.png", b"no image")
    labelled(folder / "val/rec_gt.txt", [*readings(12, 5), texts[4]], folder="v/", seed=2)
    write(folder / "val/v/0012.png", (folder / "train/t/0004.png").read_bytes())
    write(folder / "clean/rec_gt.txt", "")
    labelled(folder / "clean/rec_gt.txt", readings(20, 9), folder="c/", seed=3)
    entries = sorted({c for text in readings(300, 2) for c in text if c != " "})
    write(folder / "dictionary.txt", "".join(f"{entry}\n" for entry in entries))


FOUND = "errors,warnings,images,near,files,codes.*.count,findings.code,findings.line,findings.label"

CHECK = Scene(
    check_inputs,
    (
        Call(words="balance check train/rec_gt.txt --val val/rec_gt.txt --json --workers 1 "
             "--dictionary dictionary.txt", out=FOUND),
        Call(words="balance check train/rec_gt.txt --text-only --json", out=FOUND),
        Call(words="balance check train/rec_gt.txt --fix fixed/rec_gt.txt --html look.html",
             keep=("text:fixed/rec_gt.txt", "names:look.html", "bytes:train/rec_gt.txt")),
        Call(words="balance check train/rec_gt.txt val/rec_gt.txt --fix mended --workers 1",
             keep=("names:mended/**/*",)),
        Call(words="balance check clean/rec_gt.txt --floor 0 --workers 1"),
        Call(words="balance check clean/rec_gt.txt --strict --floor 500 --json", out=FOUND),
        Call(words="balance check none.txt"),
        Call(words="balance check --original clean/rec_gt.txt --new val/rec_gt.txt --text-only "
             "--floor 0 --json", out=FOUND),
    ),
)  # fmt: skip


_FORMATS = {
    "ppocr-det": "det/det.txt", "ppocr-rec": "rec/rec_gt.txt",
    "lsvt": "lsvt/train_full_labels.json", "rctw17": "rctw --images rctw/images",
    "mtwi": "mtwi --images mtwi/images",
    "icdar2015": "icdar", "sroie": "sroie", "label-studio": "studio/export.json",
}  # fmt: skip

IMPORT = Scene(
    annotated_pages,
    (
        *(
            Call(words=f"balance import {form} {source} --out got/{form}", out="text",
                 keep=(f"text:got/{form}/rec_gt.txt", f"pixels:got/{form}/crops/**/*"))
            for form, source in _FORMATS.items()
        ),
        Call(words="balance import ppocr-det det/det.txt --out got/ppocr-det", out="text",
             keep=("text:got/ppocr-det/rec_gt.txt", "pixels:got/ppocr-det/crops/**/*")),
        Call(words="balance import ppocr-det det/det.txt --out got/ppocr-det --strict"),
        Call(words="balance import lsvt lsvt/train_full_labels.json --out got/ppocr-det"),
        Call(words="balance import ppocr-det det/det.txt --out strict --strict",
             keep=("names:strict/*.txt",)),
        Call(words="balance import lmdb det --out none"),
    ),
)  # fmt: skip


def reader_inputs(folder: Path) -> None:
    """Write tiny models, one that takes 1 for l, and sets for them to read."""
    from tests.train.conftest import ENTRIES, Tiny, write_tiny

    swapped = [{"1": "l", "l": "1"}.get(entry, entry) for entry in ENTRIES]
    tiny = Tiny(write_tiny(folder / "candidate/model.onnx"))
    write_tiny(folder / "base/model.onnx", entries=swapped)
    worse = [{"a": "b", "b": "a"}.get(entry, entry) for entry in ENTRIES]
    write_tiny(folder / "worse/model.onnx", entries=worse)
    for name, texts in {
        "judge": product("1l", "1.", "1l", "1a"),
        "general": islice(product("ab값.", repeat=5), 260),
        "few": islice(product("1l", repeat=3), 3),
    }.items():
        rows = [(f"{n}.png", "".join(t), "".join(t)) for n, t in enumerate(texts)]
        tiny.labels(folder / name, rows)


_SETS = "--target judge/rec_gt.txt --general general/rec_gt.txt --workers 1"
_VERDICT = (
    "json:{0}:outcome,criteria.key,criteria.status,criteria.value,criteria.interval,"
    "general.lines,sets.name,sets.role,sets.comparison,sets.figures"
)

READ = Scene(
    reader_inputs,
    (
        Call(words="train evaluate --model base/model.onnx --labels judge/rec_gt.txt --json "
             "--workers 1 --out read/predictions.jsonl", out=FIGURES,
             keep=("rows:read/predictions.jsonl:path,text",)),
        Call(words="train evaluate --predictions read/predictions.jsonl --labels judge/rec_gt.txt "
             "--json", out=FIGURES),
        Call(words="train mine --model base/model.onnx --labels judge/rec_gt.txt --workers 1 "
             "--out mined/profile.json --json", out=PROFILE,
             keep=("rows:mined/predictions.jsonl:path,text",
                   f"json:mined/profile.json:{PROFILE}")),
        Call(words=f"train gate --base base/model.onnx --candidate candidate/model.onnx {_SETS} "
             "--json v.json --html v.html --junit v.xml --out kept", out="text",
             keep=(_VERDICT.format("v.json"), "names:v.*")),
        Call(words=f"train gate --base base/model.onnx --candidate worse/model.onnx {_SETS} "
             "--json w.json", keep=(_VERDICT.format("w.json"),)),
        Call(words="train gate --base base/model.onnx --candidate candidate/model.onnx --target "
             "few/rec_gt.txt --general general/rec_gt.txt:casefold --json f.json --workers 1",
             keep=(_VERDICT.format("f.json"),)),
        Call(words="train gate --base base/model.onnx --candidate none.onnx "
             "--target judge/rec_gt.txt --general general/rec_gt.txt"),
    ),
    needs=("onnx", "onnxruntime"),
)  # fmt: skip


def plan_inputs(folder: Path) -> None:
    """Write a mix's parts and sets to stop by, and rendered lines that say what they are."""
    mix_inputs(folder)
    # No image is trained on as well: that is refused.
    for name, seed in (("stop", 17), ("stay", 19)):
        texts = [f"{text}-{seed}" for text in readings(12, seed)]
        labelled(folder / name / "rec_gt.txt", texts, folder=f"{name[-1]}/", seed=seed)


_PLAN = "train plan --model base --stop-on stop/rec_gt.txt --general-stop stay/rec_gt.txt:nospace"

PLAN = Scene(
    plan_inputs,
    (
        Call(words="train weights PP-OCRv4_mobile_rec --out base", out="text",
             keep=("bytes:base/dictionary.txt",)),
        Call(words=f"{_MIX} --distil distil/rec_gt.txt --ratio 8:1 --epochs 2 --out mixed",
             keep=lists("mixed")),
        Call(words=f"{_PLAN} --mix mixed --batch 16 --out run", out="text"),
        Call(words=f"{_MIX} --out labelled", keep=lists("labelled")),
        Call(words=f"{_PLAN} --mix labelled --tune whole --rate 0.0001 --out run2 "
             "--paddleocr-yaml po.yml", out="text", keep=("names:po.yml",)),
        Call(words=f"{_PLAN} --mix mixed --tune whole --paddleocr-yaml po2.yml --out run3",
             keep=("names:po2.yml",)),
        Call(words=f"{_PLAN} --mix labelled --paddleocr-yaml po3.yml --out run6",
             keep=("names:po3.yml",)),
        Call(words=f"{_PLAN} --mix own --out run4"),
        Call(words="train plan --model base --mix mixed --stop-on own/train.txt --out run5"),
    ),
    needs=("paddle", "paddle2onnx", "onnx", "onnxruntime", "rapidocr_paddle"),
)  # fmt: skip

USAGE = Scene(
    draw_inputs,
    tuple(
        Call(words=words)
        for words in (
            "synth generate --out x",
            "synth generate --chars a --style none --count 1 --out x",
            "synth generate --chars a --style lcd --original own/train.txt --ratio 3 --out x",
            "synth generate --chars 뷁 --style lcd --count 3 --corpus corpus.txt --out x",
            "synth generate --text-list none.txt --count 3 --out x",
            "synth pack . --out x.tar",
            "synth merge .",
            "balance mix --new own/train.txt --out x",
            "balance mix --original own/train.txt",
            "balance import none . --out x",
            "train mine",
            "train mine --predictions none.tsv",
            "train evaluate --labels own/train.txt",
            "train rec .",
            "train export . --out x",
            "train none",
        )
    ),
)

SCENES = {
    "draw": DRAW,
    "mine": MINE,
    "shards": SHARDS,
    "mix": MIX,
    "check": CHECK,
    "import": IMPORT,
    "read": READ,
    "plan": PLAN,
    "usage": USAGE,
}
