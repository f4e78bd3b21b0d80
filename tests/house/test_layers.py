"""Imports run one way, every foreign library has one home (contracts: pyproject.toml)."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [
            sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
            "--no-cache",
        ],
        cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_COLOR": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_core_is_cheap_to_import() -> None:
    code = (
        "import sys, pkgutil, importlib, vitrine.core as c\n"
        "for m in pkgutil.walk_packages(c.__path__, 'vitrine.core.'):\n"
        "    importlib.import_module(m.name)\n"
        "heavy = {'torch', 'langgraph', 'chainlit', 'transformers', 'diffusers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
