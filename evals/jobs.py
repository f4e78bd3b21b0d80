"""Plays scripts in several processes: same results, in the same order, as one process gives."""

import asyncio
import multiprocessing
import queue
import signal
from collections.abc import Sequence
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from pathlib import Path

from vitrine.agent.wiring import home_of
from vitrine.core.errors import RequestError, SetupError, VitrineError
from vitrine.core.settings import Settings
from vitrine.evals.replay import ModelsOf, OnDialogue, Player
from vitrine.evals.report import PlayedDialogue, Report, build_report
from vitrine.evals.scripts import Script

POLL_S = 0.5
Task = tuple[int, Script]
Outcome = tuple[int, PlayedDialogue | str, bool]
"""Place of the script, what was played (or what went wrong), and whether the asker was at fault."""


def replay_in_processes(
    scripts: Sequence[Script],
    settings: Settings,
    on_dialogue: OnDialogue | None = None,
    *,
    jobs: int,
    models: ModelsOf | None = None,
    invariants: bool = False,
) -> Report:
    """Like `replay`, with `jobs` processes that take one script after the other.

    Each process opens the shops it needs, with a home folder of its own and one thread for
    drawing. Ctrl-C ends it early: dialogues under way are finished and reported, no more begin.

    Raises:
        RequestError: a script names an unknown domain or item.
        SetupError: a process cannot open its shop, or died.
    """
    context = multiprocessing.get_context("spawn")
    tasks: Queue[Task | None] = context.Queue()
    outcomes: Queue[Outcome] = context.Queue()
    for task in enumerate(scripts):
        tasks.put(task)
    workers = [
        context.Process(
            target=_work,
            args=(tasks, outcomes, _settings_of(settings, number), models, invariants),
        )
        for number in range(min(jobs, len(scripts)))
    ]
    for _ in workers:
        tasks.put(None)
    stopped = False
    played: dict[int, PlayedDialogue] = {}
    told = 0
    try:
        _start(workers)
        while len(played) < len(scripts):
            try:
                received = _receive(outcomes, workers)
                if received is None:
                    break
                played[received[0]] = received[1]
            except KeyboardInterrupt:
                if stopped:
                    raise
                stopped = True
                _drain(tasks, len(workers))
            while told in played:
                if on_dialogue is not None:
                    on_dialogue(told + 1, len(scripts), played[told])
                told += 1
    finally:
        _end(workers, tasks)
    ordered = [(scripts[place], played[place]) for place in sorted(played)]
    return build_report(ordered, stopped=stopped)


def _settings_of(settings: Settings, number: int) -> Settings:
    backend = settings.backend.model_copy(update={"threads": 1})
    home = str(home_of(settings) / f"job-{number + 1}")
    return settings.model_copy(update={"home": home, "backend": backend})


def _start(workers: Sequence[SpawnProcess]) -> None:
    """Start the workers deaf to Ctrl-C, from their first instruction on: it is the parent's to handle."""
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for worker in workers:
            worker.start()
    finally:
        signal.signal(signal.SIGINT, handler)


def _receive(
    outcomes: "Queue[Outcome]", workers: Sequence[SpawnProcess]
) -> tuple[int, PlayedDialogue] | None:
    """The next finished dialogue, or None when every worker has ended in order.

    Raises:
        RequestError, SetupError: what a worker reports, or that one died.
    """
    while True:
        ended = not any(worker.is_alive() for worker in workers)
        try:
            place, what, asked_wrongly = outcomes.get(timeout=POLL_S)
        except queue.Empty:
            dead = next((w for w in workers if w.exitcode not in (None, 0)), None)
            if dead is not None:
                raise SetupError(
                    f"a process of the replay died with code {dead.exitcode}: expected it to play"
                    " its dialogues; try fewer jobs"
                ) from None
            if ended:
                return None
            continue
        if isinstance(what, str):
            raise (RequestError if asked_wrongly else SetupError)(what)
        return place, what


def _drain(tasks: "Queue[Task | None]", workers: int) -> None:
    """Take back what nobody has begun, so that the workers end after what they are playing."""
    try:
        while True:
            tasks.get_nowait()
    except queue.Empty:
        pass
    for _ in range(workers):
        tasks.put(None)


def _end(workers: Sequence[SpawnProcess], tasks: "Queue[Task | None]") -> None:
    for worker in workers:
        if worker.is_alive():
            worker.join(timeout=2.0)
        if worker.is_alive():
            worker.terminate()
            worker.join()
    tasks.cancel_join_thread()
    tasks.close()


def _work(
    tasks: "Queue[Task | None]",
    outcomes: "Queue[Outcome]",
    settings: Settings,
    models: ModelsOf | None,
    invariants: bool,
) -> None:
    """One process: play until there is nothing left."""
    Path(home_of(settings)).mkdir(parents=True, exist_ok=True)
    asyncio.run(_play_all(tasks, outcomes, settings, models, invariants))


async def _play_all(
    tasks: "Queue[Task | None]",
    outcomes: "Queue[Outcome]",
    settings: Settings,
    models: ModelsOf | None,
    invariants: bool,
) -> None:
    async with Player(settings, models, invariants=invariants) as player:
        while (task := await asyncio.to_thread(tasks.get)) is not None:
            place, script = task
            try:
                outcomes.put((place, await player.play(script), False))
            except VitrineError as error:
                outcomes.put((place, str(error), isinstance(error, RequestError)))
                return
