"""Profiles, log, conversations: whole after a kill, one user's alone, gone when forgotten."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.base import empty_checkpoint

from vitrine.core.errors import RequestError, SetupError
from vitrine.core.refs import ThingRef
from vitrine.memory.checkpoints import delete_threads, open_checkpoints
from vitrine.memory.ids import check_thread, check_user, checkpoint_id
from vitrine.memory.log import Judged, LoggedThing
from vitrine.memory.profile import Profile, ProfileSentence
from vitrine.memory.profiles import MAX_SENTENCES, parse_markdown
from vitrine.memory.stores import Stores, open_stores

TODAY = date(2026, 3, 1)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "home") as opened:
        yield opened


def sentence(text: str, section: str = "I like", **more: object) -> ProfileSentence:
    return ProfileSentence.model_validate(
        {"section": section, "text": text, "added": TODAY, **more}
    )


def item(item_id: str) -> LoggedThing:
    return LoggedThing(thing=ThingRef(kind="item", id=item_id))


# --- ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("good", ["mara", "Zoë", "a.b+c@shop", "user 7", "7", "x" * 64, "李雷"])
def test_usual_ids_are_taken(good: str) -> None:
    assert check_user(good) == good


@pytest.mark.parametrize(
    "bad",
    ["", " ", "../x", "a/b", "a\\b", ".hidden", "-rf", "a\nb", "a\x00", "x" * 65, "a:b", "a ",
     "a\u202eb", "e\u0301", "🙂"],
)  # fmt: skip
def test_odd_ids_are_refused_in_one_line(bad: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_thread(bad)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=70), st.text(max_size=70), st.text(max_size=70), st.text(max_size=70))
def test_checkpoint_ids_of_two_users_never_meet(a: str, s: str, b: str, t: str) -> None:
    try:
        first, second = checkpoint_id(a, s), checkpoint_id(b, t)
    except RequestError:
        return
    assert (first == second) == ((a, s) == (b, t))


# --- profiles -------------------------------------------------------------------------------------


def test_a_profile_grows_without_repeats(stores: Stores) -> None:
    assert stores.profiles.get("mara") == Profile(user="mara")
    stores.profiles.add("mara", [sentence("I love navy."), sentence("no wool", "I avoid")])
    profile = stores.profiles.add("mara", [sentence("i LOVE navy"), sentence("linen")])
    assert [s.text for s in profile.sentences] == ["I love navy.", "no wool", "linen"]
    assert stores.profiles.get("mara") == profile
    left = stores.profiles.remove("mara", [sentence("No wool.", "I avoid")])
    assert [s.text for s in left.sentences] == ["I love navy.", "linen"]


def test_an_edit_keeps_where_unchanged_sentences_come_from(stores: Stores) -> None:
    said = sentence("I love navy", origin="said", thread="t1", turn=3)
    stores.profiles.add("mara", [said, sentence("stripes", "I avoid", origin="picked")])
    later = TODAY + timedelta(days=5)
    profile = stores.profiles.edit("mara", "## I like\n- I love navy\n- Linen in summer\n", later)
    kept, new = profile.sentences
    assert kept == said
    assert (new.text, new.origin, new.added) == ("Linen in summer", "edited", later)
    assert stores.profiles.edit("mara", "", later).sentences == ()


def test_markdown_round_trips(stores: Stores) -> None:
    text = (
        "## I like\n- navy\n- soft cloth\n\n## I avoid\n- stripes\n\n## For now\n- packing light\n"
    )
    profile = stores.profiles.edit("mara", text, TODAY)
    assert profile.markdown(TODAY) == text
    assert profile.section("For now", TODAY + timedelta(days=31)) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- navy", "profile line 1: a sentence before the first heading"),
        ("## I like\n- navy\n\n## Colours\n", "profile line 4: unknown heading 'Colours'"),
        ("## I like\nnavy", "profile line 2: 'navy' is neither"),
        ("## I like\n- \u200b", "profile line 2"),
        ("## I like\n- " + "x" * 301, "profile line 2: sentence of 301 characters"),
        ("x" * 100_001, "expected at most 100000"),
    ],
)
def test_an_unreadable_edit_names_the_line_and_changes_nothing(
    stores: Stores, text: str, message: str
) -> None:
    before = stores.profiles.add("mara", [sentence("navy")])
    with pytest.raises(RequestError) as caught:
        stores.profiles.edit("mara", text, TODAY)
    assert message in str(caught.value)
    assert stores.profiles.get("mara") == before


@given(st.text(max_size=400))
def test_reading_markdown_never_raises_anything_else(text: str) -> None:
    try:
        sentences = parse_markdown(text, TODAY)
    except RequestError:
        return
    again = parse_markdown(Profile(user="u", sentences=sentences).markdown(TODAY), TODAY)
    assert sorted(again, key=str) == sorted(sentences, key=str)


def test_a_profile_is_bounded(stores: Stores) -> None:
    many = [sentence(f"thing {i}") for i in range(MAX_SENTENCES + 1)]
    with pytest.raises(RequestError, match="expected at most 200"):
        stores.profiles.add("mara", many)
    assert stores.profiles.get("mara").sentences == ()


# --- the log --------------------------------------------------------------------------------------


def test_history_counts_the_newest_verdict(stores: Stores) -> None:
    log = stores.log
    for turn, (thing, verdict) in enumerate(
        [
            ("a", "picked"),
            ("b", "reject"),
            ("a", "reject"),
            ("c", "accept"),
            ("b", "accept"),
            ("d", "been_to"),
        ],
        start=1,
    ):
        log.judge(
            "mara", "t", turn, domain="tiny", verdicts=[Judged(what=item(thing), verdict=verdict)]
        )
    history = log.history("mara", "tiny")
    assert [t.thing.id for t in history.liked] == ["c", "b"]
    assert [t.thing.id for t in history.disliked] == ["a"]
    assert log.history("mara", "other").liked == ()
    assert [t.thing.id for t in log.history("mara", "tiny", limit=2).liked] == ["b"]
    assert log.retract("mara", "t", 5) == 1
    assert [t.thing.id for t in log.history("mara", "tiny").disliked] == ["a", "b"] or [
        t.thing.id for t in log.history("mara", "tiny").disliked
    ] == ["b", "a"]


def test_writing_a_turn_twice_leaves_one_copy(stores: Stores) -> None:
    for _ in range(2):
        stores.log.show(
            "mara", "t", 1, domain="tiny", request="mugs", things=[item("a"), item("b"), item("c")]
        )
        stores.log.judge(
            "mara", "t", 2, domain="tiny", verdicts=[Judged(what=item("b"), verdict="picked")]
        )
    stores.log.judge(
        "mara", "t", 3, domain="tiny", verdicts=[Judged(what=item("c"), verdict="reject")]
    )
    (group,) = stores.log.groups("mara", "tiny")
    assert [t.thing.id for t in group.things] == ["a", "b", "c"]
    assert (group.chosen, group.refused, group.request) == ((2,), (3,), "mugs")
    assert len(stores.log.history("mara", "tiny").liked) == 1


def test_designs_of_two_threads_with_one_id_are_two_things(stores: Stores) -> None:
    thing = LoggedThing(thing=ThingRef(kind="design", id="design-1-1"))
    for thread in ("t1", "t2"):
        stores.log.judge(
            "mara", thread, 1, domain="tiny", verdicts=[Judged(what=thing, verdict="picked")]
        )
    assert len(stores.log.history("mara", "tiny").liked) == 2


def test_one_user_never_sees_the_other(stores: Stores) -> None:
    picture = stores.artifacts.put_image(np.zeros((3, 3, 3), dtype=np.uint8))
    for user in ("mara", "noor"):
        own = item(f"{user}-thing").model_copy(update={"image": picture})
        stores.log.open_thread(user, "t", "tiny")
        stores.profiles.add(user, [sentence(f"{user} likes it")])
        stores.log.show(user, "t", 1, domain="tiny", request=user, things=[own])
        stores.log.judge(user, "t", 1, domain="tiny", verdicts=[Judged(what=own, verdict="picked")])
    for user, other in (("mara", "noor"), ("noor", "mara")):
        everything = json.dumps(stores.export(user, TODAY))
        assert f"{user}-thing" in everything
        assert other not in everything
        assert other not in str(stores.log.history(user, "tiny")) + str(
            stores.log.groups(user, "tiny")
        )


# --- export and forget ----------------------------------------------------------------------------


def fill(stores: Stores, user: str, shade: int) -> tuple[str, str]:
    picture = stores.artifacts.put_image(np.full((3, 3, 3), shade, dtype=np.uint8))
    row = stores.artifacts.put_embeddings(np.full((2, 4), shade, dtype=np.float32), "s")[1]
    thing = LoggedThing(
        thing=ThingRef(kind="design", id="design-1-1"), image=picture, embedding=row
    )
    stores.profiles.add(user, [sentence("secret-of-" + user)])
    stores.log.open_thread(user, "t", "tiny")
    stores.log.show(user, "t", 1, domain="tiny", request="secret-of-" + user, things=[thing])
    stores.log.judge(user, "t", 1, domain="tiny", verdicts=[Judged(what=thing, verdict="picked")])
    return picture.key, row.key


async def converse(stores: Stores, user: str) -> None:
    config = {"configurable": {"thread_id": checkpoint_id(user, "t"), "checkpoint_ns": ""}}
    async with open_checkpoints(stores.checkpoints) as saver:
        checkpoint = empty_checkpoint()
        checkpoint["channel_values"] = {"said": "secret-of-" + user}
        checkpoint["channel_versions"] = {"said": 1}
        await saver.aput(config, checkpoint, {}, {"said": 1})


async def remembered(stores: Stores, user: str) -> bool:
    config = {"configurable": {"thread_id": checkpoint_id(user, "t"), "checkpoint_ns": ""}}
    async with open_checkpoints(stores.checkpoints) as saver:
        return await saver.aget_tuple(config) is not None


def test_to_be_forgotten_is_to_be_gone_from_disk(stores: Stores) -> None:
    gone = fill(stores, "mara", 10)
    kept = fill(stores, "noor", 20)
    shared = stores.artifacts.put_image(np.full((3, 3, 3), 30, dtype=np.uint8)).key
    for user in ("mara", "noor"):
        stores.log.use(user, [shared])
        asyncio.run(converse(stores, user))
    before = stores.export("noor", TODAY)

    forgotten = stores.forget("mara")

    assert (forgotten.profile, forgotten.threads, forgotten.artifacts) == (True, 1, 2)
    assert set(stores.artifacts.keys()) == {*kept, shared}
    assert not set(stores.artifacts.keys()) & set(gone)
    assert stores.export("noor", TODAY) == before
    assert stores.export("mara", TODAY)["shown"] == []
    assert not asyncio.run(remembered(stores, "mara"))
    assert asyncio.run(remembered(stores, "noor"))
    on_disk = b"".join(path.read_bytes() for path in stores.root.rglob("*") if path.is_file())
    assert b"secret-of-mara" not in on_disk
    assert b"secret-of-noor" in on_disk
    again = stores.forget("mara")
    assert (again.profile, again.rows, again.threads, again.artifacts) == (False, 0, 0, 0)


def test_sweeping_takes_only_what_is_old_and_nobodys(stores: Stores) -> None:
    kept = fill(stores, "mara", 10)
    orphan = stores.artifacts.put_image(np.full((3, 3, 3), 99, dtype=np.uint8))
    assert stores.sweep() == 0, "it is not old"
    assert stores.sweep(older_than_s=0) == 1
    assert set(stores.artifacts.keys()) == set(kept)
    assert not Path(stores.artifacts.image_path(orphan)).exists()


def test_forgetting_without_conversations(stores: Stores) -> None:
    assert delete_threads(stores.checkpoints, ["mara/t"]) == 0
    assert not stores.forget("nobody").profile


# --- damage, several processes, kills ----------------------------------------------------------


def test_damaged_and_newer_databases_are_clear_errors(tmp_path: Path) -> None:
    (tmp_path / "vitrine.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(SetupError, match="cannot be used as a database"):
        Stores(tmp_path)
    newer = tmp_path / "newer"
    Stores(newer).close()
    connection = sqlite3.connect(newer / "vitrine.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SetupError, match="newer version"):
        Stores(newer)


# --- many writers, sudden ends --------------------------------------------------------------------


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    with open_stores(tmp_path) as one, open_stores(tmp_path) as two:
        for number in range(20):
            (one if number % 2 else two).profiles.add("mara", [sentence(f"thing {number}")])
        assert len(one.profiles.get("mara").sentences) == 20


def test_a_killed_writer_loses_nothing_acknowledged(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from datetime import date
        from pathlib import Path
        from vitrine.memory.profile import ProfileSentence
        from vitrine.memory.stores import Stores
        stores = Stores(Path(sys.argv[1]))
        for number in range(199):
            stores.profiles.add("mara", [ProfileSentence(
                section="I like", text=f"thing {number}", added=date(2026, 3, 1))])
            print(number, flush=True)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(15)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with open_stores(tmp_path) as stores:
        texts = [s.text for s in stores.profiles.get("mara").sentences]
    last = int(acknowledged[-1])
    assert texts[: last + 1] == [f"thing {number}" for number in range(last + 1)]
