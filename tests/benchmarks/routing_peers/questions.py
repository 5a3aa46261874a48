"""What each engine is asked, and what it answers: passed between processes as JSON."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

type Place = tuple[float, float]  # longitude, latitude

# Who takes longer than this for all questions answers only as many as it gets through.
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Questions:
    """Who of `responders` are the k nearest to each of `incidents`."""

    responders: Sequence[Place]
    incidents: Sequence[Place]
    k: int

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Questions:
        """What `write` wrote."""
        return cls(**json.loads(path.read_text()))


@dataclass(frozen=True)
class Answers:
    """What an engine says.

    Attributes:
        took_s: of each incident that was asked for, the seconds that the engine took.
        best: of each of them the k nearest, by their numbers; fewer where there is no way.
    """

    took_s: Sequence[float]
    best: Sequence[Sequence[int]]

    @property
    def p50_ms(self) -> float:
        """Median."""
        return float(np.median(self.took_s)) * 1e3

    @property
    def p99_ms(self) -> float:
        """99th percentile."""
        return float(np.quantile(self.took_s, 0.99)) * 1e3


def answer(ask: Callable[[Place], Sequence[float]], questions: Questions, rounds: int) -> Answers:
    """Ask for every incident some times; the best time counts, since the machine may be busy.

    Args:
        ask: seconds from each responder to an incident; inf or NaN where there is no way.
        questions: asked in their order, as long as patience lasts.
        rounds: how often each is asked.
    """
    took_s: list[float] = []
    best: list[list[int]] = []
    begun = time.perf_counter()
    for incident in questions.incidents:
        quickest = np.inf
        for _ in range(rounds):
            start = time.perf_counter()
            times = np.asarray(ask(incident), np.float64)
            first = np.argsort(times, kind="stable")[: questions.k]
            quickest = min(quickest, time.perf_counter() - start)
        took_s.append(quickest)
        best.append(first[np.isfinite(times[first])].tolist())
        if time.perf_counter() - begun > PATIENCE_S:
            break
    return Answers(took_s, best)


def ask_apart(command: Sequence[str | Path], questions: Questions, folder: Path) -> Answers:
    """Let a program of another environment answer.

    Args:
        command: gets the file of the questions as its last argument and prints its answers.
        questions: what it is asked.
        folder: for the file of the questions.
    """
    file = folder / "questions.json"
    questions.write(file)
    done = subprocess.run([*command, file], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[1]}: {done.stderr[-2000:]}")
    return Answers(**json.loads(done.stdout.splitlines()[-1]))
