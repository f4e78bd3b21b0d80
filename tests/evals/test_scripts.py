"""Scripts are read strictly: every mistake is named with its file, dialogue, turn and key."""

from pathlib import Path

import pytest

from vitrine.core.errors import RequestError
from vitrine.evals.scripts import load_scripts

GOOD = """
dialogue: one
user: {id: mara, profile: "I love navy."}
history: [{item: a-1, rating: 1}]
turns:
  - say: "Hi"
    expect:
      intents: [initial_query]
      wants: {kind: [mug]}
      ranges: {price: {max: 80}}
      products: {min: 1, every: {kind: [mug], price: {max: 80}}}
  - pick: {turn: 1, positions: [2, 4]}
---
dialogue: two
turns: [{say: bye}]
"""


def written(folder: Path, text: str, name: str = "s.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_documents_of_a_file_are_dialogues(tmp_path: Path) -> None:
    one, two = load_scripts([written(tmp_path, GOOD)])
    assert (one.dialogue, two.dialogue) == ("one", "two")
    assert one.turns[1].pick is not None
    assert one.folder == str(tmp_path)


def test_json_lines_and_folders(tmp_path: Path) -> None:
    written(tmp_path, '{"dialogue": "j", "turns": [{"say": "hi"}]}\n', "a.jsonl")
    written(tmp_path, GOOD)
    assert [s.dialogue for s in load_scripts([tmp_path])] == ["j", "one", "two"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "dialogue: a\nturns: [{say: hi, expect: {produkts: {}}}]",
            "turn 1: expect: unknown key 'produkts'",
        ),
        ("dialogue: a\nturns: [{say: hi}, {say: ho, expekt: {}}]", "turn 2: unknown key 'expekt'"),
        ("dialogue: a\ncolour: x\nturns: [{say: hi}]", "unknown key 'colour'"),
        ("dialogue: a\nturns: [{say: hi, expect: {intents: [hugging]}}]", "turn 1"),
        ("dialogue: a\nturns: [{expect: {}}]", "at least one of 'say'"),
        ("dialogue: a\nturns: []", "'turns'"),
        ("dialogue: a\nfolder: /etc\nturns: [{say: hi}]", "unknown key 'folder'"),
        ("- 1", "expected a mapping"),
        ("dialogue: [", "not YAML"),
        ("dialogue: a\nturns: [{say: hi}]\n---\ndialogue: a\nturns: [{say: hi}]", "unique"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RequestError) as caught:
        load_scripts([path])
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such script"):
        load_scripts([tmp_path / "none.yaml"])
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RequestError, match="UTF-8"):
        load_scripts([tmp_path / "b.yaml"])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(RequestError, match=r"no \*\.yaml"):
        load_scripts([empty])
