"""Addresses: accuracy by class of noise, calibration, speed beside cpca and JioNLP.

    python bench/addresses.py [cases per class]

Accuracy is measured on the seeded generator (weighted by how often each noise is met) and on the
hand-labelled cases; the texts are seeded anew by ADDRESS_SEED. Speed is told for the time of one
core, which a busy machine changes less, and beside it for the time that passed. The rivals are
installed by themselves under .make/ from requirements/rivals.txt; where that cannot be done they
are skipped.
"""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.addresses.generator import KINDS, generate  # noqa: E402 - found from the root
from tests.addresses.grading import Case, Verdict, cases, judge  # noqa: E402

from yinuo.addresses.model import Resolved, Resolver, StatedAddress  # noqa: E402

RIVALS = ("cpca", "jionlp")
CONFIDENT = 0.95
SAME_TEXTS = 500
ROUNDS = 3
STARTS = 5
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 1.0001)


@dataclass(frozen=True, slots=True)
class Judged:
    """A case with its answer and verdict, and how many rows of real text it stands for."""

    case: Case
    answer: Resolved
    verdict: Verdict
    weight: float

    @property
    def is_sure(self) -> bool:
        """Tell whether it would pass without a person."""
        return self.answer.confidence >= CONFIDENT


def judged(found: Iterable[Case], *, weights: dict[str, float]) -> list[Judged]:
    """Return what the resolver makes of the cases."""
    resolver = Resolver()
    rows = []
    for case in found:
        answer = resolver.resolve(case.text, stated=case.stated)
        rows.append(Judged(case, answer, judge(case, answer), weights.get(case.kind, 1.0)))
    return rows


def share(rows: Sequence[Judged], is_right: Iterable[bool]) -> float:
    """Return the weighted share of the rows that are right, in percent."""
    total = sum(row.weight for row in rows)
    return 100 * sum(r.weight for r, right in zip(rows, is_right, strict=True) if right) / total


def print_classes(rows: Sequence[Judged], *, title: str) -> None:
    """Print the share of right rows by class, and of all."""
    by_class: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        by_class[row.case.kind].append(row)
    print(f"\n{title}: {len(rows):,} cases; % right")
    print(f"  {'class':<18} {'rows':>6} {'levels':>7} {'name':>7} {'phone':>7} {'contrad':>7}")
    for kind, found in by_class.items():
        cells = "".join(
            f" {share(found, (getattr(row.verdict, part) for row in found)):>7.2f}"
            for part in ("levels", "name", "phone", "contradiction")
        )
        print(f"  {kind:<18} {len(found):>6}{cells}")
    named = [row for row in rows if row.case.name not in {"", "?"}]
    phoned = [row for row in rows if row.case.phone not in {"", "?"}]
    flagged = [row for row in rows if row.case.is_contradictory]
    honest = [row for row in rows if not row.case.is_contradictory]
    print(
        f"  weighted all: levels {share(rows, (r.verdict.levels for r in rows)):.3f}"
        f"   names {share(named, (r.verdict.name for r in named)):.2f}"
        f"   phones {share(phoned, (r.verdict.phone for r in phoned)):.2f}"
        f"   contradictions flagged {share(flagged, (r.verdict.contradiction for r in flagged)):.2f}"
        f"   flagged wrongly {100 - share(honest, (r.verdict.contradiction for r in honest)):.3f}"
    )


def print_reliability(rows: Sequence[Judged]) -> None:
    """Print what a confidence is worth: how many answers so sure are whole, and how many true.

    An answer is whole when all levels that the text states are there; it is false when a level of
    it is another place's. Stopping at the city is neither whole nor false.
    """
    print("\nreliability (weighted)")
    print(
        f"  {'confidence':<12} {'rows':>7} {'share %':>8} {'told %':>8} {'whole %':>8} {'false %':>8}"
    )
    total = sum(row.weight for row in rows)
    for low, high in pairwise(BINS):
        found = [row for row in rows if low <= row.answer.confidence < high]
        if not found:
            continue
        weight = sum(row.weight for row in found)
        told = 100 * sum(r.weight * r.answer.confidence for r in found) / weight
        whole = share(found, (row.verdict.levels for row in found))
        false = 100 - share(found, (row.verdict.is_true for row in found))
        print(
            f"  {low:.2f} - {min(high, 1):.2f} {len(found):>7,} {100 * weight / total:>8.2f}"
            f" {told:>8.2f} {whole:>8.2f} {false:>8.3f}"
        )
    sure = [row for row in rows if row.is_sure]
    if sure:
        part = 100 * sum(row.weight for row in sure) / total
        less = 100 - share(sure, (row.verdict.levels for row in sure))
        false = 100 - share(sure, (row.verdict.is_true for row in sure))
        print(
            f"  at {CONFIDENT} and above: {part:.2f} % of rows, {less:.3f} % of them not whole,"
            f" {false:.3f} % false"
        )
    readable = [row for row in rows if is_readable(row.case)]
    if readable:
        passing = share(readable, (row.is_sure for row in readable))
        print(
            f"  of the rows that name a region and do not contradict themselves {passing:.2f} % pass"
            " without a person"
        )


def is_readable(case: Case) -> bool:
    """Tell whether a careful person could say where a text leads: the others need one."""
    return not case.is_contradictory and any(level.strip("-?") for level in case.levels)


@dataclass(slots=True)
class Worker:
    """A resolver in a process of its own."""

    name: str
    python: Path
    process: subprocess.Popen[str] = field(init=False)
    ready: float = field(init=False)
    spent: float = field(init=False)
    bare: float = field(init=False)
    memory: float = field(init=False)

    def __post_init__(self) -> None:
        """Start it and wait for its first answer."""
        self.process = subprocess.Popen(
            [self.python, ROOT / "bench" / "address_worker.py", self.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        told = self._read()
        self.ready, self.spent = told["ready"], told["spent"]
        self.bare, self.memory = told["bare"], told["memory"]

    def _read(self):
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError(self.name)
        return json.loads(line)

    def ask(self, texts: Sequence[str]):
        """Return seconds passed and spent, nanoseconds a call, levels answered and memory."""
        print(json.dumps(list(texts)), file=self.process.stdin, flush=True)
        return self._read()

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def rivals_python() -> Path | None:
    """Return a Python that has the rivals, installing them once; None where that cannot be done."""
    home = ROOT / ".make" / "rivals"
    python = home / "bin" / "python"
    wanted = ROOT / "requirements" / "rivals.txt"
    stamp = home / wanted.name
    if stamp.is_file() and stamp.read_bytes() == wanted.read_bytes():
        return python
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(wanted)],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"skipped cpca and jionlp, not installable here: {done.stderr.strip()[-200:]}")
            return None
    stamp.write_bytes(wanted.read_bytes())
    return python


def one_text(case: Case) -> str:
    """Return the case as one text, as a parser without fields must be given it."""
    stated = case.stated or StatedAddress()
    fields = (stated.province, stated.city, stated.district, stated.town, stated.detail)
    return "".join(fields) + case.text


def _agrees(case: Case, levels: Sequence[str]) -> bool:
    return all(
        label == "?" or (name or "-") in label.split("|")
        for label, name in zip(case.levels[:3], levels, strict=True)
    )


def compare_speed(sample: Sequence[Case], *, many: Sequence[str]) -> None:
    """Print addresses a second on one core, one text a call, in turns on the same texts."""
    workers = [Worker("yinuo", Path(sys.executable))]
    python = rivals_python()
    for name in RIVALS if python else ():
        try:
            workers.append(Worker(name, python))
        except RuntimeError:
            print(f"skipped {name}: it does not start here")
    texts = [one_text(case) for case in sample]
    spent: dict[str, float] = defaultdict(float)
    passed: dict[str, float] = defaultdict(float)
    levels: dict[str, list[list[str]]] = {}
    for _ in range(ROUNDS):
        for worker in workers:
            told = worker.ask(texts)
            spent[worker.name] += told["core"]
            passed[worker.name] += told["seconds"]
            levels[worker.name] = told["levels"]
    count = ROUNDS * len(texts)
    print(f"\nsame {len(texts)} texts, one a call, one process after the other, {ROUNDS} rounds")
    print(
        f"  {'':<8} {'/s of a core':>13} {'/s passed':>10} {'p, c, d right %':>16}"
        f" {'start s':>8} {'MB':>5}"
    )
    for worker in workers:
        right = sum(_agrees(c, found) for c, found in zip(sample, levels[worker.name], strict=True))
        print(
            f"  {worker.name:<8} {count / spent[worker.name]:>13,.0f}"
            f" {count / passed[worker.name]:>10,.0f} {100 * right / len(sample):>16.2f}"
            f" {worker.spent:>8.2f} {worker.memory:>5.0f}"
        )
    for rival in spent.keys() - {"yinuo"}:
        print(f"  yinuo / {rival}: {spent[rival] / spent['yinuo']:.1f}×")
    print_alone(workers[0], many)
    for worker in workers:
        worker.close()


def print_alone(worker: Worker, texts: Sequence[str]) -> None:
    """Print our own rate and waits on many texts, start and memory."""
    rounds = [worker.ask(texts) for _ in range(ROUNDS)]
    usual = statistics.median(len(texts) / told["core"] for told in rounds)
    passed = statistics.median(len(texts) / told["seconds"] for told in rounds)
    each = sorted(ns for told in rounds for ns in told["each"])
    p50, p99, p999 = (each[int(len(each) * part)] / 1e6 for part in (0.5, 0.99, 0.999))
    starts = []
    for _ in range(STARTS):
        fresh = Worker("yinuo", Path(sys.executable))
        starts.append(fresh)
        fresh.close()
    print(
        f"\nfull job on {len(texts):,} texts: {usual:,.0f}/s of a core ({passed:,.0f}/s passed),"
        f" p50 {p50:.3f} ms, p99 {p99:.3f} ms, p99.9 {p999:.3f} ms of the core's time"
    )
    print(
        f"import and first call {statistics.median(one.spent for one in starts):.3f} s of the core's"
        f" time ({statistics.median(one.ready for one in starts):.3f} s passed);"
        f" memory {rounds[-1]['memory']:.0f} MB, of which the bare interpreter {worker.bare:.0f} MB"
    )


def main() -> None:
    """Measure everything and print it."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    seed = int(os.environ.get("ADDRESS_SEED", "1"))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f},"
        f" Python {platform.python_version()}, seed {seed}"
    )
    made = list(generate(seed=seed, each=each))
    weights = {name: kind.weight for name, kind in KINDS.items()}
    rows = judged(made, weights=weights)
    print_classes(rows, title="generator")
    print_reliability(rows)
    by_hand = judged(cases(), weights={})
    print_classes(by_hand, title="hand-labelled")
    print_reliability(by_hand)
    chance = random.Random(seed)
    mixed = chance.choices(made, [weights[case.kind] for case in made], k=5_000)
    compare_speed(mixed[:SAME_TEXTS], many=[one_text(case) for case in mixed])
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
