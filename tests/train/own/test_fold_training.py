"""`train fold`: own lines read by models that did not train on them, and plans by that."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.korean_pages import english_in, language_of_page
from tests.train.own.conftest import Folds, learning, mixed
from tests.train.tuning.conftest import command
from textlines.errors import InputError, UsageError
from textlines.formats.folds import read_folds, read_suspects
from textlines.formats.history import read_history
from textlines.formats.judged_set import JudgedSet
from textlines.formats.predictions import read_outcomes
from textlines.labels.label_file import read_labels
from textlines.labels.tally import Tally
from textlines.progress import watching
from train.judging.mining import trained_on
from train.models.base_folder import Tensors
from train.own.fold_training import prepare, train_folds
from train.own.held_out import read_evidence
from train.tuning.plan_request import PlanRequest
from train.tuning.planning import make_plan
from train.tuning.run_records import read_metrics
from train.tuning.stopping_sets import Standing
from train.tuning.train_plan import read_plan
from train.tuning.trainer import Trainer


def test_no_fold_trains_on_its_own_lines(folds: Folds) -> None:
    own = {line.path for line in read_labels(folds.own, tally=Tally())}
    held_by = []
    for number, trained in enumerate(folds.trained, 1):
        rows = (folds.out / f"fold-{number}" / "held.txt").read_text(encoding="utf-8").split("\n")
        held = {row.split("\t")[0] for row in rows if row}
        assert held and not held & trained
        # All else of the mix is trained on: own lines of other folds, originals, new lines.
        assert len(trained & {f"own/{path}" for path in own}) == len(own) - len(held)
        assert any("original" in path for path in trained)
        held_by.append({Path(path).name for path in held})
    assert set().union(*held_by) == {Path(path).name for path in own}
    assert sum(map(len, held_by)) == len(own)
    # One document, and copies of one image, in one fold: 007.png and 017.png, 000.png and 010.png.
    where = {name: at for at, names in enumerate(held_by) for name in names}
    assert where["007.png"] == where["017.png"] == where["000.png"] == where["010.png"]


def test_every_own_line_has_a_reading_and_a_rank(folds: Folds) -> None:
    names = {line.path for line in read_labels(folds.own, tally=Tally())}
    assert {one.path for one in read_outcomes(folds.out / "predictions.jsonl")} == names
    rows = list(read_suspects(folds.out / "suspects.tsv"))
    assert {row.path for row in rows} == names
    assert [row.rank for row in rows] == list(range(1, 19))
    assert sorted(rows, key=lambda row: (-row.doubt, row.path)) == rows
    record = read_folds(folds.out)
    assert record.lines == 18 and record.unread == 0 and len(record.folds) == 3
    assert sum(row.lines for row in record.folds) == 18
    assert {(row.epoch, row.alpha) for row in record.folds} == {(2, 1.0)}
    assert (record.epoch, record.alpha, record.epochs) == (2, 1.0, 2)
    for number in (1, 2, 3):
        for one in read_evidence(folds.out / f"fold-{number}" / "evidence.jsonl"):
            assert one.label_nats != one.base_label_nats
    assert not (folds.out / "cache").exists()


def test_the_readings_are_mined_as_they_lie(
    folds: Folds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from train.judging.mine_text import print_summary
    from train.judging.mining import Sources, mine

    labels = folds.out / "own.txt"
    mined = mine(Sources(predictions=folds.out / "predictions.jsonl", labels=labels))
    profile = mined.measurement.profile
    assert profile.out_of_fold == 3 and profile.model == "little"
    assert profile.lines.lines == 18 and not profile.counts
    assert all((mined.images / path).is_file() for path in mined.paths)
    print_summary(mined, None, None, None)
    said = capsys.readouterr().out
    assert "out of fold: each line was read by a model that was not trained on it (3 folds)" in said
    # Beside the folds, but other predictions: not out of fold.
    shutil.copy(folds.out / "folds.json", tmp_path)
    text = (folds.out / "predictions.jsonl").read_text(encoding="utf-8").split("\n")
    (tmp_path / "predictions.jsonl").write_text("\n".join(text[:-2]) + "\n", encoding="utf-8")
    other = mine(Sources(predictions=tmp_path / "predictions.jsonl", labels=labels))
    assert other.measurement.profile.out_of_fold == 0


def test_the_page_of_suspects_speaks_korean(folds: Folds, tmp_path: Path) -> None:
    out = tmp_path / "folds"
    shutil.copytree(folds.out, out, symlinks=True)
    command(*folds.words(out), "--lang", "ko")
    page = (out / "suspects.html").read_text(encoding="utf-8")
    assert language_of_page(page) == "ko"
    assert english_in(page) == []


def test_folds_that_were_ended_go_on_to_the_same_readings(folds: Folds, tmp_path: Path) -> None:
    out = tmp_path / "folds"
    shutil.copytree(folds.out, out, symlinks=True)
    for name in ("folds.json", "predictions.jsonl", "fold-2"):
        path = out / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = (out / "fold-1/fold.json").stat().st_mtime_ns
    # Ended in the middle of a fold, between its first epoch and its second.
    calls = []

    def ended(self: Trainer, tensors: Tensors) -> Standing:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return whole(self, tensors)

    whole = Trainer.judge
    with learning() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Trainer, "judge", ended)
        train_folds(prepare(folds.options(out)), watching)
    assert (out / "fold-2/checkpoints").is_dir() and not (out / "fold-2/fold.json").exists()
    with learning():
        train_folds(prepare(folds.options(out)), watching)
    said = command(*folds.words(out)).stdout
    assert "goes on with what an earlier call has begun" in said and "out of fold:" in said
    assert (out / "fold-1/fold.json").stat().st_mtime_ns == before
    for name in ("folds.json", "predictions.jsonl", "suspects.tsv", "fold-2/evidence.jsonl"):
        assert (out / name).read_bytes() == (folds.out / name).read_bytes(), name
    assert not (out / "fold-2/checkpoints").exists()
    page = (out / "suspects.html").read_text(encoding="utf-8")
    assert page.count('<article class="line"') == len(
        [row for row in read_suspects(out / "suspects.tsv") if row.reading != row.label]
    )
    assert "train share … --marks marks.tsv" in page and 'alt="crop of crops/' in page
    assert "how sure the model is of the label, a character" in page
    figures = read_folds(out).suspected
    assert (
        f'<p class="finding">{figures.suspects} of {figures.lines} own lines may have a wrong '
        f"label; {figures.low:.1%} to {figures.high:.1%} of all labels are wrong.</p>"
    ) in page


def test_a_plan_ends_and_blends_where_the_folds_were_best(
    folds: Folds, own_world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from train.commands.mine import MineRequest, mine
    from train.tuning.full_run import follow

    found = tmp_path / "folds"
    found.mkdir()
    record = read_folds(folds.out).model_copy(update={"epoch": 1, "alpha": 0.6})
    record.write(found / "folds.json")
    # New lines beside the same own ones are what folds are for.
    mix = mixed(own_world, "mixed-more", own_world / "more/rec_gt.txt")
    run = tmp_path / "run"
    words = ("train", "plan", "--model", folds.base, "--mix", mix, "--batch", 8)
    said = command(*words, "--folds", found, "--general-stop", folds.general, "--out", run).stdout
    assert "ends after epoch 1 of 2, blends with at most 0.6" in said
    plan = read_plan(run / "plan.toml")
    assert plan.folds and not plan.stop.target
    told = "\n".join(follow(run))
    assert "ended after epoch 1 as the folds say" in told
    events = read_metrics(run)
    assert max(one["epoch"] for one in events if one["event"] == "steps") == 0
    alphas = {one["alpha"] for one in events if one["event"] == "blend"}
    assert alphas == {0.0, 0.2, 0.4, 0.6}
    history = json.loads((run / "history.json").read_text(encoding="utf-8"))
    assert {one["step"] for one in history["steps"]} == {
        *("train on (original)", "train on (new)", "train on (own)", "general stop"),
    }
    assert "the median of the folds" in (run / "report.html").read_text(encoding="utf-8")
    # A model is not mined from what it remembers, and folds of it would be no folds.
    with pytest.raises(InputError, match=r"18 of 18 own lines that the base model was trained on"):
        prepare(replace(folds.options(tmp_path / "again"), model=run / "best"))
    # A later round folds from the start model, on what the candidate was trained on: by their
    # histories the one has seen no line that is read out of fold, and the other has seen each.
    images = [folds.own.parent / line.path for line in read_labels(folds.own, tally=Tally())]
    after = read_history(run / "best")
    assert after is not None
    remembered = trained_on(after, images)
    assert remembered is not None and remembered[1] == len(images)
    before = read_history(folds.base)
    assert before is None or trained_on(before, images) is None
    later = prepare(replace(folds.options(tmp_path / "later"), mix=mix))
    drawn = sum(source.role == "new" for source in later.mix.sources)
    assert later.plan.base.path == str(folds.base.absolute()) and drawn == 1
    with pytest.raises(InputError, match=r"holds 18 of 18 images .* was trained on .*train fold"):
        mine(MineRequest(model=str(run / "best"), labels=folds.own))
    again = mine(MineRequest(model=str(run / "best"), labels=folds.own, allow_seen=True))
    assert again["lines"]["lines"] == 18


def test_folds_that_do_not_fit_are_refused(folds: Folds, own_world: Path, tmp_path: Path) -> None:
    from textlines.files import sha256_of
    from textlines.formats.mix import read_mix
    from train.tuning.planning import folds_of, folds_plan
    from train.tuning.train_plan import FoldsPlan
    from train.tuning.training_lines import own_lines, own_sha256

    mix, record = read_mix(folds.mix), read_folds(folds.out)
    base = sha256_of(folds.base / "model.toml")

    def checked(*, accepts: bool) -> FoldsPlan:
        return folds_plan(tmp_path, folds_of(tmp_path, mix, base, accepts_suspects=accepts))

    def refused(**changes: object) -> str:
        record.model_copy(update=changes).write(tmp_path / "folds.json")
        with pytest.raises(InputError) as error:
            checked(accepts=False)
        return str(error.value)

    assert "another base model" in refused(base_sha256="0" * 64)
    # Beside a stopping set folds vet labels alone, from whichever model they started.
    assert folds_of(tmp_path, mix, None, accepts_suspects=False).base_sha256 == "0" * 64
    assert "other own lines (18; this mix has 18" in refused(own_sha256="0" * 64)
    assert "found nothing to train" in refused(epoch=0)
    assert "found nothing to train" in refused(epoch=1, alpha=0.0)
    figures = record.suspected.model_copy(update={"suspects": 5, "lines": 18, "low": 0.1})
    said = refused(suspected=figures, epoch=1, alpha=0.5)
    assert "suspects.html" in said and "--suspects accept" in said
    assert checked(accepts=True).alpha == 0.5
    few = figures.model_copy(update={"suspects": 4})
    record.model_copy(update={"suspected": few, "epoch": 1, "alpha": 0.5}).write(
        tmp_path / "folds.json"
    )
    assert checked(accepts=False).epoch == 1
    # A label or an image that changes makes other own lines.
    lines = own_lines(mix)
    changed = [lines[0]._replace(label="9"), *lines[1:]]
    assert own_sha256(changed, mix.data) != own_sha256(lines, mix.data) == record.own_sha256


def test_faults_of_the_call_are_told(folds: Folds, own_world: Path, tmp_path: Path) -> None:
    plain = own_world / "plain"
    command(
        *("balance", "mix", "--original", own_world / "original/rec_gt.txt", "--no-even"),
        *("--new", own_world / "new/rec_gt.txt", "--ratio", "5:1", "--out", plain),
    )
    options = folds.options(tmp_path / "out")
    with pytest.raises(InputError, match="holds no own line to hold out"):
        prepare(replace(options, mix=plain))
    with pytest.raises(InputError, match="are of 1 document, fewer than 3 folds"):
        # Two documents, and an image that both hold.
        prepare(replace(options, group="0([01])[0-9][.]png"))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        prepare(replace(options, out=tmp_path / "theirs"))
    with pytest.raises(InputError, match=r"asked for otherwise \(seed\)"):
        prepare(replace(options, out=folds.out, seed=2))
    asked = PlanRequest(model=folds.base, mix=folds.mix, out=tmp_path / "run")
    with pytest.raises(UsageError, match="one of them is needed"):
        make_plan(asked)
    # Beside lines to stop by, folds only vet the labels.
    stop = (JudgedSet(folds.general),)
    both = make_plan(
        PlanRequest(
            model=folds.base, mix=folds.mix, out=tmp_path / "run", stop_on=stop, folds=folds.out
        )
    )
    assert both.plan.folds is None and both.plan.stop.target
    with pytest.raises(UsageError, match="tell of the head alone"):
        make_plan(
            PlanRequest(
                model=folds.base, mix=folds.mix, out=tmp_path / "run", folds=folds.out, tune="both"
            )
        )
