"""How the work begins: a form to each alone, a first check-in with it, a talk with each, minutes alone as a routine."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.domain.assignments import For
from portal.domain.beginnings import BEGINNING
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid, NotFound
from portal.domain.parting import CoupleAct
from portal.domain.people import Label, Viewer
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.couples import Couple, Partnership
from portal.models.outbox import OutboxEntry
from portal.models.questionnaires import Questionnaire
from portal.services import (
    beginnings,
    couple_states,
    couples,
    home,
    overview,
    parting,
    passages,
    programme,
    questionnaires,
    responses,
    sent_forms,
    session_prep,
    sessions,
    shared,
)
from portal.services.beginnings import Beginning
from portal.services.sessions import NewSession
from tests.cast import PASSPHRASE, Cast
from tests.conftest import Wall
from tests.given import assign, send, task_of

LINK = "http://127.0.0.1:8000/my/"
ZONE = "Europe/Berlin"
HERS = {"brings_you": "We talk past each other", "hope": "find_out", "strength": "We laugh"}


def give(cast: Cast, couple: str = "ana") -> None:
    beginnings.give(cast.ines, cast.couples[couple], LINK)


def beginning(cast: Cast) -> Beginning:
    return beginnings.beginning(cast.ines, cast.couples["ana"], ZONE)


def titles(viewer: Viewer) -> list[str]:
    found = home.home(viewer)
    return [line.title for line in (found.next, *found.others) if line]


def send_form(cast: Cast, viewer: Viewer, said: dict[str, str]) -> None:
    [given] = passages.given(cast.couples["ana"], BEGINNING)
    send(viewer, task_of(viewer, given.assignment_id), said, f"key of {viewer.person_id}")


def said_of(cast: Cast) -> dict[tuple[str, Label], object]:
    return {
        (asked.item.id, label): answer and answer.value
        for asked in beginning(cast).asked
        for label, answer in asked.answers.items()
    }


def noted(event: str) -> list[object]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.subject_id).where(AuditEvent.event == event)))


def test_each_is_given_the_form_and_a_first_check_in_alone(cast: Cast) -> None:
    give(cast)
    for viewer in (cast.ana, cast.ben):
        assert titles(viewer) == ["Before you begin", "Weekly check-in"]
    mails = db.session.scalars(select(OutboxEntry.dedupe_key).where(OutboxEntry.dedupe_key.startswith("task:"))).all()
    assert len(mails) == 4


def test_no_second_check_in_goes_with_it(cast: Cast, wall: Wall) -> None:
    assign(cast, "weekly-check-in")
    wall.forward(hours=24 * 5)
    give(cast)
    assert titles(cast.ana) == ["Before you begin", "Weekly check-in"]


def test_it_is_given_once(cast: Cast) -> None:
    give(cast)
    with pytest.raises(Invalid, match="given_already"):
        give(cast)
    assert len(passages.given(cast.couples["ana"], BEGINNING)) == 1
    assert not beginning(cast).may_be_given


def test_those_who_were_invited_find_it_when_they_come_in(cast: Cast) -> None:
    give(cast, "gil")
    [given] = passages.given(cast.couples["gil"], BEGINNING)
    assert given.given_to == For.BOTH


def test_no_question_of_it_can_ever_open_to_the_other(cast: Cast, wall: Wall) -> None:
    give(cast)
    [given] = passages.given(cast.couples["ana"], BEGINNING)
    asked = responses.open_for(cast.ana, task_of(cast.ana, given.assignment_id)).items
    assert {item.disclosure for item in asked} == {Disclosure.COACH}
    for viewer in (cast.ana, cast.ben):
        send_form(cast, viewer, HERS)
    wall.forward(hours=48)
    assert (shared.for_both(cast.ana), shared.for_both(cast.ben)) == ((), ())


def test_its_coach_reads_both_side_by_side_and_what_each_hopes_for_on_the_couples_page(cast: Cast) -> None:
    give(cast)
    send_form(cast, cast.ana, HERS)
    assert said_of(cast)["hope", Label.A] == "find_out"
    assert [one.form is not None for one in beginning(cast).partners] == [True, False]
    send_form(cast, cast.ben, {"hope": "improve"})
    assert said_of(cast)["brings_you", Label.B] is None
    hopes = overview.overview(cast.ines, cast.couples["ana"], ZONE).hopes
    assert [(hope.name, hope.text) for hope in hopes] == [
        ("Ana", "To find out whether we go on together"),
        ("Ben", "That it gets better between us"),
    ]


def test_who_looks_has_read_the_forms(cast: Cast) -> None:
    give(cast)
    send_form(cast, cast.ana, HERS)
    [form] = sent_forms.of_couple(cast.ines, cast.couples["ana"])
    assert form.response_id not in noted("response:read")
    beginning(cast)
    assert form.response_id in noted("response:read")


def test_a_brief_in_which_it_does_not_stand_is_no_reading_of_it(cast: Cast, wall: Wall) -> None:
    give(cast)
    send_form(cast, cast.ana, HERS)
    hour = wall.now + timedelta(days=2)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], NewSession(SessionKind.JOINT, hour, 60))
    session_prep.coach_brief(cast.ines, session_id)
    read = select(AuditEvent.event).where(AuditEvent.event == "response:read_in_brief")
    assert db.session.scalars(read).all() == []


def test_who_has_stopped_taking_part_is_given_nothing(cast: Cast) -> None:
    parting.leave(cast.ana, PASSPHRASE, LINK, hides=False)
    give(cast)
    [given] = passages.given(cast.couples["ana"], BEGINNING)
    assert given.given_to == For.B
    assert titles(cast.ana) == []


def test_nothing_is_given_once_the_work_has_ended(cast: Cast) -> None:
    couple_states.act(cast.ines, cast.couples["ana"], CoupleAct.CLOSE)
    assert not beginning(cast).may_be_given
    with pytest.raises(Invalid, match="couple_not_active"):
        give(cast)


def test_the_form_is_the_practices_own_from_the_first_day_and_no_exercise(cast: Cast) -> None:
    give(cast)
    give(cast, "gil")
    own = select(Questionnaire.kind).where(Questionnaire.slug == BEGINNING)
    assert db.session.scalars(own).all() == ["passage"]
    assert BEGINNING not in {entry.slug for entry in programme.library(cast.ines)}
    assert "Before you begin" not in {line.title for line in questionnaires.lines(cast.ines)}


def test_under_open_policy_nothing_is_asked_for_the_coach_alone_beforehand(cast: Cast) -> None:
    give(cast)
    [given] = passages.given(cast.couples["ana"], BEGINNING)
    asked = responses.open_for(cast.ana, task_of(cast.ana, given.assignment_id)).items
    assert "before_we_meet" in {item.id for item in asked}
    [entry] = [one for one in asked if one.id == "before_we_meet"]
    assert entry.hidden_under_policy == ("open",)


def talk(cast: Cast, day: date | None) -> None:
    beginnings.note_talk(cast.ines, cast.couples["ana"], cast.ana.person_id, day)


def unspoken(cast: Cast, wall: Wall, kind: SessionKind = SessionKind.JOINT) -> tuple[str, ...]:
    new = NewSession(kind, wall.now + timedelta(hours=2), 50)
    return sessions.session(cast.ines, sessions.plan(cast.ines, cast.couples["ana"], new)).unspoken


def test_a_talk_with_each_is_missed_quietly_until_it_is_noted(cast: Cast, wall: Wall) -> None:
    assert unspoken(cast, wall) == ("Ana", "Ben")
    talk(cast, wall.now.date())
    wall.forward(hours=1)
    assert unspoken(cast, wall) == ("Ben",)
    assert unspoken(cast, wall, SessionKind.INDIVIDUAL_A) == ()
    shown = couples.couple(cast.ines, cast.couples["ana"])
    assert [partner.spoken_on for partner in shown.partners] == [wall.now.date(), None]


def test_a_talk_is_on_record_and_can_be_taken_back(cast: Cast, wall: Wall) -> None:
    for day in (wall.now.date(), wall.now.date(), None):
        talk(cast, day)
    assert noted("talk_alone:noted") == [cast.ana.person_id]
    assert noted("talk_alone:taken_back") == [cast.ana.person_id]
    assert db.session.scalars(select(Partnership.spoken_on)).all().count(None) == len(
        db.session.scalars(select(Partnership.person_id)).all()
    )


def test_no_talk_is_noted_that_has_not_been(cast: Cast, wall: Wall) -> None:
    with pytest.raises(Invalid, match="day_not_yet"):
        talk(cast, wall.now.date() + timedelta(days=2))


def test_minutes_alone_are_a_routine_from_the_start_and_both_hear_the_same(cast: Cast, wall: Wall) -> None:
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(days=2), 50)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], new)
    for minutes in (10, 15):
        if minutes != 10:
            beginnings.set_alone_minutes(cast.ines, cast.couples["ana"], minutes)
        heard = [sessions.next_for_partner(viewer) for viewer in (cast.ana, cast.ben)]
        assert heard[0] == heard[1] is not None
        assert heard[0].alone_minutes == minutes
        assert sessions.session(cast.ines, session_id).line.alone_minutes == minutes
    assert noted("alone_minutes:set") == [cast.couples["ana"]]


def test_a_session_of_one_alone_has_no_such_minutes(cast: Cast, wall: Wall) -> None:
    new = NewSession(SessionKind.INDIVIDUAL_A, wall.now + timedelta(days=2), 50)
    session_id = sessions.plan(cast.ines, cast.couples["ana"], new)
    assert sessions.session(cast.ines, session_id).line.alone_minutes == 0


@pytest.mark.parametrize("minutes", [-1, 61])
def test_no_more_minutes_than_a_session_holds(cast: Cast, minutes: int) -> None:
    with pytest.raises(Invalid, match="out_of_range"):
        beginnings.set_alone_minutes(cast.ines, cast.couples["ana"], minutes)
    assert set(db.session.scalars(select(Couple.alone_minutes))) == {10}


def test_a_colleague_finds_nothing(cast: Cast) -> None:
    couple_id = cast.couples["ana"]
    for attempt in (
        lambda: beginnings.beginning(cast.omar, couple_id, ZONE),
        lambda: beginnings.give(cast.omar, couple_id, LINK),
        lambda: beginnings.note_talk(cast.omar, couple_id, cast.ana.person_id, None),
        lambda: beginnings.set_alone_minutes(cast.omar, couple_id, 5),
    ):
        with pytest.raises(NotFound):
            attempt()
