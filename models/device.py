"""Which hardware torch works on here."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class DeviceFacts:
    """What torch sees. `memory_bytes` is that of the accelerator, 0 without one."""

    torch_version: str
    threads: int
    device: str
    memory_bytes: int = 0


def describe_device() -> DeviceFacts:
    """The device that work would run on, after one small computation on it.

    Raises:
        RuntimeError: the device does not compute (driver or library at fault).
    """
    name = "cuda" if torch.cuda.is_available() else "cpu"
    product = torch.eye(2, device=name) @ torch.ones(2, 1, device=name)
    if product.sum().item() != 2.0:
        raise RuntimeError(f"device {name!r} computes wrongly")
    if name == "cpu":
        return DeviceFacts(torch.__version__, torch.get_num_threads(), name)
    facts = torch.cuda.get_device_properties(0)
    return DeviceFacts(torch.__version__, torch.get_num_threads(), facts.name, facts.total_memory)
