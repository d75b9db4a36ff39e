"""A couple's pathway in a browser: built, begun and read by the coach; what the partners meet of it is a task."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.pathways import ReleaseKind
from portal.extensions import db
from portal.models.pathways import Pathway, PathwayStep
from portal.services import pathway_issuing, pathways, supervision
from tests import weeks
from tests.cast import Cast
from tests.conftest import Browser, Wall
from tests.ways import ALONE, TOGETHER, add, entry_of, send_own

Open = Callable[[str | None], Browser]
LINK = "http://127.0.0.1:8000/my/"
HERE = re.compile(r'<span class="here">.*?</svg>(.*?)</span>')
TOKENS = re.compile(r'(?:nonce|value)="[^"]{20,}"')
JOINT = {"given_to": For.JOINT, "kind": ReleaseKind.BY_COACH}


def address(cast: Cast, to: str = "") -> str:
    return f"/coach/couples/{cast.couples['ana']}/pathway{to}"


def page(browser: Open, cast: Cast, who: str = "ines") -> str:
    return browser(who).get(address(cast)).text


def form_of(cast: Cast, slug: str = ALONE[0], **changes: object) -> dict[str, object]:
    usual = {"exercise": str(entry_of(cast, slug).id), "given_to": "both", "kind": "at_once", "days_open": "7"}
    return usual | changes


def begun(cast: Cast) -> list[UUID]:
    """One step alone at once, one after it, one together; the first has gone out."""
    first = add(cast, ALONE[0])
    second = add(cast, ALONE[1], kind=ReleaseKind.AFTER_OWN, after=first)
    joint = add(cast, TOGETHER[0], **JOINT)
    pathways.begin(cast.ines, cast.couples["ana"])
    pathway_issuing.issue_due(LINK)
    return [first, second, joint]


def test_a_pathway_is_built_and_begun_by_forms_alone(browser: Open, cast: Cast) -> None:
    ines = browser("ines")
    assert "No pathway yet." in page(browser, cast)
    assert all(f"<span>{name}</span>" in page(browser, cast) for name in ("Ana", "Ben"))
    assert ines.post(address(cast, "/steps"), form_of(cast)).status_code == 303
    [first] = db.session.scalars(select(PathwayStep.id)).all()
    after = form_of(cast, ALONE[1], kind="after_own", after=str(first), days="2", why="A small one")
    assert ines.post(address(cast, "/steps"), after).status_code == 303
    shown = page(browser, cast)
    assert "opens 2 days after their own “My listening habits”" in shown
    assert "A small one" in shown
    assert "is here" not in shown
    assert ines.post(address(cast, "/begin")).status_code == 303
    assert HERE.findall(page(browser, cast)) == ["Ana is here", "Ben is here"]


def test_the_couples_page_leads_to_it(browser: Open, cast: Cast) -> None:
    assert f'href="{address(cast)}"' in browser("ines").get(f"/coach/couples/{cast.couples['ana']}").text


def test_what_cannot_be_added_is_said_at_its_field_and_everything_typed_stays(browser: Open, cast: Cast) -> None:
    wrong = form_of(cast, kind="on_day", why="For the evenings", days_open="0")
    reply = browser("ines").post(address(cast, "/steps"), wrong)
    assert reply.status_code == 422
    assert "Give a number from 1 to 60." in reply.text
    assert "For the evenings" in reply.text
    reply = browser("ines").post(address(cast, "/steps"), wrong | {"days_open": "7"})
    assert 'id="day-error"' in reply.text
    assert "Choose the day on which it opens." in reply.text
    reply = browser("ines").post(address(cast, "/steps"), form_of(cast, given_to="joint", exercise="x", kind="soon"))
    assert reply.text.count("Choose one of these.") >= 3
    assert db.session.scalars(select(PathwayStep)).all() == []


def test_the_check_in_is_not_offered_as_a_step(browser: Open, cast: Cast) -> None:
    assert str(entry_of(cast, weeks.CHECK_IN).id) not in page(browser, cast)


def test_where_both_are_and_that_one_is_ahead_is_told_to_the_coach(browser: Open, cast: Cast) -> None:
    first, second, _ = begun(cast)
    assert "Both have something to do. Nothing needs you." in page(browser, cast)
    send_own(cast.ana, first)
    pathway_issuing.issue_due(LINK)
    shown = page(browser, cast)
    assert HERE.findall(shown) == ["Ben is here", "Ana is here"]
    assert "Ana is past “My listening habits”, Ben is still at it." in shown
    assert "sent on 23 November" in shown
    assert "Waits for you" not in shown
    send_own(cast.ana, second)
    assert "Ana has come to it, Ben has not yet." in page(browser, cast)


def test_once_both_have_done_what_comes_before_the_joint_step_is_proposed_and_opens_by_her_word(
    browser: Open, cast: Cast, wall: Wall
) -> None:
    first, second, joint = begun(cast)
    for person in (cast.ana, cast.ben):
        send_own(person, first)
    pathway_issuing.issue_due(LINK)
    for person in (cast.ana, cast.ben):
        send_own(person, second)
    shown = page(browser, cast)
    assert "Ana and Ben have come to it." in shown
    assert "Both have done all that comes before “Ten clear minutes”. It opens when you say so." in shown
    browser("ines").post(f"/coach/pathway-steps/{joint}/confirm", page=address(cast))
    shown = page(browser, cast)
    assert "Waits for you" not in shown
    assert shown.count("opens on Tuesday 24 November, 08:00") == 2
    assert pathway_issuing.issue_due(LINK) == 0
    wall.forward(days=1)
    assert pathway_issuing.issue_due(LINK) == 1
    assert page(browser, cast).count("has it") == 2


def test_held_joint_work_is_said_once_it_is_asked_for_and_opens_when_it_was_cleared(browser: Open, cast: Cast) -> None:
    *_, joint = begun(cast)
    weeks.check_in(cast.ines, cast.couples["ana"], cast.ana, x1="yes")
    held = "Nothing for both together, for now"
    assert held not in page(browser, cast)
    reply = browser("ines").post(f"/coach/pathway-steps/{joint}/confirm")
    assert reply.status_code == 422
    assert held in reply.text
    reply = browser("ines").post(f"/coach/pathway-steps/{joint}/confirm", {"cleared": "1"})
    assert reply.status_code == 303
    assert db.session.scalars(select(PathwayStep.confirmed_a_at).where(PathwayStep.id == joint)).one() is not None


def test_steps_move_by_two_buttons_and_a_refusal_is_said(browser: Open, cast: Cast) -> None:
    first, second, joint = begun(cast)
    ines = browser("ines")
    moved = ines.post(address(cast, "/order"), {"up": str(joint)}).headers["Location"]
    assert f'id="{moved.partition("#")[2]}" tabindex="-1"' in ines.get(address(cast)).text
    assert order() == [first, joint, second]
    ines.post(address(cast, "/order"), {"down": str(joint)})
    assert order() == [first, second, joint]
    ines.post(address(cast, "/order"), {"up": str(second)})
    assert "A step cannot stand before the one that it waits for." in ines.get(address(cast)).text
    assert order() == [first, second, joint]


def order() -> list[UUID]:
    db.session.rollback()
    return list(db.session.scalars(select(PathwayStep.id).order_by(PathwayStep.position)))


def test_a_step_is_left_out_and_the_pathway_ends(browser: Open, cast: Cast) -> None:
    first, *_ = begun(cast)
    browser("ines").post(f"/coach/pathway-steps/{first}/skip", {"why": "Too much for now"})
    shown = page(browser, cast)
    assert "left out: Too much for now" in shown
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, LINK)
    read_along = browser("noor").get(address(cast)).text
    assert "left out" in read_along
    assert "Too much for now" not in read_along  # the word of whoever left it out, for herself
    assert "Ana is here" in shown
    browser("ines").post(address(cast, "/end"))
    assert "No pathway yet." in page(browser, cast)
    assert db.session.scalars(select(Pathway.ended_at)).one() is not None


def test_a_pathway_is_held_and_goes_on_by_one_button(browser: Open, cast: Cast) -> None:
    begun(cast)
    browser("ines").post(address(cast, "/hold"))
    shown = page(browser, cast)
    assert "Held since 23 November" in shown
    assert "Let it go on" in shown
    for name in ("ana", "ben"):
        assert "Held" not in browser(name).get("/my/").text
    browser("ines").post(address(cast, "/hold"), {"act": "go_on"})
    assert "Hold it quietly" in page(browser, cast)


@pytest.mark.parametrize(("typed", "told"), [("", "Say in one line why."), ("a" * 201, "This is longer than 200")])
def test_a_step_is_not_left_out_without_a_word_why(browser: Open, cast: Cast, typed: str, told: str) -> None:
    first, *_ = begun(cast)
    reply = browser("ines").post(f"/coach/pathway-steps/{first}/skip", {"why": typed})
    assert reply.status_code == 422
    assert told in reply.text
    assert 'href="#skip-why"' in reply.text
    assert f'value="{typed}"' in reply.text
    assert db.session.scalars(select(PathwayStep.skipped_at).where(PathwayStep.id == first)).one() is None


def test_a_step_that_has_reached_nobody_is_changed_on_a_page_of_its_own(browser: Open, cast: Cast) -> None:
    first, second, joint = begun(cast)
    ines = browser("ines")
    shown = ines.get(address(cast)).text
    assert f'href="/coach/pathway-steps/{first}"' not in shown
    for step in (second, joint):
        assert f'href="/coach/pathway-steps/{step}"' in shown
    at = f"/coach/pathway-steps/{second}"
    assert "In the words that your library has now" not in ines.get(at).text
    wrong = ines.post(at, {"kind": "on_day", "day": "", "days_open": "3", "why": "Small"}, page=at)
    assert wrong.status_code == 422
    assert 'href="#day"' in wrong.text
    assert 'value="3"' in wrong.text
    reply = ines.post(at, {"kind": "on_day", "day": "2026-12-01", "days_open": "3", "why": "Small"}, page=at)
    assert (reply.status_code, reply.location) == (303, address(cast))
    shown = ines.get(address(cast)).text
    assert "opens on Tuesday 1 December, open for 3 days" in shown
    assert "Small" in shown


def test_what_is_done_together_is_asked_for_days_and_words_alone(browser: Open, cast: Cast) -> None:
    *_, joint = begun(cast)
    at = f"/coach/pathway-steps/{joint}"
    page_of_step = browser("ines").get(at).text
    assert 'name="kind"' not in page_of_step
    assert "opens when you open it" in page_of_step
    assert browser("ines").post(at, {"kind": "at_once", "days_open": "9"}, page=at).status_code == 303
    assert db.session.scalars(select(PathwayStep.release).where(PathwayStep.id == joint)).one() == "by_coach"


def test_what_both_have_stays_as_it_is_and_the_page_says_so(browser: Open, cast: Cast) -> None:
    first, *_ = begun(cast)
    at, ines = f"/coach/pathway-steps/{first}", browser("ines")
    for ask in (lambda: ines.get(at), lambda: ines.post(at, {"kind": "at_once", "days_open": "9"})):
        reply = ask()
        assert (reply.status_code, reply.location) == (303, address(cast))
        assert "This step has reached whom it is for, and stays as it is." in ines.get(address(cast)).text


def test_what_one_of_them_has_is_changed_for_the_other_and_its_words_are_not_asked_for(
    browser: Open, cast: Cast
) -> None:
    first, second, _ = begun(cast)
    send_own(cast.ana, first)
    pathway_issuing.issue_due(LINK)
    at, ines = f"/coach/pathway-steps/{second}", browser("ines")
    shown = ines.get(at).text
    assert "Ana has it, and keeps it as it is, with its words." in shown
    assert 'name="why"' not in shown
    assert ines.post(at, {"kind": "at_once", "days_open": "9", "why": "Other words"}, page=at).status_code == 303
    assert "opens at once, open for 9 days" in ines.get(address(cast)).text
    assert "Other words" not in ines.get(address(cast)).text


def test_a_supervisor_reads_along_and_finds_no_button(browser: Open, cast: Cast) -> None:
    begun(cast)
    supervision.begin(cast.ines, cast.couples["ana"], cast.noor.person_id, LINK)
    shown = page(browser, cast, "noor")
    assert "Ana is here" in shown
    assert "opens when the coach opens it" in shown
    for address_of in ("/confirm", "/skip", "/order", "/pathway/steps", "/pathway/end"):
        assert address_of not in shown


def test_a_partner_finds_a_task_and_no_word_of_a_pathway(browser: Open, cast: Cast) -> None:
    begun(cast)
    home = browser("ben").get("/my/").text
    assert "My listening habits" in home
    for word in ("pathway", "Pathway", "step 1", "Small reaches", "Ana"):
        assert word not in home


def test_his_page_is_the_same_whether_or_not_her_copy_went_out_before(browser: Open, cast: Cast, wall: Wall) -> None:
    first, second, _ = begun(cast)
    send_own(cast.ana, first)
    pathway_issuing.issue_due(LINK)
    before = TOKENS.sub("", browser("ben").get("/my/").text)
    wall.forward(minutes=4)
    send_own(cast.ana, second)
    assert TOKENS.sub("", browser("ben").get("/my/").text) == before
    send_own(cast.ben, first)
    wall.forward(days=3, minutes=-4)
    pathway_issuing.issue_due(LINK)
    home = browser("ben").get("/my/").text
    assert "Small reaches" in home
    assert "Thursday 3 December" in home  # seven days from when it reached him, and not from when it reached her
