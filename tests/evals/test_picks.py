"""Pools of drawn groups, and simulated shoppers who pick from them."""

import json
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder
from vitrine.evals.personal.world import TasteWorld, read_world
from vitrine.evals.picks import FacetProbe, pick_groups, utilities_of, write_picks
from vitrine.evals.shoppers import ShopperWorld, is_heldout_text, read_wares, simulate
from vitrine.models.dataset import Drawings
from vitrine.models.experience import (
    Experience,
    Rated,
    UserRow,
    UserSplit,
    read_experience,
)
from vitrine.models.perfusion.favourites import Favourites
from vitrine.models.perfusion.pictures import PICTURES_FILE, read_prompts
from vitrine.models.perfusion.pool import (
    CHUNKS,
    INDEX,
    Guests,
    PoolGroup,
    plan_groups,
    read_pool,
)
from vitrine.models.reward.groups import GroupSampler
from vitrine.models.training import save_weights

DIM, ITEMS = 24, 400


@pytest.fixture(scope="module")
def pack() -> DomainPack:
    return load_pack(domain_folder("atelier"))


def facets_of(pack: DomainPack, row: int) -> dict[str, list[str]]:
    rng = np.random.default_rng(row)
    found = {"category": [["hat", "bag"][row % 2]]}
    for name in ("color", "pattern", "material"):
        facet = pack.facet(name)
        assert facet is not None
        found[name] = [facet.values[int(rng.integers(4))].name]
    return found


def look(facets: dict[str, list[str]], row: int) -> np.ndarray:
    """An embedding in which every value has a direction of its own."""
    whole = 0.2 * np.random.default_rng(10_000 + row).standard_normal(DIM)
    for name, values in sorted(facets.items()):
        seed = zlib.crc32(f"{name}={values[0]}".encode())
        whole += np.random.default_rng(seed).standard_normal(DIM)
    return whole.astype(np.float32)


@pytest.fixture(scope="module")
def taste(pack: DomainPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawings and simulated shoppers who have met them."""
    root = tmp_path_factory.mktemp("picks")
    facets = [facets_of(pack, row) for row in range(ITEMS)]
    (root / "drawings").mkdir()
    lines = [json.dumps({"facets": f, "captions": ["a thing"]}) + "\n" for f in facets]
    (root / "drawings" / "manifest.jsonl").write_text("".join(lines))
    (root / "taste").mkdir()
    heldout = (np.arange(ITEMS) % 3 == 0).astype(np.uint8)
    images = np.stack([look(f, row) for row, f in enumerate(facets)])
    save_file(
        {"images": images, "captions": np.zeros((ITEMS, 1, DIM), np.float32), "heldout": heldout},
        root / "taste" / "embeddings.safetensors", metadata={"space": "toy"},
    )  # fmt: skip
    wares = read_wares(root / "drawings", root / "taste" / "embeddings.safetensors", pack)
    simulate(wares, ShopperWorld(shoppers=60), root / "taste")
    return root


def pool_in(folder: Path, pack: DomainPack) -> None:
    """Eight requests with three pictures each; what they show stands in their embeddings."""
    groups: list[PoolGroup] = []
    for place in range(8):
        text = ("hat", "red bag", "plain hat", "teal hat")[place % 4] + "!" * (place // 4)
        split = "heldout" if place % 3 == 0 else "train"
        groups.append(
            PoolGroup(text=text, split=split, asked={}, prompts=("a", "b", "c"), seeds=(1, 2, 3))
        )
        rows = [look(facets_of(pack, 1000 + 3 * place + i), 3 * place + i) for i in range(3)]
        tensors = {
            "pictures": torch.full((3, 16, 16, 3), place, dtype=torch.uint8),
            "embeddings": torch.from_numpy(np.stack(rows)),
        }
        save_weights(folder / CHUNKS / f"{place:05d}.safetensors", tensors, None)
    (folder / INDEX).write_text("".join(group.model_dump_json() + "\n" for group in groups))
    (folder / "space").write_text("toy\n")


def test_shoppers_pick_what_they_like(taste: Path, pack: DomainPack, tmp_path: Path) -> None:
    world = read_world(taste / "drawings", taste / "taste", pack)
    pool_in(tmp_path / "pool", pack)
    pool = read_pool(tmp_path / "pool")
    read = probe_of(world).read(pool.embeddings, pack)
    truth = [facets_of(pack, 1000 + row) for row in range(24)]
    hits = [f[name][0] == read[row][name][0] for row, f in enumerate(truth) for name in f]
    assert np.mean(hits) > 0.9
    each = {"train": 4, "validation": 2, "heldout": 2}
    lines = pick_groups(world, pool, read, each, seed=0)
    assert lines == pick_groups(world, pool, read, each, seed=0)
    write_picks(tmp_path / "out", taste / "taste", world, pool, lines)
    data = read_experience(tmp_path / "out")
    assert (tmp_path / "out" / PICTURES_FILE).is_file()
    prompts = read_prompts(tmp_path / "out")
    assert prompts == {ITEMS + row: "abc"[row % 3] for row in range(24)}
    assert len(data.images) == ITEMS + 24
    worth = utilities_of(world, range(60), read, pool.embeddings)
    better: list[bool] = []
    for user, group in GroupSampler(data).groups:
        assert group.split == "train" and min(group.items) >= ITEMS
        assert not set(group.items) & set(data.ratings[user].items.tolist())
        value = worth[user][np.asarray(group.items) - ITEMS]
        chosen = np.asarray(group.chosen) > 0
        better.append(bool(value[chosen].mean() > value[~chosen].mean()))
    assert np.mean(better) > 0.8


@pytest.fixture(scope="module")
def drawings() -> Drawings:
    """Forty hats and bags."""
    names = ("category", "color", "pattern", "accent")
    vocabulary = {name: ("hat", "bag") if name == "category" else ("red", "teal", "navy")
                  for name in names}  # fmt: skip
    vocabulary["pattern"] = ("plain", "striped", "dotted")
    codes = np.random.default_rng(0).integers(0, 2, (40, 4))
    return Drawings(
        np.zeros((40, 4, 4, 3), np.uint8), np.arange(40), np.arange(0), vocabulary, codes,
        (("a",),) * 40, "x",
    )  # fmt: skip


def test_requests_leave_something_open(pack: DomainPack, drawings: Drawings) -> None:
    planned = plan_groups(drawings, pack, 30, 5, 0)
    assert planned == plan_groups(drawings, pack, 30, 5, 0)
    assert planned[:10] == plan_groups(drawings, pack, 10, 5, 0)
    for group in planned:
        assert len(group.prompts) == len(set(group.seeds)) == 5 and not group.people
        assert (group.split == "heldout") == is_heldout_text(group.text)
        assert all(set(group.text.split()) <= set(prompt.split()) for prompt in group.prompts)
        assert not any(prompt.startswith("and") for prompt in group.prompts)
    assert np.mean([len(set(group.prompts)) for group in planned]) > 2


def fond_of(drawings: Drawings, colour: str, row: int, split: UserSplit) -> tuple[UserRow, Rated]:
    """Somebody who likes things of one colour and no others."""
    liked = [drawings.values(item)["color"] == colour for item in range(40)]
    rated = Rated(np.arange(40), np.where(liked, 5, 1))
    return UserRow(user=f"{colour}-{row}", split=split), rated


def people_of(drawings: Drawings, each: int) -> Experience:
    """`each` who like red and as many who like teal, to train on and others."""
    splits: tuple[UserSplit, ...] = ("train", "validation", "heldout")
    everybody = [fond_of(drawings, colour, row, split)
                 for row, split in enumerate(splits) for colour in ("red", "teal")
                 for _ in range(each)]  # fmt: skip
    return Experience(
        "toy", np.zeros((40, 4), np.float32), np.zeros((40, 0, 4), np.float32), np.zeros(40, bool),
        [user for user, _ in everybody], [rated for _, rated in everybody], [], "x",
    )  # fmt: skip


def test_a_pool_for_people_has_what_they_like(pack: DomainPack, drawings: Drawings) -> None:
    people = people_of(drawings, each=2)
    planned = plan_groups(drawings, pack, 60, 4, 0, people)
    assert planned == plan_groups(drawings, pack, 60, 4, 0, people)
    of = {user.user: user.split for user in people.users}
    free = 0
    for group in planned:
        assert len(set(group.seeds)) == 1 and len(group.people) == len(group.prompts) == 4
        assert {of[name] == "train" for name in group.people} == {group.split == "train"}
        for name, prompt in zip(group.people, group.prompts, strict=True):
            other = "teal" if name.startswith("red") else "red"
            if "color" not in group.asked and other not in group.asked.values():
                free += name.split("-")[0] in prompt.split()
                main = prompt.split(" and ")[0] if " and " in prompt else prompt
                assert other not in main.split()
    assert free > 50


def test_what_was_said_counts_beside_what_was_judged(drawings: Drawings) -> None:
    people = people_of(drawings, each=2)
    said = UserRow(user="x", split="train", stated=(("color", "navy", 1.0),))
    people = replace(people, users=[said, *people.users[1:]])
    favourites = Favourites(drawings, people)
    some = {"color": ("navy", "red", "teal"), "pattern": ("plain",)}
    assert favourites.best(1, some) == {"color": "red", "pattern": "plain"}
    assert favourites.best(0, some)["color"] == "navy"
    with pytest.raises(RequestError, match="--each"):
        Guests(favourites, people, each=9)


def test_people_judge_first_what_was_drawn_for_them(
    taste: Path, pack: DomainPack, tmp_path: Path
) -> None:
    world = read_world(taste / "drawings", taste / "taste", pack)
    pool_in(tmp_path, pack)
    pool = read_pool(tmp_path)
    users = [user for user in world.data.users if user.split == "train"][:8]
    groups = [group if group.split == "heldout" else
              group.model_copy(update={"people": tuple(u.user for u in users[place:place + 3])})
              for place, group in enumerate(pool.groups)]  # fmt: skip
    pool = replace(pool, groups=groups)
    read = probe_of(world).read(pool.embeddings, pack)
    lines = pick_groups(world, pool, read, {"train": 3, "validation": 1, "heldout": 1}, seed=0)
    told = {(str(line["user"]), str(line["text"])) for line in lines}
    for group in groups:
        assert all((name, group.text) in told for name in group.people)
    assert {sum(line["user"] == user.user for line in lines) for user in users} == {3}


def probe_of(world: TasteWorld) -> FacetProbe:
    return FacetProbe(world.data.images, world.wares.facets)


def test_a_pool_is_read_as_far_as_it_is_drawn(pack: DomainPack, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no pool"):
        read_pool(tmp_path)
    pool_in(tmp_path, pack)
    (tmp_path / CHUNKS / "00005.safetensors").unlink()
    pool = read_pool(tmp_path)
    assert len(pool.groups) == 5 and pool.pictures.shape == (15, 16, 16, 3) and pool.each == 3
    (tmp_path / CHUNKS / "00000.safetensors").unlink()
    with pytest.raises(RequestError, match="nothing is drawn"):
        read_pool(tmp_path)
