"""One resolver in a process of its own, asked over standard input: for bench/addresses.py.

    python bench/address_worker.py yinuo|cpca|jionlp

Each line in is a JSON list of texts; each line out tells the seconds that the whole list took, one
text a call, by the clock and of one core's time, the nanoseconds of every call (of the core's time)
and the three names answered for each text. The first line out tells the seconds of import and first
call, and the memory after it.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

FIRST = "浙江省杭州市西湖区文三路100号"
Levels = tuple[str, str, str]


def yinuo() -> Callable[[str], object]:
    """Return our full job: levels, town, rest, name, phone, evidence, confidence."""
    resolver = import_module("yinuo.addresses.model").Resolver()
    return resolver.resolve


def cpca() -> Callable[[str], object]:
    """Return cpca's job, one text a call."""
    library = import_module("cpca")
    return lambda text: library.transform([text])


def jionlp() -> Callable[[str], object]:
    """Return JioNLP's job with towns."""
    library = import_module("jionlp")
    return lambda text: library.parse_location(text, town_village=True)


def levels_of(who: str, answer: object) -> Levels:
    """Return the names of province, city and district, empty where there is none."""
    if who == "yinuo":
        found = (answer.province, answer.city, answer.district)
        names = [one.name if one else "" for one in found]
    elif who == "cpca":
        names = [answer[column][0] or "" for column in ("省", "市", "区")]
    else:
        names = [answer[key] or "" for key in ("province", "city", "county")]
    province, city, district = names
    if city in {"市辖区", "县"}:
        city = province
    return (province, "" if "直辖" in city else city, district)


def memory() -> float:
    """Return the most memory that this process had, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Since its own start; the resource module counts what the parent had, too.
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def waits(resolve: Callable[[str], object], texts: list[str]) -> list[int]:
    """Return the nanoseconds of each call: what others do on the same core does not count."""
    clock = time.thread_time_ns
    each = []
    for text in texts:
        start = clock()
        resolve(text)
        each.append(clock() - start)
    return each


def main() -> None:
    """Serve lists of texts until the input ends."""
    who = sys.argv[1]
    out = sys.stdout
    sys.stdout = sys.stderr  # libraries greet
    warnings.simplefilter("ignore")
    bare = memory()
    begin, spent = time.perf_counter(), time.process_time()
    resolve = {"yinuo": yinuo, "cpca": cpca, "jionlp": jionlp}[who]()
    resolve(FIRST)
    ready = time.perf_counter() - begin
    spent = time.process_time() - spent
    told = {"ready": ready, "spent": spent, "bare": bare, "memory": memory()}
    print(json.dumps(told), file=out, flush=True)
    for line in sys.stdin:
        texts = json.loads(line)
        begin, core = time.perf_counter(), time.process_time()
        answers = [resolve(text) for text in texts]
        core, seconds = time.process_time() - core, time.perf_counter() - begin
        levels = [levels_of(who, answer) for answer in answers]
        each = waits(resolve, texts) if who == "yinuo" else []
        told = {"seconds": seconds, "core": core, "each": each, "levels": levels}
        print(json.dumps(told | {"memory": memory()}), file=out, flush=True)


if __name__ == "__main__":
    main()
