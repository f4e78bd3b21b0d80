"""Writing files so that a killed process leaves either the old file or the new one."""

import os
import tempfile
from pathlib import Path

from vitrine.core.errors import SetupError


def write_atomically(path: Path, data: bytes) -> None:
    """Write `data` to `path` (folders are made) by a rename.

    Raises:
        SetupError: the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part"
        )
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SetupError(
            f"cannot write {str(path)!r}: {error.strerror}; expected a writable folder"
            " (set VITRINE_HOME to one)"
        ) from error
