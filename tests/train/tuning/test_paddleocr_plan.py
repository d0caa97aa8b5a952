"""What a plan gives PaddleOCR's own training: its stage, its lists, weights that it starts from."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.train.tuning.conftest import Planning, command, numbers, write_set
from textlines.defects.of_lines import PADDLEOCR
from textlines.errors import InputError, UsageError
from textlines.formats.judged_set import JudgedSet
from textlines.labels.alphabet import Alphabet
from textlines.labels.tally import Tally

pytest.importorskip("paddle")

from train.tuning.paddleocr_plan import (
    CHECKPOINT,
    stop_rows,
    training_rows,
    write_paddleocr,
)
from train.tuning.stopping_sets import StopLine, StopSet
from train.tuning.train_plan import read_plan
from train.tuning.training_lines import TrainingLine

yaml: Any = pytest.importorskip("yaml")


def rows_of(path: str | Path) -> list[tuple[str, str]]:
    rows = Path(path).read_text(encoding="utf-8").splitlines()
    return [(place, label) for place, _, label in (row.partition("\t") for row in rows)]


def written(planned: Any, folder: Path) -> Any:
    assert not write_paddleocr(planned, folder, folder / "rec.yml")
    return yaml.safe_load((folder / "rec.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def own_mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a mix of four lists of own lines alone."""
    folder = tmp_path_factory.mktemp("own")
    own = write_set(folder / "own", numbers(8, 6))
    command("balance", "mix", "--own", own, "--epochs", "4", "--out", folder / "mixed")
    return folder / "mixed"


def test_it_is_the_stage_of_the_whole_network_with_its_own_numbers(
    plan_of: Planning, own_mix: Path, little_base: Path, tmp_path: Path
) -> None:
    changes = ("stages.0.epochs=2", "stages.1.epochs=4", "stages.1.rate=3e-5")
    planned = plan_of(mix=own_mix, tune="both", changes=changes, batch=3)
    content = written(planned, tmp_path)
    head, whole = planned.plan.stages
    assert head.rate != whole.rate == 3e-5
    # 4 epochs over 4 lists: each once, in one pass.
    listed = content["Train"]["dataset"]["label_file_list"]
    assert [Path(one).name for one in listed] == [f"epoch-00{k}.txt" for k in range(4)]
    lines = sum(len(rows_of(one)) for one in listed)
    steps = -(-lines // 3)
    assert content["Global"]["epoch_num"] == 1
    assert content["Optimizer"]["lr"] == {
        "name": "LinearWarmupCosine",
        "learning_rate": 3e-5,
        "start_lr": 0.0,
        "min_lr": whole.final,
        "warmup_steps": whole.warmup,
    }
    assert 0 < whole.warmup < steps
    # Judged once in an epoch of the plan, the last time within the steps that are made.
    start, each = content["Global"]["eval_batch_step"]
    assert (start, each) == (0, steps // 4)
    assert content["Global"]["character_dict_path"] == str(little_base / "dictionary.txt")
    assert content["Architecture"]["Neck"]["use_guide"] is False
    assert "# The plan tunes the head first" in (tmp_path / "rec.yml").read_text(encoding="utf-8")


def test_lists_begin_where_the_stage_of_the_head_ended(
    plan_of: Planning, own_mix: Path, tmp_path: Path
) -> None:
    changes = ("stages.0.epochs=3", "stages.1.epochs=2")
    content = written(plan_of(mix=own_mix, tune="both", changes=changes), tmp_path)
    listed = content["Train"]["dataset"]["label_file_list"]
    assert [Path(one).name for one in listed] == ["epoch-000.txt", "epoch-003.txt"]
    assert content["Global"]["epoch_num"] == 1


def test_a_plan_of_the_head_alone_is_refused_before_anything_is_written(
    labelled_mix: Path, little_base: Path, little_world: Path, tmp_path: Path
) -> None:
    done = command(
        *("train", "plan", "--model", little_base, "--mix", labelled_mix),
        *("--stop-on", little_world / "stop/rec_gt.txt", "--out", tmp_path / "run"),
        *("--paddleocr-yaml", tmp_path / "rec.yml"),
        code=2,
    )
    assert "--paddleocr-yaml: is for the whole network: PaddleOCR freezes no layer" in done.stderr
    assert "Plan it so: --tune whole." in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_each_row_leads_to_an_image_and_spells_its_label(
    plan_of: Planning, labelled_mix: Path, little_world: Path, tmp_path: Path
) -> None:
    planned = plan_of(mix=labelled_mix, tune="whole", changes=("stages.0.epochs=4",))
    content = written(planned, tmp_path)
    assert content["Global"]["epoch_num"] == 4  # one list, four times
    train, stop = content["Train"]["dataset"], content["Eval"]["dataset"]
    for part, count in ((train, len(planned.lists[0])), (stop, 12)):
        (labels,) = part["label_file_list"]
        rows = rows_of(labels)
        assert len(rows) == count
        assert all((Path(part["data_dir"]) / path).is_file() for path, _ in rows)
    assert stop["data_dir"] == str(little_world / "stop")
    named = dict(rows_of(little_world / "stop/rec_gt.txt"))
    assert dict(rows_of(stop["label_file_list"][0])) == named


def test_targets_of_several_folders_make_one_list(
    plan_of: Planning, labelled_mix: Path, little_world: Path, tmp_path: Path
) -> None:
    stops = tuple(JudgedSet(little_world / name / "rec_gt.txt") for name in ("stop", "general"))
    planned = plan_of(mix=labelled_mix, tune="whole", stop_on=stops, general_stop=())
    stop = written(planned, tmp_path)["Eval"]["dataset"]
    rows = rows_of(stop["label_file_list"][0])
    assert {path.partition("/")[0] for path, _ in rows} == {"stop", "general"}
    assert all((Path(stop["data_dir"]) / path).is_file() for path, _ in rows)


def test_paddleocr_has_no_use_for_distilled_lines(plan_of: Planning, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no use for the [\d,]+ distilled lines"):
        write_paddleocr(plan_of(tune="whole"), tmp_path, tmp_path / "rec.yml")
    assert not list(tmp_path.iterdir())


def test_own_lines_without_effects_are_varied(
    plan_of: Planning, own_mix: Path, tmp_path: Path
) -> None:
    train = written(plan_of(mix=own_mix, tune="whole"), tmp_path)["Train"]["dataset"]
    assert any("RecAug" in one for one in train["transforms"])


ALPHABET = Alphabet(("a", "b", "㈜회사", "\u212b"), use_space_char=True)


def test_lines_that_paddleocr_would_change_are_no_lines_of_its_lists() -> None:
    labels = {"whole.png": "ab a", "several.png": "a㈜회사", "long.png": "a" * 21, "other.png": "Å"}
    lines = [
        TrainingLine(path, tuple(ALPHABET.encode(label)), 320, is_new=False, is_rendered=False)
        for path, label in labels.items()
    ]
    tally = Tally()
    # The entry is not composed: its own code point is what PaddleOCR looks up.
    assert list(training_rows(lines, ALPHABET, tally)) == [
        ("whole.png", "ab a"),
        ("other.png", "\u212b"),
    ]
    assert [str(one) for one in tally.lines(PADDLEOCR)] == [
        "label with an entry of several characters, which PaddleOCR never encodes, left out: 1 "
        "(several.png)",
        "label that needs more than the 40 time steps of 320 pixels, left out: 1 (long.png)",
    ]


def test_lines_to_stop_by_that_it_cannot_read_right_are_counted(tmp_path: Path) -> None:
    crop = np.zeros((48, 320, 3), np.uint8)
    labels = ("ab", "abababa", "x", "a㈜회사")
    lines = tuple(StopLine(f"{n}.png", {0: crop}, label) for n, label in enumerate(labels))
    stops = [StopSet(JudgedSet(tmp_path / "stop.txt"), True, lines)]
    tally = Tally()
    assert stop_rows(stops, "", ALPHABET, 6, tally) == ([("0.png", "ab")], tmp_path)
    assert tally.as_dict() == {"outside_dictionary": 1, "several_characters": 1, "too_long": 1}


def test_a_list_without_a_line_is_refused(
    plan_of: Planning, labelled_mix: Path, tmp_path: Path
) -> None:
    planned = plan_of(mix=labelled_mix, tune="whole")
    short = planned.plan.model_copy(update={"max_length": 1})
    stopless = SimpleNamespace(
        plan=short, start=planned.start, mix=planned.mix, lists=planned.lists, sets=planned.sets
    )
    with pytest.raises(
        UsageError, match=r"leaves no line in stop\.txt \(label beyond the length limit"
    ):
        write_paddleocr(stopless, tmp_path, tmp_path / "rec.yml")  # type: ignore[arg-type]


def losses(paddle: Any, state: Mapping[str, Any], spec: Any, lines: Any, alphabet: Any) -> Any:
    """Return the CTC loss of a batch in evaluation and in training mode, without dropout."""
    from paddle import nn

    from train.networks.building import loaded

    network = loaded(spec, {name: np.asarray(one) for name, one in state.items()})
    pixels = paddle.to_tensor(np.concatenate([line.pixels for line in lines]))
    coded = [alphabet.encode(line.label) for line in lines]
    labels = np.zeros((len(coded), max(map(len, coded))), np.int32)
    for row, ids in zip(labels, coded, strict=True):
        row[: len(ids)] = ids
    sizes = paddle.to_tensor([len(ids) for ids in coded])

    def loss(is_training: bool) -> float:
        for layer in network.sublayers():
            if isinstance(layer, nn.BatchNorm2D):
                layer.training = is_training
        with paddle.no_grad():
            logits = network.logits(pixels).transpose([1, 0, 2])
            steps = paddle.full([len(coded)], logits.shape[0], "int64")
            return float(nn.CTCLoss()(logits, paddle.to_tensor(labels), steps, sizes))

    return loss(False), loss(True)


def test_the_loss_in_training_mode_begins_where_that_in_evaluation_is(
    paddle: Any, plan_of: Planning, labelled_mix: Path, unbroken: Path, tmp_path: Path
) -> None:
    from train.weights.probe_lines import mix_lines
    from train.weights.training_form import branched

    planned = plan_of(mix=labelled_mix, tune="whole", model=unbroken / "run/best")
    written(planned, tmp_path)
    start = planned.start
    spec, spread = branched(start.spec, start.tensors)
    lines = [one for one in mix_lines(planned.mix, start.alphabet) if one.label][:16]
    state = paddle.load(str(tmp_path / CHECKPOINT))
    evaluated, trained = losses(paddle, state, spec, lines, start.alphabet)
    assert trained <= 2 * evaluated
    # As it is spread over branches, without statistics, training would start from another network.
    same, off = losses(paddle, spread, spec, lines, start.alphabet)
    assert same == pytest.approx(evaluated, rel=1e-3)
    assert abs(off - same) > 10 * abs(trained - evaluated)


def test_what_leaves_a_run_for_paddleocr_gets_the_statistics_of_its_mix(
    unbroken: Path, tmp_path: Path
) -> None:
    from train.export.export_source import open_source
    from train.export.exported_files import settling_lines
    from train.weights.probe_lines import fixed_lines

    found = settling_lines(open_source(unbroken / "run"), fixed_lines())
    plan = read_plan(unbroken / "run/plan.toml")
    rows = rows_of(Path(plan.mix.path) / plan.mix.lists[0].name)
    assert found.of == "mix"
    # Distilled lines of the list stand in another file.
    assert {path for path, _ in rows} <= {line.name for line in found.lines}
    copied = shutil.copytree(unbroken / "run", tmp_path / "run")
    text = (copied / "plan.toml").read_text(encoding="utf-8")
    known = read_plan(copied / "plan.toml").mix.sha256
    (copied / "plan.toml").write_text(text.replace(known, "0" * 64), encoding="utf-8")
    with pytest.raises(InputError, match=r"which is another mix now\. Name a label file of lines"):
        settling_lines(open_source(copied), ())
    assert settling_lines(open_source(copied), fixed_lines()).of == "labels"
