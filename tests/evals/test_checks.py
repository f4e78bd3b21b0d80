"""Every expectation key: a turn that holds it and one that does not."""

from typing import Any

import pytest

from vitrine.core.items import Item
from vitrine.core.refs import EmbeddingRef, ImageRef, ShownRef
from vitrine.core.turn import (
    AnswerView,
    DesignView,
    Fact,
    Nearest,
    Notice,
    Product,
    RangeView,
    Reason,
    StateView,
    Turn,
)
from vitrine.evals.checks import check, is_value
from vitrine.evals.scripts import Expectation

KEY = "sha256:" + "0" * 64


def product(item: str, position: int, **facets: tuple[str, ...]) -> Product:
    reason = Reason(text="mug", source="belief", facet="kind", evidence="a mug")
    return Product(
        id=item, title=item, price=20.0, currency="USD", facets=facets, numbers={"price": 20.0},
        position=position, score=0.5, reasons=(reason,),
    )  # fmt: skip


def design(position: int, *, key: str = KEY, near: bool = True, why: bool = True) -> DesignView:
    return DesignView(
        id=f"design-2-{position}",
        position=position,
        path="/x.png",
        image=ImageRef(key=key, width=8, height=8),
        embedding=EmbeddingRef(key=KEY, row=0, dim=4, space="s"),
        seed=1,
        prompt="a mug",
        score=0.5,
        nearest=Nearest(id="a", title="a", price=1.0, similarity=0.5) if near else None,
        reasons=(Reason(text="blue", source="belief", facet="glaze", evidence="b"),) if why else (),
    )


def turn(number: int = 2, **changes: Any) -> Turn:
    values: dict[str, Any] = {
        "thread": "t", "turn": number, "user": "u", "domain": "d", "said": "", "reply": "r",
        "intents": ("initial_query", "provide_preference"),
        "acts": ("recommend_show", "request_information"),
        "state": StateView(
            wants={"kind": ("mug", "bowl")},
            avoids={"glaze": ("red",)},
            ranges={"price": RangeView(max=30)},
            hard=("kind", "price"),
            soft=("glaze",),
            soft_text=("not Too flashy",),
            focus=ShownRef(turn=1, position=2),
            accepted=(ShownRef(turn=1, position=2),),
            rejected=(ShownRef(turn=1, position=1),),
        ),
        "products": (product("c", 1, kind=("mug",)), product("d", 2, kind=("bowl",))),
        "answers": (AnswerView(question="?", facts=(Fact(text="Pure Clay", source="field"),)),),
        "notices": (
            Notice(kind="not_carried", text="no teal", facet="glaze"),
            Notice(kind="clash", text="earlier", facet="price"),
        ),
        "profile": "## I like\n- Navy mugs\n",
    }  # fmt: skip
    return Turn(**{**values, **changes})


EARLIER = (turn(1, products=(product("a", 1), product("b", 2)), answers=(), notices=()),)

CASES: dict[str, tuple[Any, Any]] = {
    # key: (what holds, what does not)
    "intents": (["initial_query"], ["initial_query", "accept"]),
    "intents_not": (["accept"], ["initial_query"]),
    "acts": (["recommend_show", "request_information"], ["recommend_show", "close"]),
    "acts_any": (["close", "recommend_show"], ["close", "greet"]),
    "acts_not": (["close"], ["close", "recommend_show"]),
    "wants": ({"kind": ["bowl", "mug"], "glaze": []}, {"kind": ["mug"]}),
    "avoids": ({"glaze": ["red"]}, {"kind": ["mug"]}),
    "ranges": ({"price": {"max": 30}}, {"price": {"max": 30, "min": 1}}),
    "hard": (["price"], ["glaze"]),
    "soft": (["glaze"], ["kind"]),
    "soft_text": (["too FLASHY"], ["comfortable"]),
    "absent": (["material"], ["price"]),
    "disclosed": (["glaze"], ["price"]),  # a clash is not a missing value
    "focus": ({"turn": 1, "position": 2}, {"turn": 1, "position": 1}),
    "accepted": ([{"turn": 1, "position": 2}], [{"turn": 1, "position": 1}]),
    "rejected": ([{"turn": 1, "position": 1}], []),
    "products": ({"min": 2, "max": 2, "no_duplicates": True}, {"min": 3}),
    "designs": ({"max": 0}, {"min": 1}),
    "answer": ({"facts": ["clay"], "unknown": False}, {"facts": ["gold"]}),
    "profile": ({"has": ["navy"], "lacks": ["stripes", "I like"]}, {"lacks": ["MUGS"]}),
    "reasons_cite": (["kind"], ["kind", "glaze"]),
}


def failing(expect: dict[str, Any], happened: Turn) -> list[str]:
    return [f.key for f in check(happened, Expectation.model_validate(expect), EARLIER)]


def test_every_key_has_its_case() -> None:
    assert set(CASES) == set(Expectation.model_fields)


@pytest.mark.parametrize("key", CASES)
def test_key(key: str) -> None:
    holds, breaks = CASES[key]
    assert failing({key: holds}, turn()) == []
    broken = failing({key: breaks}, turn())
    assert broken and all(name.split(".")[0] == key for name in broken)


PRODUCTS: dict[str, tuple[Any, Any]] = {
    "min": (2, 3),
    "max": (2, 1),
    "every": ({"kind": ["mug", "bowl"], "price": {"max": 20}}, {"kind": ["mug"]}),
    "none": ({"kind": ["vase"], "price": {"min": 21}}, {"price": {"about": 21}}),
    "not_from_turns": ([2], [1]),
    "no_duplicates": (True, True),
    "include": (["c"], ["a"]),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products(name: str) -> None:
    holds, breaks = PRODUCTS[name]
    assert failing({"products": {name: holds}}, turn()) == []
    happened = turn()
    if name == "no_duplicates":
        happened = turn(products=(product("c", 1), product("c", 2)))
    if name == "not_from_turns":
        happened = turn(products=(product("a", 1),))
    (broken,) = failing({"products": {name: breaks}}, happened)
    assert broken.startswith(f"products.{name}")


def test_designs() -> None:
    other = "sha256:" + "1" * 64
    two = turn(images=(design(1), design(2, key=other)))
    assert failing({"designs": {"min": 2, "max": 2, "distinct": True}}, two) == []
    twins = turn(images=(design(1), design(2, near=False, why=False)))
    assert failing({"designs": {"min": 2, "distinct": True}}, twins) == [
        "designs.distinct",
        "designs.reasons",
        "designs.nearest",
    ]
    assert failing({"designs": {"max": 1}}, two) == ["designs.max"]


def test_answers() -> None:
    assert failing({"answer": {"unknown": True}}, turn()) == ["answer.unknown"]
    silent = turn(answers=(AnswerView(question="?", unknown=True),))
    assert failing({"answer": {"unknown": True}}, silent) == []
    assert failing({"answer": {"unknown": False}}, turn(answers=())) == ["answer.unknown"]


def test_a_thing_shown_twice_is_one_thing() -> None:
    state = StateView(accepted=(ShownRef(turn=2, position=1),), focus=ShownRef(turn=2, position=1))
    again = turn(products=(product("b", 1),), state=state)
    expect = {"accepted": [{"turn": 1, "position": 2}], "focus": {"turn": 1, "position": 2}}
    assert failing(expect, again) == []
    assert failing({"focus": {"turn": 1, "position": 1}}, again) == ["focus"]


def test_the_explanation_of_why_is_read_too() -> None:
    why = (Reason(text="max 30", source="belief", facet="price", evidence="under 30"),)
    assert failing({"reasons_cite": ["price"]}, turn(reasons=why)) == []
    bare = (Reason(text="match", source="score", facet="glaze"),)
    assert failing({"reasons_cite": ["glaze"]}, turn(reasons=bare)) == ["reasons_cite"]


def test_fields_stand_in_the_catalogue(tiny_catalogue: Any) -> None:
    item: Item = next(i for i in tiny_catalogue.items if any(i.stock.values()))
    size = tiny_catalogue.pack.role("size")
    shown = product(item.id, 1)
    left = [name for name, pieces in item.stock.items() if pieces]
    assert is_value(shown, size.name, (left[0],), tiny_catalogue)
    assert not is_value(shown, size.name, ("no such size",), tiny_catalogue)
    kind = tiny_catalogue.pack.head.name
    assert is_value(shown, kind, item.values(kind), tiny_catalogue)
    assert not is_value(shown, kind, item.values(kind))  # what the turn itself says counts then
