"""Figures of the reward model on held-out people, items and texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from vitrine.core.ports import Floats, UserFeatures
from vitrine.models.experience import Experience, GroupRow, UserSplit
from vitrine.models.metrics import average_precision, calibration_error, logistic, mean_auc
from vitrine.models.prior.taste import newest
from vitrine.models.reward.groups import record_split
from vitrine.models.reward.scorer import PerFusionScorer, Tokenize
from vitrine.models.reward.tower import TextTower

Pictures = Callable[[NDArray[np.int64]], Tensor]
"""Rows of items (B, N) to their pictures, (B, N, 3, s, s)."""


MIXED = ((32, True), (8, True), (100, True), (0, True), (32, False), (8, False))
"""What is known of people whom the calibration is fitted on: (ratings, stated facets or not), in turn."""
LEAST_SLOPE = 1e-3


def groups_of(data: Experience, split: UserSplit) -> list[tuple[int, GroupRow]]:
    """(user row, group) of the held-out groups of the users of a split."""
    row_of = {user.user: row for row, user in enumerate(data.users)}
    return [
        (row_of[group.user], group)
        for group in data.groups
        if group.split == "heldout" and data.users[row_of[group.user]].split == split
    ]


def record_groups(data: Experience, split: UserSplit) -> list[tuple[int, GroupRow]]:
    """(user row, group) of one part of the training users' groups, dealt by record: who is known by id."""
    row_of = {user.user: row for row, user in enumerate(data.users)}
    return [
        (row_of[group.user], group)
        for group in data.groups
        if group.split == "train"
        and data.users[row_of[group.user]].split == "train"
        and record_split(group) == split
    ]


def features_of(
    data: Experience, user: int, *, history: int, facets: bool, named: bool = False
) -> UserFeatures:
    """What a scorer is told about a user: the newest `history` ratings, stated facets or none, the id."""
    stated = data.stated(user) if facets else {}
    taste = data.history(user, history)
    if named:
        taste = replace(taste, user_id=data.users[user].user)
    return UserFeatures(taste=taste, facets=stated)


def personal_group_scores(
    scorer: PerFusionScorer,
    data: Experience,
    groups: Sequence[tuple[int, GroupRow]],
    knowledge: Sequence[tuple[int, bool]],
    chunk: int = 128,
    pictures: Pictures | None = None,
    ids: bool = False,
) -> list[Floats]:
    """Scores before calibration of every group's items.

    Args:
        knowledge: (length of history, facets or not), used in turn for the groups.
        pictures: of all items, if they are to be read instead of their embeddings.
        ids: whether it is told who people are.
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
            users.append(features_of(data, user, history=history, facets=facets, named=ids))
        texts = [group.text for _, group in part]
        if pictures is None:
            scores = scorer.logits_many(users, texts, data.images[rows])
        else:
            scores = scorer.picture_logits_many(users, texts, pictures(rows))
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


def fit_scale(
    scorer: PerFusionScorer,
    data: Experience,
    groups: Sequence[tuple[int, GroupRow]],
    *,
    pictures: Pictures | None = None,
    ids: bool = False,
) -> tuple[float, float, float]:
    """(slope, offset, drift) of the calibration on groups of validation, with mixed knowledge of the people.

    The scorer has no drift yet.
    """
    found = personal_group_scores(scorer, data, groups, MIXED, pictures=pictures, ids=ids)
    told = [
        features_of(data, user, history=MIXED[place % len(MIXED)][0], facets=False).taste
        for place, (user, _) in enumerate(groups)
    ]
    known = [np.log1p(sum(map(len, newest(taste)))) for taste in told]
    beside = np.repeat(known, [len(scores) for scores in found])
    features = np.stack([np.concatenate(found), beside], axis=1)
    slope, change, offset = logistic(features, outcomes_of(groups)).tolist()
    return slope, offset, -change / slope if abs(slope) > LEAST_SLOPE else 0.0


def id_figures(
    scorer: PerFusionScorer,
    tower: TextTower,
    tokenize: Tokenize,
    data: Experience,
    limit: int = 2000,
) -> dict[str, float]:
    """GAUC and MAP of people known by id alone, on groups of theirs that were not learned from."""
    groups = record_groups(data, "heldout")[:limit]
    nothing = [(0, False)]
    named = personal_group_scores(scorer, data, groups, nothing, ids=True)
    unnamed = personal_group_scores(scorer, data, groups, nothing)
    return {
        "id_groups": len(groups),
        "gauc_id_clip": round(gauc(plain_group_scores(tower, tokenize, data, groups), groups), 4),
        "gauc_id_unknown": round(gauc(unnamed, groups), 4),
        "gauc_id": round(gauc(named, groups), 4),
        "map_id": round(mean_ap(named, groups), 4),
    }


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
        error = calibration_error(scorer.calibrated(np.concatenate(scores)), outcomes_of(groups))
        if name == "history_32_facets":
            figures["map_history_32_facets"] = mean_ap(scores, groups)
            figures["calibration_error"] = error
        elif history in (0, 100):
            figures[f"calibration_error_{name}"] = error
    summary = folder / "shoppers.json"
    if summary.is_file():
        told = json.loads(summary.read_text(encoding="utf-8"))["figures"]
        figures["gauc_oracle_ceiling"] = told["oracle_gauc_heldout"]
    return {name: round(value, 4) for name, value in figures.items()}


def picture_figures(
    scorer: PerFusionScorer, data: Experience, pictures: Pictures, limit: int = 600
) -> dict[str, float]:
    """GAUC, MAP and calibration of pictures read by the towers, beside the same groups' embeddings."""
    groups = groups_of(data, "heldout")[:limit]
    known = [(32, True)]
    seen = personal_group_scores(scorer, data, groups, known, chunk=32, pictures=pictures)
    read = personal_group_scores(scorer, data, groups, known)
    chances = scorer.calibrated(np.concatenate(seen), pictures=True)
    figures = {
        "picture_groups": len(groups),
        "gauc_pictures": gauc(seen, groups),
        "gauc_same_embeddings": gauc(read, groups),
        "map_pictures": mean_ap(seen, groups),
        "calibration_error_pictures": calibration_error(chances, outcomes_of(groups)),
    }
    return {name: round(value, 4) for name, value in figures.items()}
