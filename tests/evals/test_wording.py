"""Measuring the check of rephrased replies."""

from __future__ import annotations

from vitrine.evals.wording import measure, reworded
from vitrine.memory.catalogue import PackCatalogue

PARAGRAPHS = [
    (
        "I would start with Harbour mug ($18). It is teal and glossy, as you asked."
        " Also worth a look: Lagoon mug ($26.50) and Ember mug ($21)."
    ),
    "We do not carry turquoise; these come closest. Signal bowl ($34) comes closest.",
]


def test_planted_sentences_are_counted_with_and_without_the_check(
    tiny_catalogue: PackCatalogue,
) -> None:
    figures = measure(PARAGRAPHS, tiny_catalogue, seed=3)
    assert figures.replies == 2
    assert figures.planted >= 8
    assert set(figures.kinds) >= {"invented name", "wrong price", "price of another", "claim"}
    assert figures.unsupported_without > 0.5
    assert figures.unsupported_with == 0
    assert figures.kept == figures.faithful
    assert figures.reworded == 1


def test_a_check_that_lets_all_through_would_show(tiny_catalogue: PackCatalogue) -> None:
    """The false sentences are false by the catalogue: the built-in text has none of them."""
    for paragraph in PARAGRAPHS:
        assert reworded(paragraph) != [paragraph]


def test_the_same_seed_plants_the_same(tiny_catalogue: PackCatalogue) -> None:
    first, second = [measure(PARAGRAPHS, tiny_catalogue, seed=1) for _ in range(2)]
    assert first == second
