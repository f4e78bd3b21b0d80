"""Where things lie on disk: the user's data, the shipped weights, the domain packs."""

import os
from pathlib import Path

from platformdirs import user_data_path

from vitrine.core.errors import RequestError


def home() -> Path:
    """Folder of all user data: `VITRINE_HOME`, or the platform's user data folder. Not created."""
    given = os.environ.get("VITRINE_HOME", "").strip()
    return Path(given).expanduser() if given else user_data_path("vitrine", appauthor=False)


def _shipped(name: str) -> Path:
    """A data folder beside the packages: top level in a checkout, `vitrine/<name>` in a wheel."""
    core = Path(__file__).resolve().parent
    return core.parent / name


def weights() -> Path:
    """Folder of the shipped weights."""
    return _shipped("weights")


def domains() -> Path:
    """Folder of the shipped domain packs."""
    return _shipped("domains")


def domain_folder(name_or_path: str) -> Path:
    """Folder of a domain pack: a name under the shipped packs or `home()/domains`, or a path.

    Raises:
        RequestError: nothing there; the message lists the domains that exist.
    """
    candidates = [Path(name_or_path).expanduser()] if os.sep in name_or_path else []
    if not candidates:
        candidates = [domains() / name_or_path, home() / "domains" / name_or_path]
    for folder in candidates:
        if (folder / "domain.yaml").is_file():
            return folder
    known = sorted(
        {
            p.parent.name
            for root in (domains(), home() / "domains")
            for p in root.glob("*/domain.yaml")
        }
    )
    raise RequestError(
        f"unknown domain {name_or_path!r}: expected one of {', '.join(known) or '(none installed)'}"
        " or the path of a folder with a domain.yaml"
    )
