"""Are the shipped weights whole? `manifest.json` lists the sha256 of every weight file.

Checked when a model is first loaded, once a file and process: a damaged file gives one clear line
instead of strange pictures. `python -m vitrine.models.integrity FOLDER` writes the manifest anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
from functools import cached_property
from pathlib import Path

from vitrine.core.errors import SetupError
from vitrine.models.training import write_atomically

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
_ADVICE = "restore the file from the distribution, or train it again (`vitrine train --help`)"


class Seals:
    """The manifest of a weights folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._checked: set[Path] = set()

    @cached_property
    def _listed(self) -> dict[str, str]:
        """Relative path -> sha256; empty where there is no manifest (weights in training)."""
        path = self.root / MANIFEST
        if not path.exists():
            return {}
        try:
            listed = json.loads(path.read_text(encoding="utf-8"))["sha256"]
            return {str(name): str(digest) for name, digest in listed.items()}
        except (json.JSONDecodeError, KeyError, AttributeError) as error:
            raise SetupError(f"{str(path)!r} is damaged: {_ADVICE}") from error

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the listed files, relative to the root."""
        return tuple(self._listed)

    def check(self, folder: Path) -> None:
        """Every listed file under `folder` is there and unchanged.

        Raises:
            SetupError: the folder or a file is missing, or a file is damaged.
        """
        if folder in self._checked:
            return
        if not folder.is_dir():
            raise SetupError(f"weights missing: no folder {str(folder)!r}; {_ADVICE}")
        for name, digest in self._listed.items():
            path = self.root / name
            if not path.is_relative_to(folder):
                continue
            if not path.is_file():
                raise SetupError(f"weights missing: {str(path)!r}; {_ADVICE}")
            if sha256_of(path) != digest:
                raise SetupError(f"weights damaged: {str(path)!r} fails its checksum; {_ADVICE}")
        self._checked.add(folder)

    def digest(self, path: Path) -> str:
        """Sha256 of a file: as listed, else computed.

        Raises:
            SetupError: the file is missing.
        """
        name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else ""
        if name in self._listed:
            return self._listed[name]
        if not path.is_file():
            raise SetupError(f"weights missing: {str(path)!r}; {_ADVICE}")
        return sha256_of(path)


def write_manifest(root: Path) -> dict[str, str]:
    """Hash every file under `root` and write the manifest; returns relative path -> sha256."""
    listed = {
        path.relative_to(root).as_posix(): sha256_of(path)
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in (MANIFEST, "card.json")
        and path.suffix not in (".new", ".md")
        and not any(part.endswith(".training") for part in path.relative_to(root).parts)
    }  # fmt: skip
    write_atomically(root / MANIFEST, json.dumps({"sha256": listed}, indent=1) + "\n")
    return listed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vitrine train seal`."""
    parser.add_argument("--weights", type=Path, required=True, help="folder of all weights")


def run(args: argparse.Namespace) -> None:
    """Write the manifest of a weights folder after training."""
    listed = write_manifest(args.weights)
    size = sum((args.weights / name).stat().st_size for name in listed)
    log.info("seal: %d files, %.1f MB", len(listed), size / 1e6)


def sha256_of(path: Path) -> str:
    """Sha256 of a file's bytes, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def main(arguments: list[str]) -> int:
    """Command line: write the manifest of one weights folder."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("expected one argument: the folder of the weights\n")
        return 2
    sys.stderr.write(f"{len(write_manifest(Path(arguments[0])))} files listed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
