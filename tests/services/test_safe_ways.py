"""How somebody can be reached is said behind the pass phrase, read by who acts for them, and obeyed by mails."""

from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.errors import Invalid, NotFound
from portal.domain.safe_ways import SafeWayOfReaching
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.outbox import OutboxEntry
from portal.models.safe_ways import SafeWay
from portal.services import covers, exports, outbox, resets, safe_ways
from tests.cast import PASSPHRASE, Cast, address_of
from tests.conftest import START
from tests.given import assign

NOON = SafeWayOfReaching(phone=True, number="0151 2300 4455", times="Weekdays at noon", words="Never in the evening")
LINK = "http://127.0.0.1:8000/my/"


def mails_to(name: str) -> list[str]:
    """What waits to be sent to somebody; they came in by an invitation long ago."""
    waiting = [mail.message for mail in outbox.due() if mail.address == address_of(name)]
    return [message for message in waiting if message != "invitation"]


def events() -> list[tuple[str, UUID | None]]:
    rows = select(AuditEvent.event, AuditEvent.subject_id).where(AuditEvent.event.like("safe_way:%"))
    return [(row.event, row.subject_id) for row in db.session.execute(rows.order_by(AuditEvent.number))]


def test_what_was_said_is_read_by_the_coach_and_every_look_is_on_record(cast: Cast) -> None:
    safe_ways.say(cast.ana, PASSPHRASE, NOON)
    assert safe_ways.of(cast.ines, cast.ana.person_id) == NOON
    assert safe_ways.of(cast.ines, cast.ben.person_id) is None
    assert [(one.name, one.way) for one in safe_ways.of_couple(cast.ines, cast.couples["ana"])] == [
        ("Ana", NOON),
        ("Ben", None),
    ]
    ana, ben = cast.ana.person_id, cast.ben.person_id
    reads = [("safe_way:read", who) for who in (ana, ben, ana, ben)]
    assert events() == [("safe_way:changed", ana), *reads]


def test_nobody_else_reads_it_but_who_covers_for_the_coach(cast: Cast) -> None:
    safe_ways.say(cast.ana, PASSPHRASE, NOON)
    for other in (cast.omar, cast.mira, cast.noor, cast.sol, cast.ben, cast.ana):
        with pytest.raises(NotFound):
            safe_ways.of(other, cast.ana.person_id)
        with pytest.raises(NotFound):
            safe_ways.of_couple(other, cast.couples["ana"])
    day = START.date()
    covers.arrange(cast.ines, cast.ines.person_id, cast.omar.person_id, day, day)
    assert safe_ways.of(cast.omar, cast.ana.person_id) == NOON


def test_a_later_word_stands_in_place_of_the_earlier(cast: Cast) -> None:
    safe_ways.say(cast.ana, PASSPHRASE, NOON)
    safe_ways.say(cast.ana, PASSPHRASE, SafeWayOfReaching(words="By mail alone"))
    assert safe_ways.own(cast.ana, PASSPHRASE) == SafeWayOfReaching(words="By mail alone")
    assert len(db.session.scalars(select(SafeWay)).all()) == 1


def test_it_is_neither_shown_nor_changed_without_the_pass_phrase(cast: Cast) -> None:
    for act in (lambda: safe_ways.own(cast.ana, "not it"), lambda: safe_ways.say(cast.ana, "not it", NOON)):
        with pytest.raises(Invalid, match="wrong_passphrase"):
            act()
    assert db.session.scalars(select(SafeWay)).all() == []


def test_whoever_reads_the_mailbox_neither_sees_nor_says_it(cast: Cast) -> None:
    safe_ways.say(cast.ana, PASSPHRASE, NOON)
    fresh = reset(cast)
    for act in (lambda: safe_ways.own(cast.ana, fresh), lambda: safe_ways.say(cast.ana, fresh, SafeWayOfReaching())):
        with pytest.raises(Invalid, match="stays_sealed"):
            act()
    assert safe_ways.of(cast.ines, cast.ana.person_id) == NOON


def reset(cast: Cast) -> str:
    resets.ask_for_reset(address_of("ana"), "http://127.0.0.1:8000/reset/{token}")
    resets.answer_requests()
    [mail] = [mail for mail in outbox.due() if mail.message == "reset"]
    resets.reset_passphrase(mail.words["link"].rsplit("/", 1)[1], "orange ladder quiet harbour")
    return "orange ladder quiet harbour"


@pytest.mark.parametrize("way", [SafeWayOfReaching(mail=False), SafeWayOfReaching(between_sessions=False)])
def test_no_mail_about_a_task_comes_to_who_wants_none_and_the_other_gets_theirs(
    cast: Cast, way: SafeWayOfReaching
) -> None:
    assign(cast, "one-holds-the-floor")  # it waits still when Ana says so
    safe_ways.say(cast.ana, PASSPHRASE, way)
    assert mails_to("ana") == []
    assert len(mails_to("ben")) == 1
    own = select(OutboxEntry).where(OutboxEntry.person_id == cast.ana.person_id, OutboxEntry.message == "task")
    [entry] = db.session.scalars(own)
    assert entry.done_at is not None
    assert entry.payload is None
    safe_ways.say(cast.ana, PASSPHRASE, NOON)
    assign(cast, "ten-clear-minutes")
    assert mails_to("ana") == ["task"]


def test_a_mail_about_the_pass_phrase_comes_all_the_same(cast: Cast) -> None:
    safe_ways.say(cast.ana, PASSPHRASE, SafeWayOfReaching(mail=False, between_sessions=False))
    resets.ask_for_reset(address_of("ana"), "http://127.0.0.1:8000/reset/{token}")
    resets.answer_requests()
    assert mails_to("ana") == ["reset"]


@pytest.mark.parametrize("field", ["number", "times", "words"])
def test_what_is_longer_than_its_place_is_refused_and_named(cast: Cast, field: str) -> None:
    with pytest.raises(Invalid, match="too_long") as refusal:
        safe_ways.say(cast.ana, PASSPHRASE, SafeWayOfReaching(**{field: "x" * 1001}))
    assert refusal.value.params["field"] == field


def test_ones_own_file_tells_nothing_of_it_for_somebody_may_be_made_to_show_it(cast: Cast) -> None:
    before = exports.own_data(cast.ana, PASSPHRASE)
    safe_ways.say(cast.ana, PASSPHRASE, NOON)
    assert exports.own_data(cast.ana, PASSPHRASE) == before
