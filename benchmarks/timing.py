"""Measure the running time of functions as the fastest of several rounds, which other load disturbs least."""

import math
import time
from collections.abc import Callable
from typing import Any

# The functions run in turn, so that other load on the machine affects all of them.
ROUNDS = 15
SLOW_ROUNDS = 5


def fastest_times(*runs: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """Return the time, in seconds, of each function's fastest round."""
    times = [math.inf] * len(runs)
    for _ in range(rounds):
        for number, run in enumerate(runs):
            start = time.perf_counter()
            run()
            times[number] = min(times[number], time.perf_counter() - start)
    return times


def ratio(run: Callable[[], Any], peer: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Return the time of `run` divided by the time of `peer`."""
    mine, theirs = fastest_times(run, peer, rounds=rounds)
    return mine / theirs


def fastest_time(run: Callable[[], Any], rounds: int = 7) -> float:
    """Return the time, in seconds, of the fastest round of `run`."""
    [seconds] = fastest_times(run, rounds=rounds)
    return seconds
