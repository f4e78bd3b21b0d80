"""Training the personal network at toy size: where it starts, that it learns whose pictures are whose."""

import argparse
import math
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from vitrine.core.domain import DomainPack, load_pack
from vitrine.core.errors import RequestError
from vitrine.core.places import domain_folder
from vitrine.models.dataset import Drawings
from vitrine.models.diffusion.autoencoder import build_autoencoder
from vitrine.models.diffusion.unet import build_unet, training_noise
from vitrine.models.experience import Experience, GroupRow, Rated, UserRow
from vitrine.models.perfusion.favourites import Favourites, Vocabulary
from vitrine.models.perfusion.lesson import Backbone, PersonalLesson
from vitrine.models.perfusion.objective import Objective
from vitrine.models.perfusion.person import PersonalNetwork, UserEncoder
from vitrine.models.perfusion.pictures import (
    PICTURES_FILE,
    PROMPTS_FILE,
    Latents,
    read_latents,
    read_prompts,
    write_prompts,
)
from vitrine.models.perfusion.pool import split_of
from vitrine.models.perfusion.train import (
    figures,
    forget_people,
    granted,
    prompts_of,
    with_pictures,
)
from vitrine.models.perfusion.warm import Shelf, short_request
from vitrine.models.reward import groups as reward_groups
from vitrine.models.reward.features import RewardConfig
from vitrine.models.reward.groups import GroupSampler

DIM, THINGS = 6, 12


def experience() -> Experience:
    """People who like one or the other half of the things; each half has a look of its own."""
    rng = np.random.default_rng(0)
    half = np.arange(THINGS) % 2
    images = rng.normal(size=(THINGS, DIM)).astype(np.float32) * 0.1
    images[:, 0] += 2 * half - 1
    users, ratings, groups = list[UserRow](), list[Rated](), list[GroupRow]()
    for number in range(8):
        side = number % 2
        split = "train" if number < 6 else "heldout"
        users.append(UserRow(user=f"u{number}", split=split))
        history = np.arange(6)
        ratings.append(Rated(history, np.where(half[history] == side, 5, 1)))
        for _ in range(3):
            items = tuple(rng.permutation(np.arange(6, THINGS))[:4].tolist())
            chosen = tuple(int(half[item] == side) for item in items)
            groups.append(
                GroupRow(user=f"u{number}", text="moss", items=items, chosen=chosen, split=split)
            )
    held = np.zeros(THINGS, np.bool_)
    return Experience(
        "toy", images, np.zeros((THINGS, 0, DIM), np.float32), held, users, ratings, groups, "x"
    )


def lesson(**changes: object) -> PersonalLesson:
    torch.manual_seed(0)
    data = experience()
    unet = build_unet(text_dim=16, grid=4, widths=(16, 32), heads=2).eval().requires_grad_(False)
    latents = torch.randn(THINGS, 16, 4, 4) * 0.3
    latents[:, :8] += (torch.arange(THINGS) % 2 * 2.0 - 1)[:, None, None, None]
    config = RewardConfig(dim=DIM, space="toy", tower_width=4, tower_layers=1, facet_rows=4)
    nothing = torch.zeros(len(data.users), 0)
    made = PersonalLesson(
        model=PersonalNetwork.for_unet(unet, UserEncoder(config), grid=2),
        backbone=Backbone(unet, training_noise().alphas_cumprod, "v_prediction",
                          {"": torch.zeros(5, 16), "moss": torch.ones(5, 16)}, encode),
        data=data,
        latents=Latents(latents.half(), np.arange(THINGS), "y"),
        sampler=GroupSampler(data),
        facets=(torch.zeros(len(data.users), 0, DIM), nothing, nothing.long(), nothing.long()),
        objective=Objective(beta=20, over="mean"),
        batch=6,
    )  # fmt: skip
    return replace(made, **changes)


def encode(texts: Sequence[str]) -> torch.Tensor:
    """States of texts: words have directions of their own."""
    found = torch.zeros(len(texts), 5, 16)
    for row, text in enumerate(texts):
        for place, word in enumerate(text.split()[:5]):
            seeded = torch.Generator().manual_seed(zlib.crc32(word.encode()))
            found[row, place] = torch.randn(16, generator=seeded)
    return found


def generator(step: int) -> torch.Generator:
    return torch.Generator().manual_seed(step)


@pytest.mark.parametrize("kind", ["group", "pairs"])
def test_it_starts_at_indifference(kind: str) -> None:
    made = lesson(objective=Objective(kind=kind, over="mean"))  # pyright: ignore[reportArgumentType]
    value, _ = made(0, generator(0))
    rng = np.random.default_rng(generator(0).initial_seed())
    batch = made.sampler.draw(6, rng, rated=False, places=made.twins(rng))
    others = (~batch.chosen).sum(axis=1)
    expected = np.mean([math.log(1 + n) if kind == "group" else math.log(2) for n in others])
    # The reference of twins is computed once, in a smaller batch: equal but for its rounding.
    assert float(value.detach()) == pytest.approx(float(expected), rel=1e-3)


PROMPTS = {item: ("moss teal", "moss red")[item % 2] for item in range(THINGS)}


def test_prompts_start_at_indifference_too() -> None:
    value, told = lesson(prompts=PROMPTS)(0, generator(0))
    made = lesson()
    rng = np.random.default_rng(generator(0).initial_seed())
    batch = made.sampler.draw(6, rng, rated=False, places=made.twins(rng))
    others = (~batch.chosen).sum(axis=1)
    assert float(value.detach()) == pytest.approx(np.log1p(others).mean(), rel=1e-4)
    assert told["chosen"] == pytest.approx(
        0, abs=1e-4
    )  # rounding: twins are seen in smaller batches


def test_towards_prompts_the_gap_of_two_is_the_move_along_their_difference() -> None:
    """s_p - s_n = -2 mean(move (goal_p - goal_n)); of pictures from one prompt nothing is learned."""
    made = lesson(prompts=PROMPTS)
    with torch.no_grad():
        for parameter in made.model.network.zero_parameters():
            parameter.normal_(std=0.3)
    rng = np.random.default_rng(1)
    batch = made.sampler.draw(6, rng, rated=False, places=made.twins(rng))
    texts, time = ["moss"] * 6, torch.full((6,), 600)
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    predict = made._predict  # pyright: ignore[reportPrivateUsage]

    def watched(noised, residuals):  # pyright: ignore
        seen.append((noised.text, predict(noised, residuals)))  # pyright: ignore
        return seen[-1][1]

    with torch.no_grad(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(made, "_predict", watched)
        errors, reference = made.by_prompts(
            batch, texts, time, made.people(batch, rng), generator(1)
        )
    s = errors - reference
    goals, plain, moved = (found for _, found in seen)
    kinds = torch.from_numpy(batch.items) % 2
    of = {
        int(kind): goals[torch.nonzero(kinds[::2].flatten() == kind)[0, 0]]
        for kind in kinds.unique()
    }
    assert set(of) == {0, 1}
    move = moved - plain.repeat_interleave(2, dim=0)
    for row in range(6):
        first, second = (s[row][kinds[row] == kind] for kind in (0, 1))
        assert torch.allclose(first, first[:1].expand_as(first), atol=1e-5)
        if row < 2 and len(first) and len(second):
            expected = -2 * (move[row] * (of[0] - of[1])).mean()
            assert float(first[0] - second[0]) == pytest.approx(float(expected), rel=1e-3, abs=1e-6)
            assert abs(float(expected)) > 1e-5


def test_two_by_two_judge_the_same_pictures() -> None:
    made = lesson()
    places = made.twins(np.random.default_rng(0))
    assert len(places) == 6
    for one, other in zip(places[::2], places[1::2], strict=True):
        assert made.sampler.groups[one][1].items == made.sampler.groups[other][1].items


def test_the_reference_is_the_backbone_itself() -> None:
    made = lesson()
    backbone = {parameter.data_ptr() for parameter in made.backbone.unet.parameters()}
    trained = {parameter.data_ptr() for parameter in made.model.parameters()}
    assert not backbone & trained
    assert all(not parameter.requires_grad for parameter in made.backbone.unet.parameters())
    copied = sum(p.numel() for p in made.model.network.encoder.parameters())
    assert copied < sum(p.numel() for p in made.backbone.unet.parameters())
    before = {name: value.clone() for name, value in made.backbone.unet.state_dict().items()}
    made(0, generator(0))[0].backward()
    after = made.backbone.unet.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("prompts", [None, PROMPTS])
def test_it_learns_whose_pictures_are_whose(prompts: dict[int, str] | None) -> None:
    made = lesson(prompts=prompts)
    optimiser = torch.optim.AdamW(made.model.parameters(), lr=5e-3)
    for step in range(60):
        optimiser.zero_grad()
        value, _ = made(step, generator(step))
        value.backward()
        optimiser.step()
    held_out = replace(made, sampler=GroupSampler(made.data, "heldout"))
    found = figures(held_out, seed=0)
    assert found["gauc"] > 0.8
    assert abs(found["gauc_nobody"] - 0.5) < 0.25


@pytest.fixture(scope="module")
def pack() -> DomainPack:
    return load_pack(domain_folder("atelier"))


def drawings() -> Drawings:
    """The first six things: bags, red where one half of the people likes them, teal for the other."""
    vocabulary = {"category": ("bag",), "color": ("red", "teal"), "pattern": ("floral", "striped")}
    codes = np.stack([np.zeros(6, np.int64), np.arange(6) % 2, np.arange(6) // 3], axis=1)
    return Drawings(
        np.zeros((6, 4, 4, 3), np.uint8), np.arange(6), np.arange(0), vocabulary, codes,
        (("a bag",),) * 6, "z",
    )  # fmt: skip


def shelf(pack: DomainPack) -> Shelf:
    """A picture of each of the first six things, which the histories are about, too."""
    place = np.where(np.arange(THINGS) < 6, np.arange(THINGS), -1)
    asked = {item: {"category": "bag"} for item in range(6)}
    return Shelf(
        torch.randn(6, 16, 4, 4).half(), place, asked, Vocabulary(drawings(), pack),
        Favourites(drawings(), experience()), "z",
    )  # fmt: skip


def test_a_wish_is_the_request_with_favourites_in_it(pack: DomainPack) -> None:
    some = shelf(pack)
    assert some.words(0) == "bag"
    for user in range(8):
        assert some.wish(user, 0).split()[0] == ("red", "teal")[user % 2]
    asked = replace(some, asked={0: {"category": "bag", "color": "teal"}})
    assert asked.wish(0, 0).split()[0] == "teal"  # what was said stays


def test_warming_up_teaches_whose_favourites_are_whose(
    pack: DomainPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first steps read no groups; nothing is found before them, and one's own afterwards."""
    monkeypatch.setattr(reward_groups, "RATED_ITEMS", 2)  # of six: the others are told
    made = lesson(warm=300, batch=12, shelf=shelf(pack))
    assert granted(made, 0) == pytest.approx((0.0, 0.0), abs=1e-6)
    optimiser = torch.optim.AdamW(made.model.parameters(), lr=3e-3)
    for step in range(120):
        optimiser.zero_grad()
        value, told = made(step, generator(step))
        assert set(told) == {"warm"}
        value.backward()
        optimiser.step()
    held_out = replace(made, sampler=GroupSampler(made.data, "heldout"))
    found = figures(held_out, seed=0)
    assert found["wish"] > max(0.0, found["wish_other"] + 0.15)
    assert set(made(300, generator(1))[1]) > {"chosen"}
    assert "wish" not in figures(replace(held_out, aside=True), seed=0)  # no picture is held out


def test_without_words_nothing_moves(pack: DomainPack) -> None:
    made = lesson(warm=1, shelf=shelf(pack))
    noised, u, goal = made.wishes(np.random.default_rng(0), generator(0))
    silent = (noised.text == 0).flatten(1).all(dim=1)
    assert 0 < silent.sum() < len(u) == len(goal)
    assert not goal[silent].any() and goal[~silent].any()


def test_a_request_leaves_out_what_taste_decides_and_is_never_a_held_out_text(
    pack: DomainPack,
) -> None:
    vocabulary = Vocabulary(drawings(), pack)
    values = {"category": "bag", "color": "red", "pattern": "floral"}
    found = [short_request(values, vocabulary, random.Random(seed)) for seed in range(60)]
    texts = {vocabulary.words(asked) for asked in found if asked is not None}
    assert all("bag" in text and split_of(text) == "train" for text in texts)
    assert 1 < len(texts) <= 4
    unseen = {**values, "category": "boots"}  # no training drawing shows boots
    assert short_request(unseen, vocabulary, random.Random(0)) is None


def test_the_same_for_everybody() -> None:
    made = lesson(nobody=True)
    network = made.model.network
    with torch.no_grad():
        network.to_map.weight.normal_()
    forget_people(made, np.random.default_rng(0))
    assert not network.to_map.weight.any() and not network.to_map.weight.requires_grad
    assert network.to_map.bias.any()


def test_supervised_learning_reads_no_reference() -> None:
    made = lesson(objective=Objective(kind="supervised", over="mean"))
    value, told = made(0, generator(0))
    value.backward()
    assert math.isfinite(told["loss"])
    assert any(p.grad is not None and p.grad.any() for p in made.model.network.zero_parameters())


def test_pictures_become_latents_once(tmp_path: Path) -> None:
    data = experience()
    with pytest.raises(RequestError, match="vitrine train picks"):
        read_latents(tmp_path, THINGS, torch.nn.Linear(1, 1), tmp_path / "cache")
    pictures = np.random.default_rng(0).integers(0, 255, (7, 32, 32, 3)).astype(np.uint8)
    save_file({"items": np.arange(5, 12), "pictures": pictures}, tmp_path / PICTURES_FILE)
    autoencoder = build_autoencoder(
        width=16, encoder_blocks=(0, 0, 0, 1), decoder_blocks=(1, 0, 0, 1)
    )
    first = read_latents(tmp_path, THINGS, autoencoder, tmp_path / "cache.safetensors")
    again = read_latents(tmp_path, THINGS, autoencoder, tmp_path / "cache.safetensors")
    assert torch.equal(first.latents, again.latents)
    assert first.latents.shape == (7, 16, 4, 4)
    assert first.row_of.tolist() == [-1] * 5 + list(range(7))
    with pytest.raises(RequestError, match="does not fit"):
        read_latents(tmp_path, 8, autoencoder, tmp_path / "cache.safetensors")
    both = first.and_of(replace(first, row_of=np.arange(THINGS) % 7))
    assert both.row_of.tolist() == [7, 8, 9, 10, 11, *range(7)]
    assert torch.equal(both.latents[both.row_of[0]], first.latents[0])
    only_odd = replace(first, row_of=np.where(np.arange(THINGS) % 2 == 1, 0, -1))
    with pytest.raises(RequestError, match="both chosen and other"):
        with_pictures(data, only_odd)
    assert with_pictures(data, first).groups


def test_prompts_stand_beside_pictures(tmp_path: Path) -> None:
    """They are learned from where every picture that was shown has one, unless pictures are asked for."""
    data = experience()
    latents = Latents(torch.zeros(THINGS, 16, 4, 4), np.arange(THINGS), "y")

    def found(towards: str | None) -> Mapping[int, str] | None:
        return prompts_of(argparse.Namespace(data=tmp_path, towards=towards), data, latents)

    assert found(None) is None
    with pytest.raises(RequestError, match="give --towards pictures"):
        found("prompts")
    shown = np.unique([item for group in data.groups for item in group.items])
    words = [f"größe {item}" for item in shown.tolist()]
    write_prompts(tmp_path, shown, words)
    assert found(None) == found("prompts") == dict(zip(shown.tolist(), words, strict=True))
    assert found("pictures") is None
    write_prompts(tmp_path, shown[1:], words[1:])
    assert found(None) is None
    with (tmp_path / PROMPTS_FILE).open("a", encoding="utf-8") as file:
        file.write('{"item": -1, "prompt": "x"}\n')
    with pytest.raises(RequestError, match=f"line {len(shown)}: expected"):
        read_prompts(tmp_path)
