"""Retrieval: nothing hard is violated, nothing is set aside silently, soft wishes count."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitrine.core.errors import ToolError
from vitrine.core.items import Item
from vitrine.core.places import domains
from vitrine.core.refs import EmbeddingRef
from vitrine.memory.artifacts import ArtifactStore
from vitrine.memory.catalogue import PackCatalogue, open_catalogue
from vitrine.models.fakes import FakeEncoder
from vitrine.tools.conditions import Avoid, Bound, Conditions, InStock, SetAside, Want
from vitrine.tools.relaxing import hard_filters, screen
from vitrine.tools.retrieve_items import RankedItem, RetrieveItems, RetrieveRequest, WishText
from vitrine.tools.signals import rank_share

FACETS = {
    "kind": ["mug", "bowl", "vase"],
    "glaze": ["red", "orange", "teal", "blue", "white", "pink", "mauve"],
    "finish": ["glossy", "matte"],
    "maker": ["Oda", "Brun", "Lund"],
}
strengths = st.sampled_from(["hard", "soft"])
origins = st.sampled_from(["said", "profile"])
pairs = st.sampled_from(sorted(FACETS)).flatmap(
    lambda facet: st.tuples(
        st.just(facet),
        st.lists(st.sampled_from(FACETS[facet]), min_size=1, max_size=2, unique=True),
    )
)
turns = st.integers(0, 5)
wants = st.builds(
    lambda p, s, o, t: Want(facet=p[0], values=tuple(p[1]), strength=s, origin=o, since=t),
    pairs, strengths, origins, turns,
)  # fmt: skip
avoids = st.builds(
    lambda p, s, o, t: Avoid(facet=p[0], values=tuple(p[1]), strength=s, origin=o, since=t),
    pairs, strengths, origins, turns,
)  # fmt: skip
edges = st.none() | st.sampled_from([10.0, 15.0, 26.5, 48.0])
bounds = st.builds(
    lambda low, high, about, s, t: Bound(
        facet="price", min=low, max=high, about=about, strength=s, since=t
    ),
    edges,
    edges,
    edges,
    strengths,
    turns,
)
stock = st.builds(
    lambda sizes, s: InStock(sizes=tuple(sizes), strength=s),
    st.lists(st.sampled_from(["small", "large"]), min_size=1, max_size=2, unique=True),
    strengths,
)
conditions = st.builds(
    Conditions,
    wants=st.lists(wants, max_size=3).map(tuple),
    avoids=st.lists(avoids, max_size=2).map(tuple),
    bounds=st.lists(bounds, max_size=1).map(tuple),
    stock=st.lists(stock, max_size=1).map(tuple),
)
requests = st.builds(
    RetrieveRequest,
    query=st.sampled_from(["", "a teal mug", "something sturdy", "🙂", "%$#"]),
    conditions=conditions,
    like=st.lists(st.sampled_from(["p01", "p04"]), max_size=1).map(tuple),
    unlike=st.lists(st.sampled_from(["p02", "p07"]), max_size=1).map(tuple),
    wishes=st.lists(
        st.builds(
            WishText,
            text=st.sampled_from(["sturdy", "not chipped", "zxqv"]),
            polarity=st.sampled_from(["want", "avoid"]),
        ),
        max_size=2,
    ).map(tuple),
    profile_likes=st.lists(st.sampled_from(["I like espresso"]), max_size=1).map(tuple),
    profile_avoids=st.lists(st.sampled_from(["anything heavy"]), max_size=1).map(tuple),
    exclude=st.lists(st.sampled_from(["p01", "p03", "p08", "gone"]), max_size=3).map(tuple),
    count=st.integers(1, 12),
    diversity=st.sampled_from([0.0, 0.3, 1.0]),
)
PROPERTY = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def meets(item: Item, condition: Want | Avoid | Bound | InStock) -> bool:
    match condition:
        case Want():
            return bool(set(item.values(condition.facet)) & set(condition.values))
        case Avoid():
            return not set(item.values(condition.facet)) & set(condition.values)
        case Bound():
            number = item.numbers.get(condition.facet)
            if condition.min is None and condition.max is None:
                return True
            return (
                number is not None
                and (condition.min is None or number >= condition.min)
                and (condition.max is None or number <= condition.max)
            )
        case InStock():
            return any(item.stock.get(size, 0) > 0 for size in condition.sizes)


def every(conditions: Conditions) -> list[Want | Avoid | Bound | InStock]:
    return [*conditions.wants, *conditions.avoids, *conditions.bounds, *conditions.stock]


def carried(catalogue: PackCatalogue, condition: Want | Avoid | Bound | InStock) -> bool:
    return not isinstance(condition, Want) or any(
        catalogue.values(condition.facet).get(value, 0) for value in condition.values
    )


def ids(items: tuple[RankedItem, ...]) -> list[str]:
    return [item.id for item in items]


@given(request_=requests)
@PROPERTY
def test_hard_conditions_hold_or_are_reported(
    retrieve: RetrieveItems, tiny_catalogue: PackCatalogue, request_: RetrieveRequest
) -> None:
    result = retrieve(request_)
    found = ids(result.items)
    assert len(found) == len(set(found)) <= request_.count
    assert not set(found) & set(request_.exclude)
    hard = [
        c for c in every(request_.conditions) if c.strength == "hard" and carried(tiny_catalogue, c)
    ]
    passing = [i for i in tiny_catalogue.items if all(meets(i, c) for c in hard)]
    left = [i for i in passing if i.id not in request_.exclude]
    if left:
        assert result.relaxed == ()
        assert result.matching == len(passing)
        assert set(found) <= {i.id for i in passing}
        assert len(found) == min(request_.count, len(left)), "what matches is shown"
    elif passing:
        assert result.exhausted
        assert not set(found) & {i.id for i in passing}
        heads = [c for c in hard if getattr(c, "facet", "") == "kind" and isinstance(c, Want)]
        kept = [*heads, *(c for c in hard if isinstance(c, Avoid))]
        assert all(meets(tiny_catalogue.item(item), c) for c in kept for item in found)
    else:
        assert result.relaxed or len(request_.exclude) > 0
        assert result.matching > 0 or not found
        aside = {(r.facet, r.values) for r in result.relaxed}
        for condition in hard:
            key = (
                getattr(condition, "facet", "size"),
                getattr(condition, "values", getattr(condition, "sizes", ())),
            )
            if key not in aside:
                assert all(meets(tiny_catalogue.item(item), condition) for item in found)
    for item in result.items:
        assert 0 <= item.score <= 1
        assert all(0 <= value <= 1 for value in item.signals.values())
    scores = [item.score for item in result.items]
    assert result.relaxed or scores == sorted(scores, reverse=True)
    assert retrieve(request_) == result


@given(asked=conditions)
@PROPERTY
def test_no_more_is_set_aside_than_must_be(
    tiny_catalogue: PackCatalogue, asked: Conditions
) -> None:
    screened = screen(tiny_catalogue, asked)
    strict = hard_filters(tiny_catalogue, asked)
    if strict.any():
        assert screened.aside == ()
        np.testing.assert_array_equal(screened.passing, strict)
        return
    for condition in screened.aside:
        narrowed = screened.passing & [meets(i, condition) for i in tiny_catalogue.items]
        assert not narrowed.any(), "it could have been kept"


def test_the_kind_of_thing_and_what_was_refused_are_kept_longest(retrieve: RetrieveItems) -> None:
    result = retrieve(
        RetrieveRequest(
            conditions=Conditions(
                wants=(
                    Want(facet="kind", values=("vase",), since=1),
                    Want(facet="glaze", values=("teal",), since=2),
                ),
                avoids=(Avoid(facet="maker", values=("Oda",), since=1),),
            )
        )
    )
    assert result.relaxed == (SetAside(facet="glaze", values=("teal",), kind="want"),)
    assert set(ids(result.items)) == {"p07", "p10"}


def test_the_profile_gives_way_to_what_is_said(retrieve: RetrieveItems) -> None:
    result = retrieve(
        RetrieveRequest(
            conditions=Conditions(
                wants=(Want(facet="kind", values=("vase",)), Want(facet="glaze", values=("blue",))),
                avoids=(Avoid(facet="finish", values=("glossy",), origin="profile"),),
            )
        )
    )
    assert ids(result.items) == ["p08"]
    assert [(r.facet, r.kind, r.origin) for r in result.relaxed] == [("finish", "avoid", "profile")]


def test_of_equal_wishes_the_newest_goes_first(retrieve: RetrieveItems) -> None:
    def relaxed(first: int, second: int) -> list[str]:
        asked = Conditions(
            wants=(
                Want(facet="kind", values=("vase",)),
                Want(facet="glaze", values=("orange",), since=first),
                Want(facet="maker", values=("Brun",), since=second),
            )
        )
        return [r.facet for r in retrieve(RetrieveRequest(conditions=asked, count=1)).relaxed]

    assert relaxed(1, 2) == ["maker"]
    assert relaxed(2, 1) == ["glaze"]


def test_a_page_is_filled_with_near_misses_and_says_so(retrieve: RetrieveItems) -> None:
    asked = Conditions(
        wants=(
            Want(facet="kind", values=("vase",)),
            Want(facet="glaze", values=("orange",)),
            Want(facet="maker", values=("Brun",)),
        )
    )
    result = retrieve(RetrieveRequest(conditions=asked))
    assert set(ids(result.items)) == {"p07", "p10", "p08"}, "every vase, the nearest first"
    assert ids(result.items)[-1] == "p08", "it misses both wishes"
    assert {r.facet for r in result.relaxed} == {"glaze", "maker"}


def test_a_bound_is_moved_just_far_enough(retrieve: RetrieveItems) -> None:
    under = Conditions(bounds=(Bound(facet="price", max=5),))
    result = retrieve(RetrieveRequest(conditions=under, count=3))
    assert ids(result.items) == ["p09", "p11", "p03"], "the three lowest prices, lowest first"
    above = Conditions(bounds=(Bound(facet="price", min=500),))
    assert ids(retrieve(RetrieveRequest(conditions=above, count=2)).items) == ["p07", "p08"]


def test_a_number_set_aside_still_ranks_by_closeness(retrieve: RetrieveItems) -> None:
    asked = Conditions(
        wants=(Want(facet="kind", values=("vase",)),), bounds=(Bound(facet="price", max=20),)
    )
    result = retrieve(RetrieveRequest(conditions=asked, diversity=0))
    assert [r.facet for r in result.relaxed] == ["price"]
    assert ids(result.items) == ["p10", "p08", "p07"], "cheapest first"
    assert all(any(m.kind == "bound" for m in item.misses) for item in result.items)


def test_a_value_the_shop_lacks_ranks_and_is_reported(retrieve: RetrieveItems) -> None:
    asked = Conditions(
        wants=(Want(facet="kind", values=("mug",)), Want(facet="glaze", values=("pink",)))
    )
    result = retrieve(RetrieveRequest(query="pink mug", conditions=asked, diversity=0))
    assert [(n.facet, n.value) for n in result.not_carried] == [("glaze", "pink")]
    assert result.relaxed == ()
    assert result.matching == 5
    assert result.items[0].id == "p03", "red is nearest to pink, and the pack says so"
    assert all(any(m.facet == "glaze" for m in item.misses) for item in result.items)


def test_a_lacking_value_beside_a_carried_one_still_filters(retrieve: RetrieveItems) -> None:
    asked = Conditions(wants=(Want(facet="glaze", values=("mauve", "blue")),))
    result = retrieve(RetrieveRequest(conditions=asked))
    assert set(ids(result.items)) == {"p08", "p09"}
    assert [n.value for n in result.not_carried] == ["mauve"]


def test_soft_wants_rank_but_do_not_filter(retrieve: RetrieveItems) -> None:
    asked = Conditions(
        wants=(
            Want(facet="kind", values=("mug",)),
            Want(facet="finish", values=("matte",), strength="soft"),
        )
    )
    result = retrieve(RetrieveRequest(conditions=asked, count=5, diversity=0))
    assert len(result.items) == 5
    assert set(ids(result.items)[:2]) == {"p02", "p09"}
    best, worst = result.items[0], result.items[-1]
    assert [(c.kind, c.facet, c.value) for c in best.meets] == [("want", "finish", "matte")]
    assert [(c.kind, c.facet) for c in worst.misses] == [("want", "finish")]


def test_soft_avoids_go_last(retrieve: RetrieveItems) -> None:
    asked = Conditions(avoids=(Avoid(facet="glaze", values=("teal",), strength="soft"),))
    result = retrieve(RetrieveRequest(conditions=asked, count=12, diversity=0))
    assert set(ids(result.items)[-4:]) == {"p01", "p02", "p05", "p12"}


def test_about_prefers_the_closest(retrieve: RetrieveItems) -> None:
    asked = Conditions(bounds=(Bound(facet="price", about=30),))
    result = retrieve(RetrieveRequest(conditions=asked, count=3, diversity=0))
    assert result.items[0].id == "p10"
    assert any(c.kind == "about" for c in result.items[0].meets)


def test_free_text_wishes_count_by_concept(retrieve: RetrieveItems) -> None:
    wish = (WishText(text="really sturdy"),)
    result = retrieve(RetrieveRequest(wishes=wish, count=2, diversity=0))
    assert "p03" in ids(result.items), "heavy"
    assert set(ids(result.items)) & {"p01", "p12"}, "robust"
    assert all(item.meets[0].kind == "wish" for item in result.items)
    asked = Conditions(wants=(Want(facet="kind", values=("mug",)),))
    away = retrieve(
        RetrieveRequest(
            conditions=asked,
            wishes=(WishText(text="sturdy", polarity="avoid"),),
            count=2,
            diversity=0,
        )
    )
    assert set(ids(away.items)) == {"p02", "p09"}


def test_profile_sentences_are_guidance(retrieve: RetrieveItems) -> None:
    asked = Conditions(wants=(Want(facet="kind", values=("mug",)),))
    result = retrieve(
        RetrieveRequest(conditions=asked, profile_likes=("I drink espresso",), count=1, diversity=0)
    )
    assert ids(result.items) == ["p09"]
    assert result.items[0].meets[0].text == "I drink espresso"


def test_likeness_and_unlikeness(retrieve: RetrieveItems, artifacts: ArtifactStore) -> None:
    encoder = FakeEncoder()
    (teal,) = artifacts.put_embeddings(encoder.encode_text(["teal"]), encoder.space)
    near = retrieve(RetrieveRequest(like=(teal,), count=4, diversity=0))
    assert set(ids(near.items)[:3]) < {"p01", "p02", "p05", "p12"}
    far = retrieve(RetrieveRequest(query="mug", unlike=(teal,), count=12, diversity=0))
    assert not set(ids(far.items)[:2]) & {"p05"}


def test_a_sent_picture_leads(retrieve: RetrieveItems, artifacts: ArtifactStore) -> None:
    picture = np.full((40, 40, 3), 245, dtype=np.uint8)
    picture[10:30, 10:30] = (240, 140, 30)
    result = retrieve(RetrieveRequest(image=artifacts.put_image(picture), count=2, diversity=0))
    assert set(ids(result.items)) == {"p07", "p11"}


def test_diversity_spreads_but_keeps_the_best(
    retrieve: RetrieveItems, tiny_catalogue: PackCatalogue
) -> None:
    close = retrieve(RetrieveRequest(query="teal", count=4, diversity=0))
    spread = retrieve(RetrieveRequest(query="teal", count=4, diversity=0.9))
    assert spread.items[0].id == close.items[0].id
    glazes = {tiny_catalogue.item(i).values("glaze") for i in ids(spread.items)}
    assert len(glazes) > len({tiny_catalogue.item(i).values("glaze") for i in ids(close.items)})


def test_near_duplicates_only_where_nothing_else_is_left(retrieve: RetrieveItems) -> None:
    teal = Conditions(wants=(Want(facet="glaze", values=("teal",)),))
    three = retrieve(RetrieveRequest(query="mug", conditions=teal, count=3, diversity=0))
    assert not {"p01", "p12"} <= set(ids(three.items)), "the two harbour mugs look the same"
    four = retrieve(RetrieveRequest(query="mug", conditions=teal, count=4, diversity=0))
    assert {"p01", "p12"} <= set(ids(four.items))


def test_an_embedding_of_another_space_is_refused(retrieve: RetrieveItems) -> None:
    foreign = EmbeddingRef(key=f"sha256:{'0' * 64}", row=0, dim=4, space="elsewhere")
    with pytest.raises(ToolError, match="of space 'elsewhere'"):
        retrieve(RetrieveRequest(like=(foreign,)))
    with pytest.raises(ToolError, match="no item 'gone'"):
        retrieve(RetrieveRequest(like=("gone",)))


def test_everything_excluded_leads_to_near_misses_of_the_same_kind(retrieve: RetrieveItems) -> None:
    asked = Conditions(
        wants=(Want(facet="kind", values=("vase",)), Want(facet="glaze", values=("blue",)))
    )
    result = retrieve(RetrieveRequest(conditions=asked, exclude=("p08",)))
    assert result.exhausted
    assert set(ids(result.items)) == {"p07", "p10"}
    gone = retrieve(RetrieveRequest(conditions=asked, exclude=("p07", "p08", "p10")))
    assert gone.items == ()
    avoided = Conditions(
        wants=(Want(facet="glaze", values=("blue",)),),
        avoids=(Avoid(facet="maker", values=("Brun",)),),
    )
    left = retrieve(RetrieveRequest(conditions=avoided, exclude=("p08", "p09"), count=12))
    assert left.items
    assert not {"p02", "p04", "p10"} & set(ids(left.items)), "what is kept out stays out"


def test_equal_scores_share_a_rank() -> None:
    shares = rank_share(np.asarray([0.2, 0.9, 0.2, 0.1]))
    assert shares[1] == 1.0
    assert shares[0] == shares[2] > shares[3] > 0


def test_the_oracle_world_ranks_by_hue(tmp_path: Path) -> None:
    folder = domains() / "swatches"
    if not (folder / "items.jsonl").is_file() or not any((folder / "pictures").glob("*")):
        pytest.skip("the swatches have not been built")
    plain = open_catalogue(folder)
    encoder = FakeEncoder.for_pack(plain.pack)
    catalogue = open_catalogue(folder, encoder=encoder)
    tool = RetrieveItems(catalogue, encoder, ArtifactStore(tmp_path))
    hues = next(f for f in plain.pack.facets if any(v.rgb for v in f.values))
    for value in [v for v in hues.values if catalogue.values(hues.name).get(v.name)][::3]:
        asked = Conditions(wants=(Want(facet=hues.name, values=(value.name,)),))
        result = tool(RetrieveRequest(query=value.name, conditions=asked, count=8))
        assert {catalogue.item(i).values(hues.name)[0] for i in ids(result.items)} == {value.name}


def test_two_thousand_items_within_25_ms(tmp_path: Path) -> None:
    folder = domains() / "atelier"
    if not (folder / "items.jsonl").is_file():
        pytest.skip("the demo shop has not been built")

    class Random(FakeEncoder):
        def encode_images(self, images):
            return np.random.default_rng(0).standard_normal((len(images), 64)).astype(np.float32)

    catalogue = open_catalogue(folder, encoder=Random())
    rows = np.random.default_rng(0).standard_normal((len(catalogue), 64)).astype(np.float32)
    catalogue.__dict__["_matrix"] = rows
    tool = RetrieveItems(catalogue, Random(), ArtifactStore(tmp_path))
    head = catalogue.pack.head
    request = RetrieveRequest(
        query="something for a summer party",
        conditions=Conditions(
            wants=(Want(facet=head.name, values=(head.values[0].name,), strength="soft"),),
            bounds=(Bound(facet="price", about=60, max=200),),
        ),
        wishes=(WishText(text="comfortable"),),
        profile_likes=("I like light, airy cloth",),
    )
    tool(request)
    times: list[float] = []
    for _ in range(9):
        began = time.perf_counter()
        tool(request)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.025
