"""What a design's score is said to come from."""

import pytest

from vitrine.agent.outcome import Drawing, Leaning
from vitrine.agent.reasons import drawing_reasons
from vitrine.core.ports import Catalogue
from vitrine.core.refs import EmbeddingRef, ImageRef
from vitrine.memory.state import DialogueState
from vitrine.tools.score_candidates import Cause


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (None, "match 0.71"),
        (
            Cause(facet="color", value="red", amount=0.5),
            "match 0.71; of your taste, red counts most",
        ),
        (
            Cause(facet="color", value="red", wanted=False, amount=0.5),
            "match 0.71; of your taste, that it is not red counts most",
        ),
        (Cause(amount=0.5), "match 0.71; of your taste, something you liked before counts most"),
    ],
)
def test_a_score_names_what_of_a_taste_counts_most(
    tiny_catalogue: Catalogue, cause: Cause | None, said: str
) -> None:
    pack = tiny_catalogue.pack
    drawing = Drawing(
        image=ImageRef(key="sha256:" + "0" * 64, width=8, height=8),
        embedding=EmbeddingRef(key="sha256:" + "0" * 64, row=0, dim=2, space="toy"),
        prompt="a bowl", seed=1, facets={}, score=0.71, cause=cause,
    )  # fmt: skip
    state = DialogueState(thread="t", user="u", domain=pack.name)
    (reason,) = drawing_reasons(drawing, state, Leaning(), pack, None, ())
    assert (reason.text, reason.source) == (said, "score")
