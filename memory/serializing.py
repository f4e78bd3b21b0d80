"""How conversations are written into checkpoints, and what may come back out of them.

Only types that are named here or by the caller are revived from a checkpoint; anything else in the
file is refused, so that a planted checkpoint cannot run code.
"""

import inspect
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any, cast

from langgraph.checkpoint.base import Checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import BaseModel

from vitrine.core import acts, domain, items, refs, turn
from vitrine.core.frozen import Frozen
from vitrine.memory import log as interaction_log
from vitrine.memory import profile, state

_MODULES: tuple[ModuleType, ...] = (
    acts,
    domain,
    items,
    refs,
    turn,
    state,
    profile,
    interaction_log,
)
_PARTS = "parts"
_REMEMBERED = 256


class StateSerializer(JsonPlusSerializer):
    """langgraph's serializer, writing and reading each frozen value of a checkpoint only once.

    A turn makes a checkpoint a step, and most of the state is the same from step to step. Values are
    packed one by one; packed bytes and value are remembered together, the latest `_REMEMBERED` of
    them, so that a value that did not change is neither packed nor revived again.
    """

    def __init__(self, allowed: Sequence[tuple[str, ...]]) -> None:
        """`allowed`: (module, name) of the types that may be revived."""
        super().__init__(
            pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=allowed
        )
        self._packed: OrderedDict[int, tuple[Frozen, bytes]] = OrderedDict()
        self._revived: OrderedDict[bytes, Frozen] = OrderedDict()

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        if not (isinstance(obj, dict) and "channel_values" in obj):
            return super().dumps_typed(obj)
        values = cast("Checkpoint", obj)["channel_values"]
        parts = {name: self._pack(v) for name, v in values.items() if isinstance(v, Frozen)}
        rest = {name: v for name, v in values.items() if name not in parts}
        _, data = super().dumps_typed([{**obj, "channel_values": rest}, parts])
        return _PARTS, data

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        if data[0] != _PARTS:
            return super().loads_typed(data)
        checkpoint, parts = super().loads_typed(("msgpack", data[1]))
        checkpoint["channel_values"] |= {name: self._revive(part) for name, part in parts.items()}
        return checkpoint

    def _pack(self, value: Frozen) -> bytes:
        known = self._packed.get(id(value))
        if known is not None and known[0] is value:
            self._packed.move_to_end(id(value))
            return known[1]
        _, data = super().dumps_typed(value)
        self._remember(value, data)
        return data

    def _revive(self, data: bytes) -> Any:
        if data in self._revived:
            self._revived.move_to_end(data)
            return self._revived[data]
        value = super().loads_typed(("msgpack", data))
        if isinstance(value, Frozen):
            self._remember(value, data)
        return value

    def _remember(self, value: Frozen, data: bytes) -> None:
        self._packed[id(value)] = (value, data)
        self._revived[data] = value
        for known in (self._packed, self._revived):
            if len(known) > _REMEMBERED:
                known.popitem(last=False)


def model_types(modules: Iterable[ModuleType]) -> list[type[BaseModel]]:
    """The Pydantic models that modules define, by module and name."""
    found: list[type[BaseModel]] = []
    for module in modules:
        for _, member in sorted(inspect.getmembers(module, inspect.isclass)):
            if issubclass(member, BaseModel) and member.__module__ == module.__name__:
                found.append(member)
    return found


def build_serializer(
    types: Sequence[type[Any]] = (), modules: Sequence[ModuleType] = ()
) -> StateSerializer:
    """A serializer that revives our own types, `types` and the models of `modules` alone."""
    allowed = [*model_types([*_MODULES, *modules]), *types]
    return StateSerializer(sorted({(kind.__module__, kind.__qualname__) for kind in allowed}))
