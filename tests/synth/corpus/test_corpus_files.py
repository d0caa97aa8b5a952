import shutil

import pytest

from synth.assets import asset_dir
from synth.corpus.corpus_files import embedded_corpus, load_corpus, stand_ins
from textlines.errors import InputError


def write_mix(folder, text):
    (folder / "a.txt").write_text("one\ntwo\none\n", "utf-8")
    (folder / "gt.txt").write_text("x.jpg\t셋\n", "utf-8")
    (folder / "dict.txt").write_text("값\n1\n", "utf-8")
    path = folder / "mix.toml"
    path.write_text(text, "utf-8")
    return path


MIX = """
[[source]]
name = "text"
kind = "text"
path = "a.txt"
share = 3
[[source]]
name = "real"
kind = "labels"
path = "gt.txt"
[[source]]
name = "prices"
kind = "pattern"
path = "embedded:patterns.toml"
groups = ["ko"]
[[source]]
name = "rare"
kind = "dictionary"
path = "dict.txt"
share = 0.2
"""


def test_a_corpus_file_mixes_all_kinds(tmp_path):
    corpus = load_corpus(write_mix(tmp_path, MIX))
    assert {s.name: s.share for s in corpus.lines} == {"text": 3, "real": 1}
    text = next(s for s in corpus.lines if s.name == "text")
    assert (text.texts, list(text.entries)) == (("one", "two"), [0, 1, 0])
    assert {rule.group for rule in corpus.patterns[0].grammar.rules} == {"ko"}
    assert corpus.dictionaries[0].chars == ("값", "1")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("share = 3", "shares = 3", r"mix\.toml: has an unknown key 'source\.0\.shares'"),
        ("share = 3", "share = -1", r"mix\.toml: key 'source\.0\.share': .*greater than or equal"),
        ('"text"\npath', '"texts"\npath', r"key 'source\.0\.kind'"),
        ('name = "real"', 'name = "text"', "two sources are named 'text'"),
        ('path = "gt.txt"', 'path = "no.txt"', r"no\.txt.*is not there"),
        ('groups = ["ko"]', 'groups = ["kr"]', "holds no line of the groups kr"),
        ("share = 0.2", "closed = true", "source 'rare': a dictionary has no texts to be closed"),
        ("share = 3", "closed = 2", r"key 'source\.0\.closed'"),
        ("share = 3", "share = 3\ngroups = ['x']", "only a pattern source has groups"),
        ("share = 3", "share = ", "is no TOML"),
    ],
)
def test_a_broken_corpus_file_is_named_with_its_key(tmp_path, old, new, message):
    with pytest.raises(InputError, match=message):
        load_corpus(write_mix(tmp_path, MIX.replace(old, new, 1)))


def test_all_shares_zero_are_refused(tmp_path):
    text = '[[source]]\nname = "a"\nkind = "text"\npath = "a.txt"\nshare = 0\n'
    with pytest.raises(InputError, match="every share is 0"):
        load_corpus(write_mix(tmp_path, text))


def test_the_order_of_sources_does_not_matter(tmp_path):
    one = load_corpus(write_mix(tmp_path, MIX))
    blocks = MIX.strip().split("[[source]]")[1:]
    turned = "".join(f"[[source]]{block}\n" for block in reversed(blocks))
    other = load_corpus(write_mix(tmp_path, turned))
    assert one.sha256 == other.sha256
    assert [s.name for s in one.lines] == [s.name for s in other.lines]


def test_a_folder_shares_by_lines_and_counts_other_files(tmp_path):
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("one\ntwo\nthree\n", "utf-8")
    (folder / "deep" / "b.txt").write_text("four\n", "utf-8")
    (folder / "empty.txt").touch()
    (folder / "photo.jpg").touch()
    corpus = load_corpus(folder)
    assert {s.name: s.share for s in corpus.lines} == {"texts/a.txt": 3, "texts/deep/b.txt": 1}
    assert (corpus.tally["other_file"], corpus.tally["empty_file"]) == (1, 1)


def test_a_folder_without_text_is_refused(tmp_path):
    (tmp_path / "a.jpg").touch()
    with pytest.raises(InputError, match=r"holds no line of text \(other_file: 1"):
        load_corpus(tmp_path)


def test_a_pattern_file_is_a_corpus(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[[line]]\nname = 'x'\nrule = '[0-9]{3}'\n", "utf-8")
    (source,) = load_corpus(path).patterns
    assert source.name == "own"


@pytest.mark.parametrize("style", ["lcd", "receipt", "document", "unheard-of"])
def test_every_style_has_a_corpus(style):
    corpus = embedded_corpus(style)
    assert sum(s.share for s in (*corpus.lines, *corpus.patterns)) > 0


def test_stand_ins_have_no_share_and_hold_all_languages():
    corpus = stand_ins()
    assert not any(s.share for s in (*corpus.lines, *corpus.patterns))
    chars = {char for source in corpus.lines for text in source.texts for char in text}
    assert chars >= set("aZ9값的жξềゃ臺ضצ๔ढ")


@pytest.mark.parametrize("language", ["en", "ko", "zh"])
def test_our_lines_are_clean_and_many(language):
    path = asset_dir("corpora") / f"lines_{language}.txt"
    (source,) = load_corpus(path).lines
    assert len(source.entries) == len(source.texts) >= 200
    assert set(load_corpus(path).tally.as_dict()) <= {"cut"}


def test_the_catalogue_names_every_file():
    import tomllib

    folder = asset_dir("corpora")
    table = tomllib.loads((folder / "catalogue.toml").read_text("utf-8"))
    named = {asset["file"] for asset in table["asset"]}
    files = {file.name for file in folder.iterdir() if file.is_file()}
    assert named == files - {"README.md", "catalogue.toml"}
    assert all(asset["licence"] == "Apache-2.0" for asset in table["asset"])


def test_readme_examples_run(tmp_path):
    readme = (asset_dir("corpora") / "README.md").read_text("utf-8")
    mix, patterns = (block.split("```")[0] for block in readme.split("```toml\n")[1:3])
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "rec_gt.txt").write_text("a.jpg\t값 1\n", "utf-8")
    (tmp_path / "korean_dict.txt").write_text("갋\n", "utf-8")
    for name, text in (("plates.toml", patterns), ("mix.toml", mix), ("patterns.toml", patterns)):
        (tmp_path / name).write_text(text, "utf-8")
        assert load_corpus(tmp_path / name).patterns


def test_a_moved_file_is_the_same_source(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one\n", "utf-8")
    before = load_corpus(path).lines[0].sha256
    moved = tmp_path / "deep" / "b.txt"
    moved.parent.mkdir()
    shutil.move(path, moved)
    assert load_corpus(moved).lines[0].sha256 == before


def test_dictionary_entries_without_ink_are_no_targets(tmp_path):
    text = '[[source]]\nname = "d"\nkind = "dictionary"\npath = "dict.txt"\n'
    path = write_mix(tmp_path, text)
    (tmp_path / "dict.txt").write_text("값\n \n\n1\n", "utf-8")
    assert load_corpus(path).dictionaries[0].chars == ("값", "1")


def test_a_closed_source_says_so_and_its_lines_stay_whole(tmp_path):
    path = write_mix(tmp_path, MIX.replace("share = 3", "closed = true"))
    (tmp_path / "a.txt").write_text("one two three four five six seven\none\n", "utf-8")
    corpus = load_corpus(path)
    text = next(s for s in corpus.lines if s.name == "text")
    assert text.is_closed and text.texts == ("one two three four five six seven", "one")
    assert not any(s.is_closed for s in (*corpus.lines, *corpus.patterns) if s.name != "text")
    assert corpus.sha256 != load_corpus(write_mix(tmp_path, MIX.replace("share = 3", ""))).sha256
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b.txt").write_text("one two three four five six seven eight\n", "utf-8")
    path = write_mix(tmp_path, MIX.replace("a.txt", "folder").replace("share = 3", "closed = true"))
    text = next(s for s in load_corpus(path).lines if s.name.startswith("text"))
    assert text.is_closed and text.texts == ("one two three four five six seven eight",)
    pattern = MIX.replace('groups = ["ko"]', 'groups = ["ko"]\nclosed = true')
    assert load_corpus(write_mix(tmp_path, pattern)).patterns[0].is_closed
