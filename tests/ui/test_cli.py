"""The command line: its table, its speed, its errors."""

import argparse
import importlib.util
import subprocess
import sys
from types import ModuleType

import pytest

from vitrine.core.errors import RequestError, SetupError
from vitrine.ui import cli

NAMES = [command.name for command in cli.COMMANDS]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Makes the command `doctor` raise what the test puts into the list."""
    raised: list[BaseException] = []
    module = ModuleType("failing")

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true")

    def run(args: argparse.Namespace) -> int:
        if raised:
            raise raised[0]
        return 1

    module.add_arguments = add_arguments  # type: ignore[attr-defined]
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vitrine.ui.doctor", module)
    return raised


def test_every_command_has_its_module() -> None:
    for command in cli.COMMANDS:
        assert importlib.util.find_spec(command.module), command.module


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert f"vitrine {name}" in out
    assert len(out.splitlines()) > 4


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_lists_the_commands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in NAMES)


def test_no_command_is_a_wrong_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert capsys.readouterr().out == ""


def test_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["repaly"])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert "'replay'" in error
    assert error.count("\n") == 1


def test_wrong_argument_is_one_line(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["doctor", "--jsno"])
    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [(RequestError("no domain\n'x'"), 2), (SetupError("damaged"), 3), (KeyboardInterrupt(), 130)],
)
def test_expected_errors_are_one_line(
    error: BaseException,
    code: int,
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing.append(error)
    assert cli.main(["doctor"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_the_exit_code_is_the_handlers(failing: list[BaseException]) -> None:
    assert cli.main(["doctor"]) == 1


def test_unexpected_errors_leave_a_log(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str], vitrine_home: object
) -> None:
    failing.append(ZeroDivisionError("oh"))
    assert cli.main(["doctor"]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "internal error" in error
    log = cli.Path(error.split("details in ")[1].strip())
    assert log.parent == cli.Path(str(vitrine_home)) / "logs"
    assert "ZeroDivisionError: oh" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_log_goes_elsewhere_when_home_cannot_be_written(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: cli.Path,
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VITRINE_HOME", str(tmp_path / "file" / "home"))
    failing.append(ZeroDivisionError("oh"))
    assert cli.main(["doctor"]) == 3
    log = cli.Path(capsys.readouterr().err.split("details in ")[1].strip())
    assert log.is_file()
    log.unlink()


def test_unknown_setting_is_refused(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VITRINE_DOMIAN", "atelier")
    assert cli.main(["doctor"]) == 2
    assert "VITRINE_DOMIAN" in capsys.readouterr().err


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = (
        "import sys, time\n"
        "from vitrine.ui.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'pydantic', 'numpy', 'langgraph', 'chainlit', 'rich', 'yaml', 'PIL'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
        "print(time.process_time())"  # processor time: others may keep the machine busy
    )
    outs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(3)
    ]
    assert "HEAVY []" in outs[0]
    assert min(float(out.split()[-1]) for out in outs) < 0.3


def test_a_reader_that_leaves_is_no_error() -> None:
    code = (
        "import os, sys\n"
        "from vitrine.ui import cli\n"
        "def gone(words):\n"
        "    for _ in range(20000): print('x' * 80)\n"
        "    return 0\n"
        "cli._dispatch = gone\n"
        "sys.exit(cli.main([]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        error = running.stderr.read()
        assert running.wait(20) == cli.BROKEN_PIPE
    assert error == b""
