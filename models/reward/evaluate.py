"""Figures of the reward model on held-out people, items and texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vitrine.core.ports import Floats, UserFeatures
from vitrine.models.experience import Experience, GroupRow, UserSplit
from vitrine.models.metrics import average_precision, calibration_error, mean_auc, platt
from vitrine.models.reward.scorer import PerFusionScorer, Tokenize
from vitrine.models.reward.tower import TextTower


def groups_of(data: Experience, split: UserSplit) -> list[tuple[int, GroupRow]]:
    """(user row, group) of the held-out groups of the users of a split."""
    row_of = {user.user: row for row, user in enumerate(data.users)}
    return [
        (row_of[group.user], group)
        for group in data.groups
        if group.split == "heldout" and data.users[row_of[group.user]].split == split
    ]


def features_of(data: Experience, user: int, *, history: int, facets: bool) -> UserFeatures:
    """What a scorer is told about a user: the newest `history` ratings, and stated facets or none."""
    stated = data.stated(user) if facets else {}
    return UserFeatures(taste=data.history(user, history), facets=stated)


def personal_group_scores(
    scorer: PerFusionScorer,
    data: Experience,
    groups: Sequence[tuple[int, GroupRow]],
    knowledge: Sequence[tuple[int, bool]],
    chunk: int = 128,
) -> list[Floats]:
    """Scores before calibration of every group's items.

    Args:
        knowledge: (length of history, facets or not), used in turn for the groups.
    """
    result: list[Floats] = []
    widest = max(len(group.items) for _, group in groups)
    for start in range(0, len(groups), chunk):
        part = groups[start : start + chunk]
        rows = np.zeros((len(part), widest), np.int64)
        users: list[UserFeatures] = []
        for place, (user, group) in enumerate(part):
            rows[place, : len(group.items)] = group.items
            history, facets = knowledge[(start + place) % len(knowledge)]
            users.append(features_of(data, user, history=history, facets=facets))
        scores = scorer.logits_many(users, [group.text for _, group in part], data.images[rows])
        result += [s[: len(group.items)] for s, (_, group) in zip(scores, part, strict=True)]
    return result


def plain_group_scores(
    tower: TextTower,
    tokenize: Tokenize,
    data: Experience,
    groups: Sequence[tuple[int, GroupRow]],
) -> list[Floats]:
    """Cosines of the frozen backbone: the baseline that knows no person."""
    texts = sorted({group.text for _, group in groups})
    rows = tower.encode(tower.trim(tokenize(texts))).detach().numpy()
    row = dict(zip(texts, rows / np.linalg.norm(rows, axis=1, keepdims=True), strict=True))
    images = data.images / np.linalg.norm(data.images, axis=1, keepdims=True)
    return [images[list(group.items)] @ row[group.text] for _, group in groups]


def centroid_group_scores(
    data: Experience, groups: Sequence[tuple[int, GroupRow]], *, history: int
) -> list[Floats]:
    """Cosine with the mean of the likes, less the mean of the dislikes: a baseline without training."""
    centre = data.images[~data.heldout].mean(axis=0)
    result: list[Floats] = []
    for user, group in groups:
        taste = data.history(user, history)
        middle = np.zeros_like(centre)
        for side, sign in ((taste.liked, 1), (taste.disliked, -1)):
            if len(side):
                middle = middle + sign * (side.mean(axis=0) - centre)
        shown = data.images[list(group.items)] - centre
        result.append(shown @ middle / np.maximum(np.linalg.norm(shown, axis=1), 1e-9))
    return result


def gauc(scores: Sequence[Floats], groups: Sequence[tuple[int, GroupRow]]) -> float:
    """Mean AUC of the groups that have both chosen and not chosen items."""
    return mean_auc(
        (s, np.asarray(group.chosen, bool)) for s, (_, group) in zip(scores, groups, strict=True)
    )


def mean_ap(scores: Sequence[Floats], groups: Sequence[tuple[int, GroupRow]]) -> float:
    """Mean average precision of the groups with a choice and an alternative."""
    values = [
        average_precision(s, np.asarray(group.chosen, bool))
        for s, (_, group) in zip(scores, groups, strict=True)
        if 0 < sum(group.chosen) < len(group.chosen)
    ]
    return float(np.mean([value for value in values if value is not None]))


def outcomes_of(groups: Sequence[tuple[int, GroupRow]]) -> NDArray[np.bool_]:
    """Chosen or not, for the items of all groups in a row."""
    return np.concatenate([np.asarray(group.chosen, bool) for _, group in groups])


def fit_platt(scorer: PerFusionScorer, data: Experience, limit: int = 1500) -> tuple[float, float]:
    """(a, b) of the calibration, on the groups of validation users, with mixed knowledge of them."""
    groups = groups_of(data, "validation")[:limit]
    knowledge = ((32, True), (8, True), (32, False), (8, False))
    scores = personal_group_scores(scorer, data, groups, knowledge)
    return platt(np.concatenate(scores), outcomes_of(groups))


def reward_figures(
    scorer: PerFusionScorer,
    tower: TextTower,
    tokenize: Tokenize,
    data: Experience,
    folder: Path,
    limit: int = 2000,
) -> dict[str, float]:
    """GAUC beside its baselines and its ceiling, MAP, calibration error. Held-out users, items, texts."""
    groups = groups_of(data, "heldout")[:limit]
    plain = gauc(plain_group_scores(tower, tokenize, data, groups), groups)
    figures: dict[str, float] = {"heldout_groups": len(groups), "gauc_clip": plain}
    for history in (8, 32):
        figures[f"gauc_centroid_{history}"] = gauc(
            centroid_group_scores(data, groups, history=history), groups
        )
    for name, history, facets in (
        ("nothing_known", 0, False),
        ("facets_only", 0, True),
        ("history_2", 2, False),
        ("history_8", 8, False),
        ("history_32", 32, False),
        ("history_32_facets", 32, True),
        ("history_100_facets", 100, True),
    ):
        scores = personal_group_scores(scorer, data, groups, [(history, facets)])
        figures[f"gauc_{name}"] = gauc(scores, groups)
        if name == "history_32_facets":
            figures["map_history_32_facets"] = mean_ap(scores, groups)
            figures["calibration_error"] = calibration_error(
                scorer.calibrated(np.concatenate(scores)), outcomes_of(groups)
            )
    summary = folder / "shoppers.json"
    if summary.is_file():
        told = json.loads(summary.read_text(encoding="utf-8"))["figures"]
        figures["gauc_oracle_ceiling"] = told["oracle_gauc_heldout"]
    return {name: round(value, 4) for name, value in figures.items()}
