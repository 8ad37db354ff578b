"""How well group messages are read, by field and by confidence, and how many a second.

    .venv/bin/python bench/messages.py

Judged are the hand-written messages under tests/channels/messages: the tuned files, and apart
from them the held-out file that was written last (its first figures stand at its top). An order is right when every field is, what is
missing included; it passes when nothing is missing and the confidence is at the gate or above.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.channels.messages.grading import Marks, grade, messages, reader

from yinuo.channels.model.messages import GATE, Reader

TUNED = ("orders", "others", "lists", "second")
HELD_OUT = ("held_out",)
STEPS = (0.0, 0.5, 0.8, GATE, 0.95, 0.98, 1.01)
REPEATS = 5


def judged(reading: Reader, *files: str) -> Marks:
    """Return the marks of some files."""
    marks = Marks()
    for _, row in messages(*files):
        grade(marks, reading, row)
    return marks


def show(title: str, marks: Marks) -> None:
    """Print one set's figures."""
    print(f"\n{title}")
    for name, asked in marks.asked.items():
        print(f"  {name:<12}{marks.right[name]:>4} of {asked:<4} {marks.right[name] / asked:8.2%}")
    print(f"  orders read right in every field  {share(marks.drafts_right, marks.drafts)}")
    print(f"  complete orders right by themselves {share(marks.passed_right, marks.complete)}")
    print(f"  of those that passed, right       {share(marks.passed_right, marks.passed)}")
    for low, high in pairwise(STEPS):
        inside = [ok for sure, ok in marks.sure if low <= sure < high]
        if inside:
            print(f"  confidence {low:.2f}-{min(high, 1):.2f}: {share(sum(inside), len(inside))}")


def share(part: int, whole: int) -> str:
    """Return a share as figures and per cent."""
    return f"{part:>4} of {whole:<4} {part / whole if whole else 0:8.2%}"


def speed(reading: Reader) -> float:
    """Return messages a second on one core, the best of some rounds."""
    texts = [row["text"] for _, row in messages(*TUNED, *HELD_OUT)]
    best = 0.0
    for _ in range(REPEATS):
        begun = time.perf_counter()
        for text in texts:
            reading.read(text)
        best = max(best, len(texts) / (time.perf_counter() - begun))
    return best


def main() -> None:
    """Print the figures."""
    reading = reader()
    show("Tuned on", judged(reading, *TUNED))
    show("Held out", judged(reading, *HELD_OUT))
    print(f"\n  {speed(reading):,.0f} messages a second on one core")


if __name__ == "__main__":
    main()
