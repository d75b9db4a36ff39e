"""Noninterference: whatever Ana does in private, every byte that Ben can get stays the same."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from sqlalchemy import func, select

from portal.extensions import db
from portal.models.assignments import Task
from portal.models.audit import AuditEvent
from portal.models.outbox import OutboxEntry
from portal.models.responses import Response
from portal.models.safety import ProtocolLine
from tests.privacy import acts, looks, twin

# to the door, to the pass phrase once more, or nowhere any more
LEAD_ELSEWHERE = {
    "/",
    "/sign-in",
    "/account/calendar",
    "/account/second-key",
    "/account/second-key/app",
    "/account/second-key/set-up",
    "/invitations/<token>",
    "/reset/<token>",
}
PRINTED_EVERY = 20
OFTEN = 100  # times that each address is asked for in a run of 300
ALWAYS_OPEN_TO_BEN = {
    "/my/",
    "/my/shared",
    "/my/shelf",
    "/my/account",
    "/my/export",
    "/my/account/readings",
    "/my/before-session",
    "/my/account/data",
    "/my/account/safe-contact",
    "/my/account/leaving",
    "/my/account/agreeing",
    "/my/account/authorisation",
    "/my/account/consent",
    "/my/tasks/<uuid:task_id>",
}


GIVEN_WHILE_SHE_WAITS: acts.History = (
    (acts.Act("ana", "send", 14),),
    (acts.Act("ana", "send_alone", 30, False), acts.Act("ana", "send", 16), acts.Act("coach", "assign_both", 19)),
)
HELD: acts.History = (
    (
        acts.Act("coach", "assign_ana", 3),
        acts.Act("ana", "afraid"),
        acts.Act("coach", "assign_joint", 1),
        acts.Act("ben", "look_around"),
    ),
)
SIGNED_ALONE: acts.History = (
    (acts.Act("coach", "publish", 1), acts.Act("ana", "sign_consent", 1), acts.Act("ana", "send", 2)),
)
CORRECTED_ONCE_BOTH_HAVE_READ: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("ben", "send", 2)),
    (acts.Act("coach", "read_ana"), acts.Act("ana", "correct_shared", 2), acts.Act("ana", "correct", 4)),
)
SENT_TO_NOBODY_AFTER_BEN_SHARED: acts.History = ((acts.Act("ben", "send", 2), acts.Act("ana", "send_closed", 2)),)
ASKED_AND_ANSWERED: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("ben", "send", 2)),
    (
        *(acts.Act("coach", "ask_ana", 1), acts.Act("ana", "answer_request", 4)),
        *(acts.Act("ana", "safe_way", 2), acts.Act("coach", "assign_both", 3)),
    ),
)
SHE_LEAVES: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("ben", "draft", 2), acts.Act("ana", "leave", 2), acts.Act("ben", "send", 2)),
    (acts.Act("coach", "sweep"), acts.Act("ben", "send", 1), acts.Act("coach", "assign_ben", 3)),
)
SHE_LEAVES_WHAT_WAITS_FOR_HIM: acts.History = (
    (acts.Act("ana", "send", 1),),
    (acts.Act("ana", "send", 2), acts.Act("ana", "correct_shared", 1), acts.Act("ana", "leave", 3)),
    (acts.Act("ben", "send", 1), acts.Act("coach", "sweep"), acts.Act("ben", "send", 3), acts.Act("ben", "send", 2)),
)

WHAT_MAY_LEAVE: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("coach", "ask_both", 1), acts.Act("ana", "authorise", 0)),
    (acts.Act("ben", "send", 2), acts.Act("ana", "authorise", 1), acts.Act("coach", "drain")),
)
SHE_LEAVES_AND_A_JOINT_TASK_WAS_PLANNED: acts.History = (
    (acts.Act("ana", "leave", 34),),
    (acts.Act("coach", "assign_ana", 31, False), acts.Act("coach", "assign_joint", 23)),
)

SHE_COMES_BACK: acts.History = (
    (acts.Act("ana", "send", 2), acts.Act("ben", "send", 2), acts.Act("ana", "reset"), acts.Act("ana", "correct", 1)),
    (
        acts.Act("ana", "leave", 1),
        acts.Act("coach", "ask_anew"),
        acts.Act("ana", "agree_anew", 2),
        acts.Act("ben", "send", 1),
    ),
    (acts.Act("ana", "look_at_part"), acts.Act("coach", "sweep"), acts.Act("ana", "reset"), acts.Act("ben", "send", 3)),
)

SHE_COMES_BACK_AND_SHARES: acts.History = (
    (
        *(acts.Act("ana", "send", 2), acts.Act("ana", "leave", 1), acts.Act("coach", "ask_anew")),
        *(acts.Act("coach", "assign_ben", 3), acts.Act("ana", "agree_anew", 2), acts.Act("ben", "send", 2)),
    ),
    (
        *(acts.Act("coach", "assign_both", 5), acts.Act("ana", "send", 2), acts.Act("ben", "send", 2)),
        *(acts.Act("coach", "agreed", 1), acts.Act("ana", "send", 0), acts.Act("ben", "send", 0)),
    ),
    (acts.Act("ana", "correct_shared", 2), acts.Act("coach", "sweep"), acts.Act("coach", "assign_joint", 1)),
)

SENT_BEFORE_IT_WAS_TO_BE_CLOSED: acts.History = (
    (acts.Act("ana", "send", 36), acts.Act("ana", "send_closed", 32)),
    (acts.Act("ben", "send", 38), acts.Act("ana", "look_around")),
)
SENT_BEFORE_IT_WAS_CLOSED_OTHERWISE: acts.History = (
    (acts.Act("ana", "send", 36), acts.Act("ana", "send_closed", 32, False), acts.Act("ben", "send", 38)),
)
SENT_BEFORE_IT_WAS_SWAPPED: acts.History = (
    (acts.Act("ben", "send", 32, False), acts.Act("ana", "send", 29, False), acts.Act("coach", "swap", 29, False)),
)
IT_COMES_AGAIN_AND_STANDS_ON_THE_WAY: acts.History = (
    (
        *(acts.Act("coach", "repeat", 2), acts.Act("coach", "pathway", 1), acts.Act("coach", "sweep")),
        *(acts.Act("ana", "go_on", 0), acts.Act("coach", "extend", 4)),
    ),
    (acts.Act("ana", "pick"), acts.Act("coach", "sweep"), acts.Act("coach", "sweep"), acts.Act("coach", "compare", 1)),
    (acts.Act("coach", "sweep"), acts.Act("coach", "give_many", 2), acts.Act("coach", "compare", 0)),
)
GIVEN_TO_MANY_AFTER_A_CHOICE: acts.History = (
    (
        *(acts.Act("coach", "offer_choice", 1), acts.Act("ana", "pick"), acts.Act("coach", "assign_ana", 37)),
        *(acts.Act("coach", "give_many", 1), acts.Act("coach", "give_many", 2), acts.Act("coach", "give_many", 3)),
    ),
    (acts.Act("ana", "send", 2), acts.Act("ben", "send", 2), acts.Act("coach", "compare", 2)),
)
EACH_AT_THEIR_OWN_PACE: acts.History = (
    (
        *(acts.Act("coach", "pathway", 1), acts.Act("coach", "sweep"), acts.Act("ana", "go_on", 0)),
        *(acts.Act("coach", "sweep"), acts.Act("ben", "look_around")),
    ),
    (acts.Act("coach", "work"), acts.Act("ben", "send", 2), acts.Act("coach", "work"), acts.Act("coach", "read_brief")),
    (acts.Act("coach", "work"), acts.Act("ben", "send", 4), acts.Act("coach", "work"), acts.Act("coach", "drain")),
)
TYPED_IN_FROM_PAPER: acts.History = (
    (
        *(acts.Act("ana", "draft", 2), acts.Act("ben", "send", 2), acts.Act("coach", "paper_in_ana", 2)),
        *(acts.Act("ana", "correct", 2), acts.Act("ana", "send", 2), acts.Act("coach", "read_ana")),
    ),
    (acts.Act("coach", "read_brief", 1), acts.Act("ana", "correct_shared", 2), acts.Act("ana", "open_now", 2)),
    (acts.Act("coach", "paper_in_ana", 0, False), acts.Act("coach", "review_ana"), acts.Act("ana", "own_data")),
)
OPENED_TO_BOTH_IN_A_SESSION: acts.History = (
    (
        *(acts.Act("ana", "send", 2), acts.Act("coach", "open_in_session", 2), acts.Act("ben", "send", 2)),
        *(acts.Act("coach", "open_in_session", 2), acts.Act("ana", "correct", 2), acts.Act("ben", "look_around")),
        *(acts.Act("ana", "correct_shared", 2), acts.Act("coach", "read_ana")),
    ),
    (
        *(acts.Act("coach", "assign_both", 5), acts.Act("ben", "send", 2), acts.Act("ana", "send_closed", 2)),
        *(acts.Act("coach", "open_in_session", 2), acts.Act("ben", "reveal", 2), acts.Act("coach", "read_brief", 1)),
    ),
)

A_SHELF_FOR_BOTH: acts.History = (
    (acts.Act("coach", "go_on_to_step", 1), acts.Act("ana", "look_around"), acts.Act("ana", "leave", 1)),
    (acts.Act("coach", "go_on_to_step", 3), acts.Act("ana", "look_around"), acts.Act("coach", "go_on_to_step", 8)),
)

A_STEP_IS_CHANGED: acts.History = (
    (
        *(acts.Act("coach", "pathway", 1), acts.Act("coach", "sweep"), acts.Act("ana", "go_on", 0)),
        *(acts.Act("coach", "sweep"), acts.Act("coach", "change_step", 0), acts.Act("coach", "sweep")),
    ),
    (acts.Act("coach", "change_step", 4), acts.Act("coach", "work"), acts.Act("ben", "send", 4)),
    (acts.Act("coach", "work"), acts.Act("ben", "look_around"), acts.Act("coach", "change_step", 2)),
)

A_MEASURE_FOR_HER: acts.History = (
    (
        *(acts.Act("coach", "assign_measure_ana", 3), acts.Act("ana", "send_alone", 0), acts.Act("ben", "send", 2)),
        *(acts.Act("coach", "look_at_signals"), acts.Act("ana", "own_data"), acts.Act("coach", "drain")),
    ),
    (acts.Act("coach", "assign_measure_ana", 1), acts.Act("ana", "send_alone", 1), acts.Act("coach", "read_brief")),
    (acts.Act("coach", "assign_measure_ana", 5, False), acts.Act("ana", "send_alone", 2), acts.Act("ana", "export")),
)

ASKED_BEFORE_A_SESSION: acts.History = (
    (acts.Act("coach", "check_in_before", 2), acts.Act("ana", "draft", 0), acts.Act("coach", "sweep")),
    (
        *(acts.Act("ana", "send_alone", 1), acts.Act("ben", "send", 1), acts.Act("coach", "read_brief")),
        *(acts.Act("coach", "drain"), acts.Act("coach", "sweep")),
    ),
    (acts.Act("coach", "check_in_before", 3), acts.Act("ana", "send_alone", 2), acts.Act("coach", "read_brief")),
)

HOW_IT_BEGINS: acts.History = (
    (
        *(acts.Act("coach", "begin_with_both", 3), acts.Act("coach", "session_both", 2), acts.Act("ana", "send", 2)),
        *(acts.Act("coach", "talk_with_ana", 4), acts.Act("ben", "send", 2), acts.Act("coach", "look_at_couple")),
    ),
    (acts.Act("coach", "begin_with_both", 8), acts.Act("coach", "talk_with_ana", 3, False), acts.Act("ana", "send", 2)),
)

HOW_IT_ENDS: acts.History = (
    (
        *(acts.Act("coach", "end_with_both", 1), acts.Act("ana", "send", 2), acts.Act("ben", "send", 2)),
        *(acts.Act("coach", "agreed", 1), acts.Act("ana", "booklet", 1), acts.Act("ana", "draft", 2)),
    ),
    (acts.Act("coach", "end_with_both", 0), acts.Act("ana", "send", 3), acts.Act("ben", "send", 3)),
    (acts.Act("ana", "booklet", 3), acts.Act("ana", "leave", 1), acts.Act("ana", "booklet", 1)),
)
ASKED_ONCE_MORE: acts.History = (
    (acts.Act("coach", "end_with_both", 1), acts.Act("ana", "send", 2), acts.Act("coach", "close")),
    (acts.Act("ana", "later", 0), acts.Act("ana", "later", 1, False), acts.Act("coach", "work")),
    (acts.Act("ana", "later", 2), acts.Act("ana", "own_data"), acts.Act("coach", "work"), acts.Act("coach", "drain")),
)

NAMED = {
    "asked before a session": ASKED_BEFORE_A_SESSION,
    "how it ends": HOW_IT_ENDS,
    "asked once more": ASKED_ONCE_MORE,
    "how it begins": HOW_IT_BEGINS,
    "a measure for her": A_MEASURE_FOR_HER,
    "a step is changed": A_STEP_IS_CHANGED,
    "a shelf for both": A_SHELF_FOR_BOTH,
    "opened to both in a session": OPENED_TO_BOTH_IN_A_SESSION,
    "typed in from paper": TYPED_IN_FROM_PAPER,
    "each at their own pace": EACH_AT_THEIR_OWN_PACE,
    "it comes again, and stands on the way": IT_COMES_AGAIN_AND_STANDS_ON_THE_WAY,
    "given to many after a choice": GIVEN_TO_MANY_AFTER_A_CHOICE,
    "given while she waits": GIVEN_WHILE_SHE_WAITS,
    "held": HELD,
    "signed alone": SIGNED_ALONE,
    "corrected once both have read": CORRECTED_ONCE_BOTH_HAVE_READ,
    "sent to nobody after Ben shared": SENT_TO_NOBODY_AFTER_BEN_SHARED,
    "asked and answered": ASKED_AND_ANSWERED,
    "she leaves": SHE_LEAVES,
    "what may leave": WHAT_MAY_LEAVE,
    "she leaves what waits for him": SHE_LEAVES_WHAT_WAITS_FOR_HIM,
    "she comes back": SHE_COMES_BACK,
    "she comes back, and shares": SHE_COMES_BACK_AND_SHARES,
    "sent before it was to be closed": SENT_BEFORE_IT_WAS_TO_BE_CLOSED,
    "sent before it was closed otherwise": SENT_BEFORE_IT_WAS_CLOSED_OTHERWISE,
    "sent before it was swapped": SENT_BEFORE_IT_WAS_SWAPPED,
    "she leaves, and a joint task was planned": SHE_LEAVES_AND_A_JOINT_TASK_WAS_PLANNED,
}


@contextmanager
def lived_in(run: twin.Run) -> Iterator[None]:
    """The first house of a run, looked into; closed again, so that the next run stands on a database of its own."""
    with run.house.app.app_context():
        yield
    run.house.close()


def test_ben_sees_the_same_whatever_ana_does_in_private(
    databases: Callable[[str], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    lived: list[acts.History] = []
    answered: Counter[tuple[str, int]] = Counter()

    draw, histories = request.config.getoption("--draw"), request.config.getoption("--histories")

    @settings(
        max_examples=histories,
        derandomize=not draw,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @seed(draw)
    @given(acts.histories())
    def holds(history: acts.History) -> None:
        prints = len(lived) % PRINTED_EVERY == 0
        run = twin.lived_twice(history, databases, tmp_path, prints=prints, turn=len(lived))
        lived.append(history)
        answered.update(run.answered)

    holds()
    assert sum(map(acts.has_private_act_between_looks, lived)) >= 0.3 * len(lived)
    assert all(answered[rule, 200] >= len(lived) for rule in ALWAYS_OPEN_TO_BEN)
    often, asked = min(OFTEN, len(lived) // looks.TURNS), _asked(databases, tmp_path)
    assert {rule for rule in asked if answered[rule, 200] + answered[rule, 404] < often} == LEAD_ELSEWHERE
    not_his = {rule for rule in asked if "<uuid:" in rule or rule.startswith("/coach/")}
    assert {rule for rule in not_his if answered[rule, 404] < often} == set()


@pytest.mark.parametrize("name", NAMED)
def test_what_is_told_by_name_is_the_same_too(name: str, databases: Callable[[str], str], tmp_path: Path) -> None:
    """Histories in which something was once found, or in which much happens at once; Ben looks at every address."""
    twin.lived_twice(NAMED[name], databases, tmp_path)


def test_that_she_goes_on_alone_is_lived(databases: Callable[[str], str], tmp_path: Path) -> None:
    """In the first run Ana has what follows before Ben does; he comes to it later, and in the twin she never does."""
    run = twin.lived_twice(EACH_AT_THEIR_OWN_PACE, databases, tmp_path)
    second = run.house.later_steps[0]
    with lived_in(run):
        rows = db.session.execute(
            select(Task.person_id, Task.issued_at).where(Task.assignment_id == second).order_by(Task.issued_at)
        ).all()
        cast = run.house.cast
        assert [row.person_id for row in rows] == [cast.ana.person_id, cast.ben.person_id]
        assert rows[0].issued_at < rows[1].issued_at


def test_that_a_sheet_of_hers_is_typed_in_is_lived(databases: Callable[[str], str], tmp_path: Path) -> None:
    """In the first run Ines types in the first of what both were given, and Ana corrects it."""
    run = twin.lived_twice(TYPED_IN_FROM_PAPER, databases, tmp_path)
    with lived_in(run):
        from_paper = select(Response).where(Response.entered_by.is_not(None))
        [response] = db.session.scalars(from_paper).all()
        assert response.person_id == run.house.cast.ana.person_id
        assert response.corrected_at is not None
        assert not response.may_open


def test_that_something_is_opened_to_both_in_a_session_is_lived(
    databases: Callable[[str], str], tmp_path: Path
) -> None:
    """The first opens once both have sent it; of what she sends with nothing for him nothing ever does."""
    run = twin.lived_twice(OPENED_TO_BOTH_IN_A_SESSION, databases, tmp_path)
    with lived_in(run):
        exchanged = select(Task.assignment_id).join(Response, Response.task_id == Task.id)
        found = db.session.scalars(exchanged.where(Response.exchanged_at.is_not(None))).all()
        assert found == [run.house.for_both[0]] * 2
        sent = db.session.scalars(exchanged.where(Task.assignment_id == run.house.for_both[2])).all()
        assert len(sent) == 2


def test_that_a_measure_is_answered_and_raises_a_flag_is_lived(databases: Callable[[str], str], tmp_path: Path) -> None:
    run = twin.lived_twice(A_MEASURE_FOR_HER, databases, tmp_path)
    with lived_in(run):
        away = db.session.scalars(select(Task).where(Task.put_away_at.is_not(None))).all()
        assert {task.person_id for task in away} == {run.house.cast.ana.person_id}
        assert len(away) == 2


def test_that_she_comes_back_is_lived(databases: Callable[[str], str], tmp_path: Path) -> None:
    """In the first run a link of a mail sets her pass phrase twice, she leaves, and agrees anew."""
    run = twin.lived_twice(SHE_COMES_BACK, databases, tmp_path)
    with lived_in(run):
        told = Counter(db.session.scalars(select(AuditEvent.event)))
    lived = ("reset:done", "person:vouched_for", "taking_part:ended", "taking_part:agreed_anew")
    assert [told[event] for event in lived] == [2, 2, 1, 1]


def test_that_she_shares_again_is_lived(databases: Callable[[str], str], tmp_path: Path) -> None:
    """In the first run both send what they were given once she was back, and it opens."""
    run = twin.lived_twice(SHE_COMES_BACK_AND_SHARES, databases, tmp_path)
    with lived_in(run):
        sent = select(Response).join(Task, Task.id == Response.task_id)
        both = db.session.scalars(sent.where(Task.assignment_id == run.house.for_both[2])).all()
        assert [response.sharing_ended_at for response in both] == [None, None]
        assert all(response.may_open for response in both)


def _asked(databases: Callable[[str], str], folder: Path) -> set[str]:
    """The rules that Ben asks for in each history."""
    house = twin.House(databases("rules"), folder / "rules")
    found = {rule for rule, _ in twin.addresses(house.app, house.ids(), is_thorough=True)}
    house.close()
    return found


def test_what_is_told_of_a_hold_is_lived(databases: Callable[[str], str], tmp_path: Path) -> None:
    """In the first run something of Ana's is open while the joint task is given, or the history tells nothing."""
    run = twin.lived_twice(HELD, databases, tmp_path)
    with lived_in(run):
        given = db.session.scalars(
            select(AuditEvent.event).where(AuditEvent.event.startswith("assignment:given"))
        ).all()
        assert given.count("assignment:given_as_cleared") == 1
        assert db.session.scalar(select(func.count(ProtocolLine.id))) == 1
        waiting = select(OutboxEntry.id).where(OutboxEntry.message == "waiting")
        assert len(db.session.scalars(waiting).all()) == 1
