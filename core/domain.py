"""A domain pack: what a shop's facets are called and how people speak of them. Data only.

A pack is a folder: `domain.yaml` (this schema), `items.jsonl` (one `Item` a line), `pictures/`,
optionally `vectors.safetensors` (image embeddings of the items) and `dialogues/`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from vitrine.core.errors import RequestError
from vitrine.core.frozen import Frozen


class FacetValue(Frozen):
    """One value of a categorical facet.

    `words` are other ways to say it (lower case; inflections such as plurals are added by the
    vocabulary). `prompt` is how a picture prompt says it. `rgb` is set where the value is a colour
    that pixels can be compared with. `near` names the closest values, for when this one has no
    stock.
    """

    name: str = Field(min_length=1, max_length=60)
    words: tuple[str, ...] = ()
    prompt: str | None = None
    rgb: tuple[int, int, int] | None = None
    near: tuple[str, ...] = ()


class Facet(Frozen):
    """One facet.

    kind: `categorical` (values listed), `numeric` (price, rating), `stock` (sizes, pieces left).
    role: `head` marks the facet that names what a thing *is* (its noun); `price`, `rating`, `size`
    mark the facets that the engine must recognise; every other facet has role `attribute`.
    `of` and `values_from`: this facet describes another facet's value with a third facet's words
    ("white dots": facet `accent` is `of` pattern, `values_from` color).
    `applies_to`: head values that have this facet (empty: all).
    `asks`: the clarifying question, if one may be asked about it.
    `elsewhere`: names of values that no thing here has ("velvet"): wanted as said, and disclosed.
    `low_words` / `high_words`: soft words for a small or large number ("cheap", "highly rated").
    `unit_words`: words that mark a bare number as this facet's ("dollars", "$", "usd").
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    kind: Literal["categorical", "numeric", "stock"]
    role: Literal["head", "attribute", "price", "rating", "size"] = "attribute"
    label: str = ""
    words: tuple[str, ...] = ()
    values: tuple[FacetValue, ...] = ()
    of: str | None = None
    values_from: str | None = None
    applies_to: tuple[str, ...] = ()
    asks: str | None = None
    unit: str | None = None
    unit_words: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    low_words: tuple[str, ...] = ()
    high_words: tuple[str, ...] = ()
    visible: bool = Field(default=False, description="can be seen in a picture")
    exact: bool = Field(
        default=True,
        description="False: many items do not tell; a wanted value ranks instead of filtering",
    )
    ordered: bool = Field(
        default=False,
        description="values are listed from little to much: comparatives move one step",
    )

    def value(self, name: str) -> FacetValue | None:
        """The value of that name, or None."""
        return next((value for value in self.values if value.name == name), None)


class DesignWords(Frozen):
    """How a picture prompt is written from facet values.

    `template` names facets in braces, for instance `a {fit} {color} {category} {pattern}`; slots
    without a value vanish with their spaces. A slot may join literal text that vanishes with it:
    `{with accent pattern}` is written only when both are known.
    """

    template: str = Field(min_length=1)
    avoid: str = Field(default="", description="negative prompt")


class TagScenario(Frozen):
    """What a language model is asked when things of one kind of picture are tagged (I-AM-G eq. 2, 3).

    `thing` is what one of them is called ("a film poster"); `picture` and `text` name what matters in
    a picture of it and in what is written of it. `vocabulary` lists words that the encoder looks
    for in pictures beside the values of visible facets; `synonyms` are groups of words that mean
    one thing, the first of each stands for all.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    thing: str = Field(min_length=1, max_length=80)
    picture: tuple[str, ...] = Field(min_length=1)
    text: tuple[str, ...] = Field(min_length=1)
    most: int = Field(default=8, ge=1, le=20, description="tags of one picture or text, at most")
    vocabulary: tuple[str, ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()


class DomainPack(Frozen):
    """The parsed `domain.yaml`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    title: str
    greeting: str = ""
    noun: str = Field(default="item", description="what one thing is called in replies")
    nouns: str = Field(default="items")
    currency: str = "USD"
    facets: tuple[Facet, ...]
    design: DesignWords | None = None
    starters: tuple[str, ...] = ()
    scenarios: tuple[TagScenario, ...] = Field(
        default=(), description="how things are tagged; the first is the usual one"
    )
    concepts: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="soft words no facet covers -> words of descriptions that meet them",
    )

    @model_validator(mode="after")
    def _coherent(self) -> DomainPack:
        names = [facet.name for facet in self.facets]
        if len(set(names)) != len(names):
            raise ValueError(
                f"facet names repeat: {sorted(n for n in names if names.count(n) > 1)}"
            )
        heads = [facet.name for facet in self.facets if facet.role == "head"]
        if len(heads) != 1:
            raise ValueError(f"exactly one facet must have role 'head', found {heads!r}")
        scenarios = [scenario.name for scenario in self.scenarios]
        if len(set(scenarios)) != len(scenarios):
            raise ValueError(f"scenario names repeat: {sorted(scenarios)!r}")
        for facet in self.facets:
            if facet.ordered and (facet.kind != "categorical" or len(facet.values) < 2):
                raise ValueError(
                    f"facet {facet.name!r} is ordered: expected a categorical facet that lists at"
                    " least two values, from little to much"
                )
            for other in (facet.of, facet.values_from):
                if other is not None and other not in names:
                    raise ValueError(f"facet {facet.name!r} refers to unknown facet {other!r}")
        return self

    @cached_property
    def head(self) -> Facet:
        """The facet that names what a thing is."""
        return next(facet for facet in self.facets if facet.role == "head")

    def facet(self, name: str) -> Facet | None:
        """The facet of that name, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Facet]:
        return {facet.name: facet for facet in self.facets}

    def scenario(self, name: str | None = None) -> TagScenario | None:
        """The scenario of that name, without a name the usual one; None where there is none."""
        return next((s for s in self.scenarios if name in (None, s.name)), None)

    def role(self, role: str) -> Facet | None:
        """The first facet with that role, or None."""
        return next((facet for facet in self.facets if facet.role == role), None)


def load_pack(folder: Path) -> DomainPack:
    """Read `domain.yaml` of a pack.

    Raises:
        RequestError: the file is missing, is not YAML, or breaks the schema; names file and field.
    """
    path = folder / "domain.yaml"
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(f"no domain pack at {str(folder)!r}: {path.name} is missing") from None
    except yaml.YAMLError as error:
        raise RequestError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    try:
        return DomainPack.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{path}: field {where or '(root)'}: {first['msg']}") from error
