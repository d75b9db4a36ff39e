"""The second look at a joint copy, with real forms and notes: the coach alone learns that something was left out."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from portal.domain.assignments import For
from portal.domain.brief_choices import Copy
from portal.domain.disclosure import Disclosure
from portal.domain.errors import Invalid
from portal.domain.session_facts import JointFacts
from portal.domain.session_notes import NoteOf
from portal.domain.sessions import NoteKind, SessionState
from portal.services import brief_choices, notes, private_words, session_notes, session_prep
from tests import factories
from tests.cast import Cast
from tests.conftest import START
from tests.factories import Sent

LETTER = "I have not told Ben about the letter from my sister."
LINE = f"Let us begin here: {LETTER.lower()}"
SAID = "That she asks again because she is worried about us."


@pytest.fixture
def tomorrow(cast: Cast) -> UUID:
    factories.session(cast.couples["ana"], START - timedelta(days=13), state=SessionState.HELD)
    return factories.session(cast.couples["ana"], START + timedelta(days=1))


@pytest.fixture
def homework(cast: Cast, tomorrow: UUID) -> UUID:
    return factories.given(cast.couples["ana"], "one-holds-the-floor", START - timedelta(days=6))


def wrote(cast: Cast, homework: UUID, disclosure: Disclosure, text: str = LETTER) -> UUID:
    what = Sent({"felt_heard": 6, "understood": text}, {"understood": disclosure})
    return factories.sent(cast.ana, homework, START - timedelta(days=3), what)


def keep(cast: Cast, session_id: UUID, line: str = LINE, copy: Copy = Copy.JOINT) -> None:
    brief_choices.keep(cast.ines, session_id, copy, line, [], [])


@pytest.mark.parametrize("disclosure", [Disclosure.COACH, Disclosure.LOCKED, Disclosure.SESSION, Disclosure.SHARED])
def test_a_line_that_both_read_repeats_nothing_that_is_not_open_to_both(
    cast: Cast, tomorrow: UUID, homework: UUID, disclosure: Disclosure
) -> None:
    wrote(cast, homework, disclosure)  # what is shared waits for Ben, who has not sent
    with pytest.raises(Invalid, match="line_repeats_private") as refusal:
        keep(cast, tomorrow)
    assert refusal.value.params["field"] == "line"
    keep(cast, tomorrow, copy=Copy.COACH)  # nobody else reads that one
    keep(cast, tomorrow, "Let us begin with the letter.")


def test_a_line_may_repeat_what_is_open_to_both(cast: Cast, tomorrow: UUID, homework: UUID) -> None:
    wrote(cast, homework, Disclosure.SHARED)
    factories.sent(cast.ben, homework, START - timedelta(days=2), Sent({"understood": SAID}))
    keep(cast, tomorrow)
    assert session_prep.joint_page(cast.ines, tomorrow).brief.own_line == LINE


@pytest.mark.parametrize("note_of", [NoteOf.A, NoteOf.B, NoteOf.PRIVATE])
def test_a_line_repeats_no_note_of_one_alone_and_none_of_the_coachs_own(
    cast: Cast, tomorrow: UUID, note_of: NoteOf
) -> None:
    session_notes.lock(cast.ines, _alone(cast, note_of), note_of, f"# What she said\n\n{LETTER}", 0)
    with pytest.raises(Invalid, match="line_repeats_private"):
        keep(cast, tomorrow)


def _alone(cast: Cast, note_of: NoteOf) -> UUID:
    return factories.session(cast.couples["ana"], START - timedelta(days=5), state=SessionState.HELD)


def test_a_line_repeats_no_addendum_of_such_a_note(cast: Cast, tomorrow: UUID) -> None:
    session_notes.lock(cast.ines, tomorrow, NoteOf.A, "She spoke of her sister.", 0)
    session_notes.add(cast.ines, tomorrow, NoteOf.A, LETTER)
    with pytest.raises(Invalid, match="line_repeats_private"):
        keep(cast, tomorrow)


def test_a_line_may_repeat_a_note_of_both(cast: Cast, tomorrow: UUID) -> None:
    session_notes.lock(cast.ines, tomorrow, NoteOf.JOINT, LETTER, 0)
    keep(cast, tomorrow)
    assert session_prep.joint_page(cast.ines, tomorrow).brief.own_line == LINE


@pytest.mark.parametrize("kind", [kind for kind in NoteKind if kind is not NoteKind.AGREED])
def test_a_line_that_repeats_a_note_made_since_is_left_out_and_only_the_coach_is_told(
    cast: Cast, tomorrow: UUID, kind: NoteKind
) -> None:
    before = session_prep.joint_page(cast.ines, tomorrow)
    keep(cast, tomorrow)
    assert not session_prep.joint_page(cast.ines, tomorrow).is_less
    notes.write(cast.ines, tomorrow, kind, LETTER)
    page = session_prep.joint_page(cast.ines, tomorrow)
    assert page.is_less
    assert page.offered.choices.line == LINE  # the coach finds it in the form, to mend it
    for brief in (
        page.brief,
        session_prep.joint_brief(cast.ines, tomorrow),
        session_prep.joint_screen(cast.ines, tomorrow),
    ):
        assert brief == before.brief


def test_what_a_partner_writes_after_the_line_changes_no_joint_copy(cast: Cast, tomorrow: UUID, homework: UUID) -> None:
    keep(cast, tomorrow)
    before = session_prep.joint_page(cast.ines, tomorrow)
    what = Sent({"understood": LETTER, "private_line": LINE}, {"understood": Disclosure.COACH})
    factories.sent(cast.ana, homework, START + timedelta(hours=1), what)
    assert session_prep.joint_page(cast.ines, tomorrow) == before


def test_what_came_after_the_cut_off_is_private_too(cast: Cast, tomorrow: UUID, homework: UUID, wall: object) -> None:
    wall.forward(hours=30)  # type: ignore[attr-defined]
    what = Sent({"understood": LETTER}, {"understood": Disclosure.COACH})
    factories.sent(cast.ana, homework, START + timedelta(hours=27), what)
    with pytest.raises(Invalid, match="line_repeats_private"):
        keep(cast, tomorrow)


def test_a_private_text_that_strayed_into_the_facts_is_left_out_of_every_joint_copy(
    cast: Cast, tomorrow: UUID, homework: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mistake that the second look is for, planted: a private answer stands where a shared one would."""
    wrote(cast, homework, Disclosure.COACH)
    factories.sent(cast.ben, homework, START - timedelta(days=2), Sent({"felt_heard": 5, "understood": SAID}))
    right = session_prep.joint_page(cast.ines, tomorrow)
    made = session_prep.joint_facts
    monkeypatch.setattr(session_prep, "joint_facts", lambda *given, **more: _strayed(made(*given, **more)))
    page = session_prep.joint_page(cast.ines, tomorrow)
    assert page.is_less
    assert LETTER not in str(page)
    assert page.brief == right.brief
    for joint_copy in (session_prep.joint_brief, session_prep.joint_screen):
        assert LETTER not in str(joint_copy(cast.ines, tomorrow))


def _strayed(facts: JointFacts) -> JointFacts:
    first, *rest = facts.homework
    accounts = replace(first.accounts, a=replace(first.accounts.a, learning=LETTER))
    return replace(facts, homework=(replace(first, accounts=accounts), *rest))


def test_nothing_private_is_read_where_every_word_of_the_copy_is_shared(
    cast: Cast, tomorrow: UUID, homework: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote(cast, homework, Disclosure.SHARED, SAID)
    factories.sent(cast.ben, homework, START - timedelta(days=2), Sent({"understood": SAID}))
    monkeypatch.setattr(private_words, "_notes", lambda *_: pytest.fail("read"))
    assert SAID in str(session_prep.joint_brief(cast.ines, tomorrow))


def test_what_the_coach_wrote_to_one_alone_is_nothing_that_both_read(cast: Cast, tomorrow: UUID) -> None:
    factories.given(cast.couples["ana"], "my-listening-habits", START - timedelta(days=6), For.A, why=LETTER)
    with pytest.raises(Invalid, match="line_repeats_private"):
        keep(cast, tomorrow)


def test_a_line_may_repeat_what_the_coach_wrote_to_both(cast: Cast, tomorrow: UUID) -> None:
    factories.given(cast.couples["ana"], "one-holds-the-floor", START - timedelta(days=6), why=LETTER)
    keep(cast, tomorrow)
    assert session_prep.joint_page(cast.ines, tomorrow).brief.own_line == LINE
