"""The hand-labelled cases: every class is answered rightly, and nothing is confidently false."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.addresses.grading import Case, Verdict, cases, judge, told
from yinuo.addresses.model import Resolved, Resolver

CONFIDENT = 0.95
# Cases of a class that are still answered wrongly: a number that is only ever lowered.
KNOWN_MISSES = {"bug_reports": 3, "contradictions": 1, "parcels": 2, "zones": 2}
KNOWN_FALSE = 1  # 苍南县龙港镇, a city of its own since 2019
KNOWN_UNFLAGGED = 1  # a town in a field of its own that lies in another province


@pytest.fixture(scope="module")
def judged() -> dict[str, list[tuple[Case, Resolved, Verdict]]]:
    """Give every case with its answer and verdict, by class."""
    resolver = Resolver()
    found: dict[str, list[tuple[Case, Resolved, Verdict]]] = defaultdict(list)
    for case in cases():
        answer = resolver.resolve(case.text, stated=case.stated)
        found[case.kind].append((case, answer, judge(case, answer)))
    return found


def _listed(failed: list[tuple[Case, Resolved, Verdict]]) -> str:
    return "\n".join(
        f"  {case.kind}: {case.shown}\n    want {'/'.join(case.levels)} {case.code}"
        f" name={case.name} phone={case.phone} contradiction={case.is_contradictory}"
        f"\n    got  {told(answer)}"
        for case, answer, _ in failed
    )


def test_there_are_enough_cases():
    assert sum(1 for _ in cases()) >= 1_200
    assert len({(case.text, case.stated) for case in cases()}) == sum(1 for _ in cases())


def test_every_class_is_answered_rightly(judged):
    failed = {kind: [one for one in rows if not one[2].is_right] for kind, rows in judged.items()}
    short = {kind: rows for kind, rows in failed.items() if len(rows) > KNOWN_MISSES.get(kind, 0)}
    words = "\n".join(
        f"{kind}: {len(judged[kind]) - len(rows)} of {len(judged[kind])}\n{_listed(rows)}"
        for kind, rows in short.items()
    )
    assert not short, f"\n{words}"


def test_no_confident_answer_is_false(judged):
    false = [
        one
        for rows in judged.values()
        for one in rows
        if one[1].confidence >= CONFIDENT and not one[2].is_true
    ]
    assert len(false) <= KNOWN_FALSE, f"\n{_listed(false)}"


def test_a_contradiction_is_never_confident(judged):
    sure = [
        one
        for rows in judged.values()
        for one in rows
        if one[0].is_contradictory and one[1].confidence >= CONFIDENT
    ]
    assert len(sure) <= KNOWN_UNFLAGGED, f"\n{_listed(sure)}"
