"""Check the installation: Python, packages, weights, domains, disk, memory, device, language model.

Exit code 0 when everything is right, 1 when something is not.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from vitrine.core import places
from vitrine.core.errors import ChatError, VitrineError
from vitrine.core.settings import read_settings

MIN_PYTHON = (3, 11)
MIN_DISK_BYTES = 200 * 2**20
MIN_MEMORY_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `advice` says what to do when it is not right."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vitrine doctor`."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    """0: everything is right; 1: something is not."""
    checks: list[Check] = []
    for check in examine():
        checks.append(check)
        if not args.json:
            print(_line(check), flush=True)
    ok = all(check.ok for check in checks)
    if args.json:
        print(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        wrong = sum(not check.ok for check in checks)
        print(
            "everything is right" if ok else f"{wrong} of {len(checks)} checks failed",
            file=sys.stderr,
        )
    return 0 if ok else 1


def examine() -> Iterator[Check]:
    """All checks, cheap ones first. A check that cannot be made is one that failed."""
    parts: tuple[tuple[str, Callable[[], Iterator[Check]]], ...] = (
        ("python", check_python),
        ("packages", check_packages),
        ("home", check_home),
        ("memory", check_memory),
        ("weights", check_weights),
        ("domains", check_domains),
        ("torch", check_torch),
        ("language model", check_language_model),
    )
    for name, part in parts:
        try:
            yield from part()
        except VitrineError as error:
            yield Check(name, ok=False, found=str(error))
        except (OSError, ImportError, RuntimeError) as error:
            yield Check(name, ok=False, found=f"{type(error).__name__}: {error}")


def check_python() -> Iterator[Check]:
    """The interpreter."""
    yield Check(
        "python",
        ok=sys.version_info >= MIN_PYTHON,
        found=f"{sys.version.split()[0]} ({sys.platform}, {sys.executable})",
        advice=f"install Python {MIN_PYTHON[0]}.{MIN_PYTHON[1]} or newer",
    )


def check_packages() -> Iterator[Check]:
    """Every dependency is installed in a version that will do."""
    wrong: list[str] = []
    needed = [Requirement(text) for text in requirements()]
    needed = [need for need in needed if need.marker is None or need.marker.evaluate({"extra": ""})]
    for need in needed:
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
            continue
        if not need.specifier.contains(version, prereleases=True):
            wrong.append(f"{need.name} is {version}, expected {need.specifier}")
    yield Check(
        "packages",
        ok=not wrong,
        found="; ".join(wrong) or f"{len(needed)} dependencies in versions that will do",
        advice="run `make setup`, or install vitrine again",
    )


def requirements() -> list[str]:
    """What vitrine depends on: from its metadata, or in a bare checkout from pyproject.toml."""
    try:
        return metadata.requires("vitrine") or []
    except metadata.PackageNotFoundError:
        text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
        return list(tomllib.loads(text)["project"]["dependencies"])


def check_home() -> Iterator[Check]:
    """User data can be written, and there is room for it."""
    home = places.home()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home) as file:
        file.write(b"vitrine")
    yield Check("home", ok=True, found=f"{home} can be written")
    free = shutil.disk_usage(home).free
    yield Check(
        "disk",
        ok=free >= MIN_DISK_BYTES,
        found=f"{_size(free)} free",
        advice=f"free {_size(MIN_DISK_BYTES)}, or set VITRINE_HOME to a folder on another disk",
    )


def check_memory() -> Iterator[Check]:
    """Memory and processor cores that this process may use."""
    if sys.platform == "win32" or "SC_PHYS_PAGES" not in os.sysconf_names:
        yield Check("memory", ok=True, found="not measured on this platform")
    else:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        yield Check(
            "memory",
            ok=total >= MIN_MEMORY_BYTES,
            found=f"{_size(total)} in all",
            advice=f"{_size(MIN_MEMORY_BYTES)} are needed while designs are drawn",
        )
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    yield Check("cores", ok=True, found=str(cores))


def check_weights() -> Iterator[Check]:
    """The shipped weights are all there and undamaged."""
    from vitrine.models.integrity import Seals

    root = places.weights()
    seals = Seals(root)
    wrong = [] if seals.files else ["no manifest.json, or an empty one"]
    for folder in sorted({root / Path(name).parts[0] for name in seals.files}):
        try:
            seals.check(folder)
        except VitrineError as error:
            wrong.append(str(error))
    size = sum((root / name).stat().st_size for name in seals.files if (root / name).is_file())
    yield Check(
        "weights",
        ok=not wrong,
        found="; ".join(wrong) or f"{len(seals.files)} files, {_size(size)}, undamaged",
        advice="clone or install again, or train them: `vitrine train --help`",
    )


def check_domains() -> Iterator[Check]:
    """Every shipped or installed domain pack can be read, with its items and pictures."""
    from vitrine.core.domain import load_pack
    from vitrine.memory.packs import read_items

    folders = [
        path.parent
        for root in (places.domains(), places.home() / "domains")
        for path in sorted(root.glob("*/domain.yaml"))
    ]
    if not folders:
        yield Check(
            "domains", ok=False, found=f"none in {places.domains()}", advice="install again"
        )
    for folder in folders:
        try:
            pack = load_pack(folder)
            items = read_items(folder, pack)
        except VitrineError as error:
            yield Check(f"domain {folder.name}", ok=False, found=str(error))
            continue
        absent = [i.picture for i in items if i.picture and not (folder / i.picture).is_file()]
        found = f"{len(items)} items" + (f", {len(absent)} pictures are missing" if absent else "")
        advice = f"install again, or `vitrine catalog build --out {folder}`"
        yield Check(f"domain {folder.name}", ok=not absent, found=found, advice=advice)


def check_torch() -> Iterator[Check]:
    """Torch loads, and the device it would use computes."""
    from vitrine.models.device import describe_device

    facts = describe_device()
    size = f", {_size(facts.memory_bytes)}" if facts.memory_bytes else ""
    yield Check("torch", ok=True, found=f"{facts.torch_version}, {facts.threads} threads")
    yield Check("device", ok=True, found=f"{facts.device}{size}")


def check_language_model() -> Iterator[Check]:
    """The language model of the settings answers, in the form that it is asked for."""
    settings = read_settings()
    users = [name for name in ("understanding", "wording") if getattr(settings, name) == "llm"]
    if settings.llm.model is None and not users:
        yield Check("language model", ok=True, found="none is set: the built-in path needs none")
        return
    from vitrine.models.llm.choose import open_chat, probe

    began = time.perf_counter()
    name = settings.llm.model or ""
    try:
        asyncio.run(probe(open_chat(settings.llm), settings.llm.timeout_s))
    except ChatError as error:
        advice = {
            "timeout": "raise VITRINE_LLM__TIMEOUT_S, or choose a faster model",
            "unreachable": "check VITRINE_LLM__BASE_URL and that the service runs",
            "rejected": "check the key, the model's name and your quota",
        }.get(error.kind, "try VITRINE_LLM__STRUCTURE=function_calling, json_mode or text")
        yield Check("language model", ok=False, found=str(error), advice=advice)
        return
    took = time.perf_counter() - began
    used = f"used for {' and '.join(users)}" if users else "not used: set VITRINE_UNDERSTANDING=llm"
    yield Check("language model", ok=True, found=f"{name} answered in {took:.1f} s; {used}")


def _line(check: Check) -> str:
    line = f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<18} {' '.join(check.found.split())}"
    return line if check.ok or not check.advice else f"{line}\n{'':<26}-> {check.advice}"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.1f} MiB"
