"""An interest out of a history: what is nearest to the words, and it reaches the renderer."""

import numpy as np
import pytest

from vitrine.core.dials import DesignDials
from vitrine.core.errors import ToolError
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue
from vitrine.models.fakes import FakeEncoder, FakeRenderer
from vitrine.tools.render_images import Draft, RenderImages, RenderRequest
from vitrine.tools.retrieve_interest import (
    InterestRefs,
    RetrieveInterest,
    RetrieveInterestRequest,
    gather,
)
from vitrine.tools.thing_tags import HistoryThing


@pytest.fixture
def tool(
    tiny_catalogue: PackCatalogue, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> RetrieveInterest:
    return RetrieveInterest(tiny_catalogue, tiny_encoder, artifacts)


def items(*ids: str) -> tuple[HistoryThing, ...]:
    return tuple(HistoryThing(item=item) for item in ids)


def test_the_nearest_texts_are_found_with_their_pictures(
    tool: RetrieveInterest, tiny_catalogue: PackCatalogue, artifacts: ArtifactStore
) -> None:
    history = items("p01", "p02", "p03", "p04")
    # the request is what the third thing is called
    words = tool.texts([history[2]])[0]
    result = tool(RetrieveInterestRequest(query=words, history=history, count=2))
    assert result.found[0] == 2
    assert len(result.found) == 2
    assert result.interest is not None
    pictures = gather(artifacts, result.interest.images)
    rows = [tiny_catalogue.row(history[place].item or "") for place in result.found]
    assert np.allclose(pictures, tiny_catalogue.vectors(rows))
    texts = gather(artifacts, result.interest.texts)
    assert np.allclose(texts[0], artifacts.get_embedding(result.interest.query))


def test_the_wanted_thing_is_left_out_and_nothing_counts_twice(tool: RetrieveInterest) -> None:
    history = items("p01", "p02", "p01", "p99")
    ask = RetrieveInterestRequest(query="x", history=history, exclude=frozenset({"p02"}))
    assert tool(ask).found == (2,), "p02 is wanted, p99 has left the shop, p01 counts as the newer"
    nothing = tool(RetrieveInterestRequest(query="x", history=items("p99")))
    assert nothing.interest is None and nothing.found == ()


def test_designs_are_found_by_how_they_were_drawn(
    tool: RetrieveInterest, tiny_encoder: FakeEncoder, artifacts: ArtifactStore
) -> None:
    drawn = artifacts.put_embeddings(tiny_encoder.encode_text(["red"]), tiny_encoder.space)[0]
    design = HistoryThing(facets={"glaze": ("red",)}, embedding=drawn)
    untold = HistoryThing(facets={"glaze": ("blue",)})
    result = tool(RetrieveInterestRequest(query="red", history=(design, untold)))
    assert result.found == (0,), "a design without an embedding has no picture to attend to"
    assert result.interest is not None
    assert np.allclose(
        artifacts.get_embedding(result.interest.images[0]), artifacts.get_embedding(drawn)
    )


def test_interests_reach_the_renderer_when_the_method_has_a_third_branch(
    tool: RetrieveInterest,
    tiny_catalogue: PackCatalogue,
    tiny_encoder: FakeEncoder,
    artifacts: ArtifactStore,
) -> None:
    render = RenderImages(FakeRenderer(tiny_encoder), tiny_encoder, tiny_catalogue, artifacts)
    refs = tool(RetrieveInterestRequest(query="red", history=items("p01", "p04"))).interest
    assert refs is not None
    draft = Draft(prompt="thing", seed=1, interest=refs)

    def drawn(draft: Draft, dials: DesignDials) -> object:
        return render(RenderRequest(drafts=(draft,), steps=1, dials=dials)).images[0]

    bare = draft.model_copy(update={"interest": None})
    branched = DesignDials(method="three_branch", interest_scale=0.9)
    assert drawn(draft, DesignDials()) == drawn(bare, DesignDials())
    assert drawn(draft, branched) != drawn(bare, branched)
    assert drawn(bare, branched) == drawn(bare, DesignDials())
    elsewhere = refs.images[0].model_copy(update={"space": "other"})
    strange = InterestRefs(query=refs.query, texts=refs.texts[:1], images=(elsewhere,))
    with pytest.raises(ToolError, match="interest of space 'other'"):
        drawn(draft.model_copy(update={"interest": strange}), branched)
