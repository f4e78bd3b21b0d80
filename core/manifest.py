"""What the shipped weights must be: their `manifest.json` has size and sha256 of each file.

`python -m vitrine.core.manifest FOLDER` writes it anew after training.
"""

import hashlib
import sys
from pathlib import Path

from pydantic import Field, ValidationError

from vitrine.core.errors import SetupError
from vitrine.core.frozen import Frozen

MANIFEST = "manifest.json"


class FileEntry(Frozen):
    """One shipped file."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(Frozen):
    """Every file below the folder, by its path with forward slashes."""

    format: int = Field(default=1, ge=1, le=1)
    files: dict[str, FileEntry]

    @property
    def total_bytes(self) -> int:
        """Size of all files together."""
        return sum(entry.bytes for entry in self.files.values())


def make_manifest(folder: Path) -> Manifest:
    """Describe the files that lie in the folder now (hidden files and the manifest left out)."""
    files = {
        path.relative_to(folder).as_posix(): FileEntry(
            bytes=path.stat().st_size, sha256=file_sha256(path)
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST and not _hidden(path, folder)
    }
    return Manifest(files=files)


def write_manifest(folder: Path) -> Manifest:
    """Write `manifest.json` for the files that lie in the folder now."""
    manifest = make_manifest(folder)
    half = folder / f".{MANIFEST}.part"
    half.write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    half.replace(folder / MANIFEST)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder.

    Raises:
        SetupError: it is missing or damaged.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SetupError(
            f"{str(path)!r} is missing: expected the list of the shipped weights; install again"
        ) from None
    except (ValidationError, UnicodeDecodeError) as error:
        raise SetupError(f"{str(path)!r} is damaged: install again") from error


def faults(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """A line for each file that is missing or not what the manifest says."""
    found: list[str] = []
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif (size := path.stat().st_size) != entry.bytes:
            found.append(f"{name} has {size} bytes, expected {entry.bytes}")
        elif file_sha256(path) != entry.sha256:
            found.append(f"{name} is damaged (its sha256 differs)")
    return tuple(found)


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)


def main(arguments: list[str]) -> int:
    """Command line: write the manifest of one folder."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("expected one argument: the folder of the weights\n")
        return 2
    manifest = write_manifest(Path(arguments[0]))
    sys.stderr.write(f"{len(manifest.files)} files, {manifest.total_bytes / 2**20:.1f} MiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
