"""Two accounts of a joint task on the coach's pages: in plain words, never an error, and nothing for the partners."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.pathways import ReleaseKind
from portal.extensions import db
from portal.models.pathways import PathwayStep
from portal.services import correcting, pathway_issuing, pathways, readings, reviews, sent_forms
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Browser, Wall
from tests.given import assign, floor, opened, send, task_of
from tests.many import counted
from tests.pages import says, still
from tests.tenants import with_the_practice_said
from tests.ways import TOGETHER, add

Open = Callable[[str | None], Browser]
ALONE = "So far Ana alone has said how far they got. It is done once both say so."
LOOK = "Worth a gentle look in the session: neither account is the right one."


@pytest.fixture
def floors(cast: Cast) -> UUID:
    return assign(cast, "one-holds-the-floor")


def sends(cast: Cast, floors: UUID, name: str, done: str, **more: str) -> None:
    viewer = cast.viewers[name]
    barrier = {"barrier": "time"} if done != "done" else {}
    raw = floor(done, **more) if done != "not_this_time" else {"done": done}
    send(viewer, task_of(viewer, floors), raw | barrier)


def form_of(cast: Cast, name: str) -> UUID:
    person_id = cast.viewers[name].person_id
    forms = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    return next(form.response_id for form in forms if form.person_id == person_id)


@pytest.mark.parametrize(
    ("hers", "his", "words"),
    [
        ("done", "done", "Done: both say so, each alone."),
        ("done", "partly", "Done in part, taking both accounts together."),
        ("not_this_time", "not_this_time", "Not this time, both say."),
        ("done", "not_this_time", "One did it and the other not, by their own accounts."),
    ],
)
def test_the_page_of_a_joint_task_says_what_the_two_come_to(
    browser: Open, cast: Cast, floors: UUID, hers: str, his: str, words: str
) -> None:
    sends(cast, floors, "ana", hers)
    sends(cast, floors, "ben", his)
    page = browser("ines").get(f"/coach/assignments/{floors}")
    assert says(page, words)
    assert says(page, LOOK) == (his == "not_this_time" and hers == "done")
    assert 'class="error' not in page.text


def test_both_did_it_and_a_figure_lies_far_apart(browser: Open, cast: Cast, floors: UUID) -> None:
    sends(cast, floors, "ana", "done", felt_heard="8")
    sends(cast, floors, "ben", "done", felt_heard="3")
    page = browser("ines").get(f"/coach/assignments/{floors}")
    assert says(page, "Done: both say so, each alone.")
    assert says(page, "“How heard did I feel?”: Ana says 8, Ben says 3.")
    assert says(page, LOOK)


def test_one_account_is_one_account_and_what_is_done_alone_has_none(browser: Open, cast: Cast, floors: UUID) -> None:
    ines, alone = browser("ines"), assign(cast, "small-reaches")
    assert not says(ines.get(f"/coach/assignments/{floors}"), "Two accounts")
    sends(cast, floors, "ana", "done")
    assert says(ines.get(f"/coach/assignments/{floors}"), ALONE)
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, alone), {"done": "done"})
    assert not says(ines.get(f"/coach/assignments/{alone}"), "Two accounts")


def test_in_the_queue_it_is_told_with_the_second_that_is_read(browser: Open, cast: Cast, floors: UUID) -> None:
    sends(cast, floors, "ana", "done")
    sends(cast, floors, "ben", "not_this_time")
    ines = browser("ines")
    first = ines.get(f"/coach/responses/{form_of(cast, 'ana')}?queue=1")
    assert not says(first, "Two accounts")
    second = ines.get(f"/coach/responses/{form_of(cast, 'ben')}?queue=1")
    assert says(second, "One did it and the other not, by their own accounts.")
    assert says(ines.get(f"/coach/responses/{form_of(cast, 'ana')}"), "Two accounts")


def test_pages_ask_no_more_than_a_dozen_statements_with_it(browser: Open, cast: Cast, floors: UUID) -> None:
    for name in ("ana", "ben"):
        sends(cast, floors, name, "done")
    ines, read = browser("ines"), [f"/coach/responses/{form_of(cast, name)}" for name in ("ana", "ben")]
    for path in (*read, f"/coach/assignments/{floors}"):
        assert ines.get(path).status_code == 200
    for path in (*read, f"/coach/assignments/{floors}"):
        db.session.remove()
        with counted() as asked:
            assert says(ines.get(path), "Two accounts")
        assert len(asked) <= with_the_practice_said(12, times=2), (path, len(asked))


def test_that_a_form_was_opened_never_follows_from_the_others_sending(
    browser: Open, cast: Cast, floors: UUID, wall: Wall
) -> None:
    sends(cast, floors, "ben", "done")
    browser("ines").get(f"/coach/assignments/{floors}")
    [his] = readings.of_own_forms(cast.ben, PASSPHRASE).forms
    assert [(reading.name, reading.at) for reading in his.readings] == [("Ines", wall.now)]
    again = assign(cast, "meet-good-news")
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, again), {"done": "done"})
    forms = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    hers = next(form for form in forms if form.assignment_id == again and form.person_id == cast.ana.person_id)
    reviews.read(cast.ines, hers.response_id)
    browser("ines").get(f"/coach/responses/{hers.response_id}")
    assert len(readings.of_own_forms(cast.ben, PASSPHRASE).forms) == 1


def test_neither_partner_meets_a_byte_of_it(browser: Open, cast: Cast, floors: UUID) -> None:
    sends(cast, floors, "ana", "done")
    ana, mine = browser("ana"), f"/my/tasks/{task_of(cast.ana, floors)}"
    before = [still(ana.get(path)) for path in ("/my/", "/my/shared", mine)]
    sends(cast, floors, "ben", "not_this_time")
    browser("ines").get(f"/coach/assignments/{floors}")
    assert [still(ana.get(path)) for path in ("/my/", "/my/shared", mine)] == before


def test_a_pathway_says_that_both_have_done_it_only_where_both_say_so(browser: Open, cast: Cast, wall: Wall) -> None:
    joint = {"given_to": For.JOINT, "kind": ReleaseKind.BY_COACH}
    first, _last = add(cast, TOGETHER[0], **joint), add(cast, TOGETHER[1], **joint)
    pathways.begin(cast.ines, cast.couples["ana"])
    pathways.confirm(cast.ines, first, cleared=True)
    wall.forward(days=1)
    pathway_issuing.issue_due("http://127.0.0.1:8000/my/")
    given = db.session.scalars(select(PathwayStep.assignment_id).where(PathwayStep.id == first)).one()
    assert given
    send(cast.ana, task_of(cast.ana, given), {"done": "done"})
    address, ines = f"/coach/couples/{cast.couples['ana']}/pathway", browser("ines")
    assert says(ines.get(address), ALONE)
    send(cast.ben, task_of(cast.ben, given), {"done": "not_this_time", "barrier": "time"})
    page = ines.get(address)
    assert says(page, "their accounts are worth a look first. It opens when you say so.")
    assert says(page, "One did it and the other not, by their own accounts. Worth a gentle look in the session.")
    assert not says(page, "Both have done all")
    his = task_of(cast.ben, given)
    correcting.correct(cast.ben, his, "done", {"done": "done"}, opened(cast.ben, his, "ben"))
    page = ines.get(address)
    assert says(page, "Both have done all that comes before")
    assert says(page, "Done: both say so, each alone.")
