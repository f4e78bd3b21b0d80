"""placeholder"""

from __future__ import annotations
from pathlib import Path
from vitrine.evals.personal.report import Report


def write_page(report: Report, path: Path, out: Path) -> None:
    path.write_text(report.model_dump_json())
