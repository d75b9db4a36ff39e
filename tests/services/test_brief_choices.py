"""What a coach chooses for a copy of the brief: kept with the session, for that copy alone, of what stands in it."""

from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.brief import LeftOut
from portal.domain.brief_choices import Copy
from portal.domain.errors import Invalid, NotFound
from portal.domain.sessions import SessionKind
from portal.extensions import db
from portal.services import brief_choices, session_prep, sessions
from portal.services.sessions import NewSession
from tests.cast import Cast
from tests.conftest import Wall
from tests.given import assign, floor, send, task_of

SAID = "That he asks kindly"


@pytest.fixture
def session(cast: Cast, wall: Wall) -> UUID:
    """A session of both tomorrow, after homework of which both have shared what they understood."""
    given = assign(cast, "one-holds-the-floor")
    for partner in (cast.ana, cast.ben):
        send(partner, task_of(partner, given), floor(understood=SAID))
    wall.forward(minutes=60 * 24)
    new = NewSession(SessionKind.JOINT, wall.now + timedelta(days=1), 60)
    return sessions.plan(cast.ines, cast.couples["ana"], new)


def quotes(cast: Cast, session: UUID, copy: Copy) -> list[str]:
    if copy is Copy.JOINT:
        offered = session_prep.joint_page(cast.ines, session).offered
    else:
        offered = session_prep.screen(cast.ines, session).offered
    return [quote.key for quote in offered.quotes]


def said(brief: object) -> list[str]:
    return [account.quote for row in brief.homework for account in row.accounts if account.quote]  # type: ignore[attr-defined]


def test_a_line_of_ones_own_stands_in_its_copy_alone(cast: Cast, session: UUID) -> None:
    brief_choices.keep(cast.ines, session, Copy.COACH, "  Begin with\nthe walk ", [], [])
    assert session_prep.coach_brief(cast.ines, session).own_line == "Begin with the walk"
    assert session_prep.joint_brief(cast.ines, session).own_line == ""
    brief_choices.keep(cast.ines, session, Copy.COACH, "", [], [])
    assert session_prep.coach_brief(cast.ines, session).own_line == ""


@pytest.mark.parametrize("copy", list(Copy))
def test_words_that_stay_out_of_one_copy_stand_in_the_other(cast: Cast, session: UUID, copy: Copy) -> None:
    other = Copy.COACH if copy is Copy.JOINT else Copy.JOINT
    briefs = {Copy.COACH: session_prep.coach_brief, Copy.JOINT: session_prep.joint_brief}
    keys = quotes(cast, session, copy)
    assert len(keys) == 2
    brief_choices.keep(cast.ines, session, copy, "", keys[:1], [])
    assert said(briefs[copy](cast.ines, session)) == [SAID]
    assert said(briefs[other](cast.ines, session)) == [SAID, SAID]
    coach = session_prep.coach_brief(cast.ines, session)
    assert (LeftOut.HIDDEN_QUOTES in coach.left_out) is (copy is Copy.COACH)


def test_all_words_of_one_alone_are_said_to_be(cast: Cast, session: UUID) -> None:
    assert session_prep.coach_brief(cast.ines, session).quoted_alone is None


def test_openers_that_fit_are_picked_and_others_give_way_to_the_rule(cast: Cast, session: UUID) -> None:
    by_rule = session_prep.coach_brief(cast.ines, session).openers
    brief_choices.keep(cast.ines, session, Copy.COACH, "", [], ["o20"])
    assert [opener.id for opener in session_prep.coach_brief(cast.ines, session).openers] == ["o20"]
    brief_choices.keep(cast.ines, session, Copy.COACH, "", [], ["o12"])  # both far from blaming: it fits no more
    assert session_prep.coach_brief(cast.ines, session).openers == by_rule


@pytest.mark.parametrize(
    ("line", "hidden", "openers", "field"),
    [
        ("x" * 261, [], [], "line"),
        ("", [], ["o03", "o04", "o16", "o20"], "openers"),
        ("", ["a b"], [], "hidden"),
        ("", ["x" * 81], [], "hidden"),
        ("", [str(n) for n in range(41)], [], "hidden"),
        ("", [], [""], "openers"),
    ],
)
def test_what_cannot_be_chosen_is_refused(
    cast: Cast, session: UUID, line: str, hidden: list[str], openers: list[str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        brief_choices.keep(cast.ines, session, Copy.COACH, line, hidden, openers)
    assert refused.value.params["field"] == field


def test_nobody_else_chooses_and_an_individual_session_has_no_joint_copy(cast: Cast, session: UUID) -> None:
    for stranger in (cast.omar, cast.sol, cast.mira, cast.noor, cast.ana):
        with pytest.raises(NotFound):
            brief_choices.keep(stranger, session, Copy.COACH, "Mine", [], [])
        db.session.rollback()
    alone = NewSession(SessionKind.INDIVIDUAL_A, sessions.ahead(cast.ines)[0].starts_at + timedelta(days=1), 60)
    alone_id = sessions.plan(cast.ines, cast.couples["ana"], alone)
    with pytest.raises(NotFound):
        brief_choices.keep(cast.ines, alone_id, Copy.JOINT, "Mine", [], [])
