"""Papers that are set ahead: a kept brief against setting it, a day of forty couples against two bare processes that
set the same pages, and what 500 briefs leave behind in the memory of one. `python -m benchmarks.papers` prints them.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.ground import gathered_house, quick_hashes
from portal import clock
from portal.domain.brief_choices import Copy
from portal.domain.people import Viewer
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.jobs.press import Press
from portal.output.render import Renderer, press
from portal.output.templates import render_brief
from portal.output.voices import voice_in
from portal.services import couples, day_packs, rendered_briefs, scope, session_prep, sessions
from portal.services.couples import NewPartner
from portal.services.sessions import NewSession
from tests import cast as gathered
from tests import factories
from tests.conftest import START

COUPLES, WEEKS = 40, 8
LOOKS = 30
RENDERS, SETTLED = 500, 50  # by when a process has what it needs
DAY = START + timedelta(days=1)
SITE = "Portal"
SAID = {"t1": "You made tea before I asked, and sat down with me.", "t2": "How we say that one of us is tired."}


def measure() -> dict[str, float]:
    """`kept_vs_set` (0.1 or less), `day_vs_bare` (0.8 or more), `mib_after_500` (20 or less), and what they are of."""
    with tempfile.TemporaryDirectory() as folder, _house(Path(folder)) as coach:
        ids = [_planned(coach, number) for number in range(COUPLES)]
        pages = [_page(coach, session_id) for session_id in ids]
        found = _day(coach, pages)
        found |= _kept(coach, ids[0], pages[0])
    return found | _memory(pages[0])


@contextmanager
def _house(folder: Path) -> Iterator[Viewer]:
    """Ines, in a house that stands for the time of the measurement."""
    app = gathered_house(folder)
    with quick_hashes(), clock.reading(lambda: START), app.app_context():
        yield gathered.find().ines
        db.session.remove()
        db.engine.dispose()


def _planned(coach: Viewer, number: int) -> UUID:
    """A couple with weeks of check-ins behind it, and a session on the day that is set."""
    a, b = (NewPartner(name, f"{name}{number}@day.example") for name in ("Kai", "Lou"))
    couple_id = couples.invite_couple(coach, a, b, gathered.LINK)
    people = db.session.scalars(scope.partners_of(coach, couple_id)).all()
    viewers = {name: Viewer(p.id, p.practice_id, coach.role) for name, p in zip("ab", people, strict=True)}
    for week in range(WEEKS):
        at = START - timedelta(days=3 + 7 * week)
        factories.check_in(viewers, couple_id, at, a=factories.week(4 + week % 4, **SAID), b=factories.week(6, **SAID))
    starts_at = DAY + timedelta(minutes=10 * number - 600)
    return sessions.plan(coach, couple_id, NewSession(SessionKind.JOINT, starts_at, 10, "Room 2"))


def _page(coach: Viewer, session_id: UUID) -> str:
    return render_brief(session_prep.unread(coach, session_id)[0], voice_in("en"), site_name=SITE)


def _day(coach: Viewer, pages: list[str]) -> dict[str, float]:
    """The briefs of a day as they are made, records, seals and all, beside two warm processes that set bare pages."""
    bare = Renderer(children=2)
    list(ThreadPoolExecutor(2).map(bare.render, pages[:4]))
    took_bare = _took(lambda: list(ThreadPoolExecutor(2).map(bare.render, pages)))
    bare.close()
    warm = Renderer(children=2)
    list(ThreadPoolExecutor(2).map(warm.render, pages[:4]))
    day_packs.ask(coach, DAY.date())
    made: list[int] = []
    took = _took(lambda: made.append(Press(SITE, warm.render).turn(looks_ahead=False)))
    warm.close()
    if made != [COUPLES]:
        raise RuntimeError(f"{made[0]} of {COUPLES} briefs were set")
    return {"day_vs_bare": took_bare / took, "day_of_40_s": took, "bare_40_s": took_bare}


def _took(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _kept(coach: Viewer, session_id: UUID, html: str) -> dict[str, float]:
    """Giving the kept file of a page, against setting that page in a warm process; in turns."""
    renderer = Renderer(children=1)
    renderer.render(html)
    ways: dict[str, Callable[[], object]] = {
        "set": lambda: renderer.render(html),
        "kept": lambda: _given(coach, session_id, html),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(LOOKS):
        for name, way in ways.items():
            times[name].append(_took(way))
    renderer.close()
    took = {name: statistics.median(found) for name, found in times.items()}
    return {"kept_vs_set": took["kept"] / took["set"], "kept_ms": 1000 * took["kept"], "set_ms": 1000 * took["set"]}


def _given(coach: Viewer, session_id: UUID, html: str) -> bytes:
    content = rendered_briefs.kept_or_none(coach, session_id, Copy.COACH, html, press())
    db.session.rollback()
    if content is None:
        raise RuntimeError("nothing is kept of this page")
    return content


def _memory(html: str) -> dict[str, float]:
    """By how much one process grows from the 50th to the 500th brief, in MiB of resident memory."""
    others, renderer = _children(), Renderer(children=1, jobs=RENDERS + 1)
    for _ in range(SETTLED):
        renderer.render(html)
    [child] = _children() - others
    before = _resident(child)
    for _ in range(RENDERS - SETTLED):
        renderer.render(html)
    after = _resident(child)
    renderer.close()
    return {"mib_after_500": after - before, "mib_of_a_process": after}


def _children() -> set[int]:
    """The processes that this one has started and that live."""
    return {int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name}: {value:.3f}")
