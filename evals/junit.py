"""A report as JUnit XML: a suite per domain and split, a case per dialogue."""

import json
import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from vitrine.evals.report import WHOLE_TURN, PlayedDialogue, Report

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """The XML document."""
    root = Element("testsuites", name="vitrine replay")
    groups: dict[str, list[PlayedDialogue]] = {}
    for dialogue in report.dialogues:
        groups.setdefault(f"{dialogue.domain}.{dialogue.split}", []).append(dialogue)
    for name, dialogues in groups.items():
        suite = SubElement(
            root,
            "testsuite",
            name=_text(name),
            tests=str(len(dialogues)),
            failures=str(sum(not d.passed and d.error is None for d in dialogues)),
            errors=str(sum(d.error is not None for d in dialogues)),
            time=f"{sum(map(_seconds, dialogues)):.3f}",
        )
        for dialogue in dialogues:
            _case(suite, name, dialogue)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, name: str, dialogue: PlayedDialogue) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=_text(name),
        name=_text(dialogue.dialogue),
        time=f"{_seconds(dialogue):.3f}",
    )
    if dialogue.file:
        case.set("file", _text(dialogue.file))
    if dialogue.error is not None:
        SubElement(case, "error", message=_text(dialogue.error))
        return
    found = [
        f"turn {turn.turn} ({turn.said!r}): {f.key}: expected {_plain(f.expected)},"
        f" found {_plain(f.found)}"
        for turn in dialogue.turns
        for f in turn.failures
    ]
    if found:
        failure = SubElement(case, "failure", message=_text(found[0]))
        failure.text = _text("\n".join(found))


def _seconds(dialogue: PlayedDialogue) -> float:
    return sum(turn.timings_ms.get(WHOLE_TURN, 0.0) for turn in dialogue.turns) / 1000


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _text(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
