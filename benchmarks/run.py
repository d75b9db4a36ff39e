"""Prints the benchmarks, each beside its target: `./portal.sh bench`, or `./portal.sh bench web` for one of them."""

import sys
from collections.abc import Callable

from benchmarks import brief, caseload, doors, papers, partners, statements, web

# figure -> what it is, target, and whether less is better
TARGETS = {
    "brief_vs_plain": ("a brief, as a share of WeasyPrint as its manual shows it", 0.85, True),
    "brief_vs_chromium": ("a brief, as a share of a warm Chromium with a fresh context", 0.6, True),
    "kept_vs_set": ("a brief that is kept, as a share of setting it", 0.1, True),
    "day_vs_bare": ("a day of 40 briefs, as a share of what two bare processes set in its time", 0.8, False),
    "mib_after_500": ("MiB that a process has grown by from the 50th to the 500th brief", 20, True),
    "home_vs_hello": ("/my/, requests a second as a share of hello-world", 0.2, False),
    "form_vs_hello": ("the full check-in form, as a share of hello-world", 0.08, False),
    "submit_vs_insert": ("sending the whole check-in, as a share of a bare insert", 0.2, False),
    "most_statements": ("SQL statements of the page that asks most", statements.MOST, True),
    "couples_1000_vs_10": ("/coach/couples/ with 1,000 couples, as a share of it with 10", 1.2, True),
    "couples_10000_vs_10": ("/coach/couples/ with 10,000 couples, likewise", 1.2, True),
    "first_load_requests": ("requests of the first load of /my/, fonts among them", 6, True),
    "first_load_kb": ("kB of the first load of /my/, fonts apart", 60, True),
    "apart_ms_at_sign_in": ("ms between known and unknown names at the sign-in, in the median of 300 pairs", 5, True),
    "apart_ms_at_reset": ("ms between known and unknown names that ask for a reset, likewise", 5, True),
    "apart_of_my": (
        "/my/ with 0 and 2,000 private rows of the other's, apart in 400 pairs, as a share of 2 ms or 2 %",
        1,
        True,
    ),
    "apart_of_my_shared": ("/my/shared, likewise", 1, True),
    "two_workers_mib": ("MiB of two web workers and their parent, shared pages once", 130, True),
}


def main(names: list[str]) -> int:
    """Run the benchmarks of these names, or all; 1 where a name is unknown."""
    benchmarks: dict[str, Callable[[], bool]] = {
        "brief": lambda: _show(brief.measure()),
        "papers": lambda: _show(papers.measure()),
        "web": lambda: _show(web.measure()),
        "doors": lambda: _show(doors.measure()),
        "partners": lambda: _show(partners.measure()),
        "caseload": lambda: _show(caseload.measure()),
        "statements": lambda: _show_statements(statements.measure()),
    }
    unknown = [name for name in names if name not in benchmarks]
    if unknown:
        print(f"There is no benchmark {unknown[0]}. Choose from: {', '.join(benchmarks)}", file=sys.stderr)
        return 1
    reached = [benchmarks[name]() for name in names or benchmarks]
    print("Every target is reached." if all(reached) else "Not every target is reached.")
    return 0


def _show(found: dict[str, float]) -> bool:
    """Print the figures; whether all that have a target reach it. Those without one say what the machine can do."""
    return all([_line(name, value) for name, value in found.items()])


def _line(name: str, value: float) -> bool:
    if name not in TARGETS:
        print(f"        {value:8.2f}  {name.replace('_', ' ')}")
        return True
    words, target, is_less = TARGETS[name]
    is_reached = value <= target if is_less else value >= target
    bound = f"{target:g} or {'less' if is_less else 'more'}"
    print(f"{'reached' if is_reached else 'MISSED ':7} {value:8.3g}  (target {bound:13}) {words}")
    return is_reached


def _show_statements(found: dict[str, tuple[int, int]]) -> bool:
    for page, (few, many) in found.items():
        print(f"{few:16}  {page}{'' if few == many else f': {many} with {statements.MANY} couples'}")
    grown = [page for page, (few, many) in found.items() if few != many]
    is_reached = _line("most_statements", max(max(counts) for counts in found.values()))
    print(
        f"{'MISSED ' if grown else 'reached'} {len(grown):8}  pages cost more for {statements.MANY} couples than for 10"
    )
    return is_reached and not grown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
