"""When what is shared opens: at 08:00 on the practice's wall, for both at one instant, also in nights an hour off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.disclosure import (
    Disclosure,
    Reader,
    Sent,
    check_change,
    hangs_on_the_other,
    may_read,
    opening_after,
    opens_to_partner,
    readable_again,
)
from portal.domain.errors import NotAllowed, NotFound
from portal.services import responses, shared, vault
from tests.cast import Cast
from tests.conftest import Wall
from tests.services.test_responses import OPEN, assign, floor, send, task_of

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC")
ANA = UUID(int=1)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see timezones
MAYBE = st.none() | INSTANTS
SENT = st.builds(Sent, st.just(ANA), INSTANTS, st.booleans(), MAYBE, MAYBE, MAYBE, exchanged_at=MAYBE)
DISCLOSURES = st.sampled_from(Disclosure)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-10-03", "2026-07-14"])
def test_it_opens_at_eight_on_the_wall_also_in_a_night_that_is_an_hour_off(zone: str, day: str) -> None:
    for hour in range(24):
        sent_at = datetime.fromisoformat(day).replace(hour=hour, minute=30, tzinfo=ZoneInfo(zone))
        opens = opening_after(sent_at.astimezone(UTC), zone)
        there = opens.astimezone(ZoneInfo(zone))
        assert (there.hour, there.minute, there.second) == (8, 0, 0)
        assert there.date() == sent_at.date() + timedelta(days=1)


@given(INSTANTS, st.sampled_from(ZONES))
def test_the_opening_lies_after_the_sending_and_before_the_day_after_the_next(sent_at: datetime, zone: str) -> None:
    assert timedelta(hours=6) < opening_after(sent_at, zone) - sent_at < timedelta(hours=34)


@given(SENT, INSTANTS, st.booleans())
def test_private_answers_are_never_the_partners(sent: Sent, at: datetime, waits: bool) -> None:
    for disclosure in (Disclosure.COACH, Disclosure.LOCKED):
        assert not may_read(disclosure, Reader.PARTNER, sent, at, waits=waits)
        assert opens_to_partner(disclosure, sent, waits=waits) is None


@given(DISCLOSURES, SENT, INSTANTS, st.booleans())
def test_a_stranger_reads_nothing_and_the_coach_everything(
    disclosure: Disclosure, sent: Sent, at: datetime, waits: bool
) -> None:
    assert not may_read(disclosure, Reader.STRANGER, sent, at, waits=waits)
    assert may_read(disclosure, Reader.COACH, sent, at, waits=waits)


@given(DISCLOSURES, SENT, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=900)), st.booleans())
def test_what_is_open_stays_open(
    disclosure: Disclosure, sent: Sent, at: datetime, later: timedelta, waits: bool
) -> None:
    if may_read(disclosure, Reader.PARTNER, sent, at, waits=waits):
        assert may_read(disclosure, Reader.PARTNER, sent, at + later, waits=waits)


@given(SENT, INSTANTS)
def test_without_the_others_sending_nothing_that_waits_opens_by_the_clock(sent: Sent, at: datetime) -> None:
    alone = Sent(ANA, sent.opens_at, alone=False, other_opens_at=None)
    assert not may_read(Disclosure.SHARED, Reader.PARTNER, alone, at, waits=True)


@given(SENT, INSTANTS)
def test_nothing_opens_before_the_authors_own_morning_unless_the_author_says_so_or_in_a_session(
    sent: Sent, at: datetime
) -> None:
    if sent.author_opened_at is sent.exchanged_at is None and at < sent.opens_at:
        assert not may_read(Disclosure.SHARED, Reader.PARTNER, sent, at, waits=True)
        assert not may_read(Disclosure.SHARED, Reader.PARTNER, sent, at, waits=False)


@given(DISCLOSURES, SENT, INSTANTS, st.booleans())
def test_what_is_opened_to_both_in_a_session_is_what_they_share_and_nothing_else(
    disclosure: Disclosure, sent: Sent, at: datetime, waits: bool
) -> None:
    before = replace(sent, exchanged_at=None)
    after = replace(sent, exchanged_at=at)
    if disclosure is Disclosure.SHARED:
        assert may_read(disclosure, Reader.PARTNER, after, at, waits=waits)
    else:
        assert opens_to_partner(disclosure, after, waits=waits) == opens_to_partner(disclosure, before, waits=waits)


@given(SENT, INSTANTS)
def test_what_a_session_alone_has_opened_stands_before_its_author_beside_the_others_alone(
    sent: Sent, at: datetime
) -> None:
    """It would tell that the other has sent."""
    waiting = Sent(ANA, sent.opens_at, alone=False, other_opens_at=None, exchanged_at=at)
    assert hangs_on_the_other(Disclosure.SHARED, waiting, at, waits=True)


@given(st.text(max_size=12) | st.none() | st.integers())
def test_a_word_that_is_no_disclosure_is_private(word: object) -> None:
    known = set(Disclosure)
    assert Disclosure.of(word) is (Disclosure(word) if word in known else Disclosure.COACH)


def test_locked_answers_are_never_read_again() -> None:
    assert [d for d in Disclosure if not readable_again(d)] == [Disclosure.LOCKED]


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=ZoneInfo("Europe/Berlin")), "2026-03-29T06:00:00+00:00"),
        (datetime(2026, 10, 24, 23, 30, tzinfo=ZoneInfo("Europe/Berlin")), "2026-10-25T07:00:00+00:00"),
    ],
)
def test_both_see_it_at_the_same_second_in_the_nights_that_are_an_hour_off(
    cast: Cast, wall: Wall, evening: datetime, morning: str
) -> None:
    wall.to(evening - timedelta(days=1))
    given_ = assign(cast, "one-holds-the-floor", due_on=(evening + timedelta(days=3)).date())
    wall.to(evening)
    for viewer in (cast.ana, cast.ben):
        send(viewer, task_of(viewer, given_), floor())
    opens = wall.to(datetime.fromisoformat(morning))
    wall.to(opens - timedelta(seconds=1))
    assert shared.for_both(cast.ana) == shared.for_both(cast.ben) == ()
    wall.to(opens)
    values = [a.answer.value for form in shared.for_both(cast.ben) for q in form.questions for a in q.answers]
    assert values == [OPEN, OPEN]
    assert shared.for_both(cast.ana) == shared.for_both(cast.ben)


def test_nobody_else_has_a_shared_page(cast: Cast) -> None:
    for stranger in (cast.ines, cast.omar, cast.sol):
        with pytest.raises(NotFound):
            shared.for_both(stranger)


@pytest.mark.parametrize(("current", "wanted"), [("shared", "coach"), ("coach", "shared")])
def test_once_its_author_has_opened_a_form_no_answer_of_it_changes_readers(current: str, wanted: str) -> None:
    morning = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    sent = Sent(ANA, morning, alone=False, other_opens_at=None, author_opened_at=morning - timedelta(hours=9))
    with pytest.raises(NotAllowed):
        check_change(Disclosure(current), Disclosure(wanted), Disclosure.SHARED, sent, morning - timedelta(hours=8))


def test_looking_at_what_is_shared_opens_no_form_that_holds_nothing_for_both(
    cast: Cast, wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    kept = {item.id: "coach" for item in responses.open_for(cast.ana, task_id).items}
    send(cast.ana, task_id, floor(), **kept)
    wall.forward(days=2)
    opened: list[str] = []
    unseal = vault.unseal
    monkeypatch.setattr(
        vault, "unseal", lambda owner, place, *rest: opened.append(place) or unseal(owner, place, *rest)
    )
    shared.for_both(cast.ben)
    assert opened == []
