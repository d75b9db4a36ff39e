"""What can happen in a history: Ana's acts, Ben's, the coach's and the clock's; and which of them are private."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from portal.domain.errors import Refused
from portal.extensions import db
from tests.privacy.acts_at_doors import AT_DOORS, sign_in_wrong
from tests.privacy.acts_of_coach import COACH
from tests.privacy.acts_on_forms import ON_FORMS

if TYPE_CHECKING:
    from tests.privacy.twin import House

PRIVATE = {
    "ana": (
        "draft",
        "draft_locked",
        "look_around",
        "reveal",
        "reveal_wrong",
        "sign_in",
        "sign_in_wrong",
        "settings",
        "export",
        "own_data",
        "booklet",
        "later",
        "readings",
        "ask_reset",
        "sign_out",
        "second_key",
        "second_key_off",
        "end_sessions",
        "junk",
        "send_alone",
        "send_closed",
        "draft_alone",
        "park",
        "correct",
        "safe_way",
        "answer_request",
        "sign_consent",
        "afraid",
        "authorise",
        "reset",
        "agree_anew",
        "look_at_part",
        "ask_about",
        "show_asked",
        "go_on",
        "pick",
        "calendar",
    ),
    "coach": (
        "assign_ana",
        "assign_measure_ana",
        "session_ana",
        "note_ana",
        "reminder",
        "review_ana",
        "read_ana",
        "close_signals",
        "look_at_erasures",
        "ask_ana",
        "ask_anew",
        "answer_ana",
        "nudge_ana",
        "adapt_for_ana",
        "paper_in_ana",
        "talk_with_ana",
    ),
}
SHARED = {
    "ana": ("send", "send_and_keep_back", "open_now", "correct_shared", "leave"),
    "ben": ("draft", "send", "reveal", "settings", "junk", "look_around", "pick"),
    "coach": (
        *(
            "assign_both",
            "assign_joint",
            "assign_ben",
            "session_both",
            "agreed",
            "sweep",
            "work",
            "drain",
            "press",
            "day_pack",
        ),
        "note_both",
        *("read_ben", "read_brief", "look_at_signals", "look_at_couple"),
        "publish",
        "ask_both",
        *("extend", "move_session", "pick_together", "check_in_before", "begin_with_both", "end_with_both"),
        "nudge_ben",
        "pathway",
        "change_step",
        "go_on_to_step",
        "offer_choice",
        "edit_library",
        "open_in_session",
        "swap",
        "hold_weekly",
        *("repeat", "give_many", "compare"),
    ),
}
UNTIL_THE_MORNING = ("send", "send_and_keep_back", "correct_shared")  # Ana's, and private until something of it opens
# in both lives, and so is by then what she had sent: the one opens it, others leave it where it is or end the work
AFTER_HER_SENDING = ("open_in_session", "swap", "close")
SENT_CLOSED = ("send_closed", "go_on", "paper_in_ana")  # private for good: nothing of it ever opens
# once Ana has left she shares nothing more, and the coach, who was told, plans and gives nothing for both
NOT_AFTER_LEAVING = {
    "ana": SHARED["ana"],
    "coach": (
        *("assign_both", "assign_joint", "session_both", "agreed", "read_brief", "pathway", "offer_choice"),
        *("open_in_session", "swap", "repeat", "give_many", "move_session", "note_both", "pick_together"),
        *("check_in_before", "begin_with_both", "end_with_both"),
    ),
}


@dataclass(frozen=True)
class Act:
    """One act; `seed` says with which values, `is_erased` whether the twin leaves it out or does it differently."""

    actor: str
    kind: str
    seed: int = 0
    is_erased: bool = True

    @property
    def is_private(self) -> bool:
        return self.kind in PRIVATE.get(self.actor, ())


PARTNER = ON_FORMS | AT_DOORS
History = tuple[tuple[Act, ...], ...]
BEGINNING = (Act("coach", "assign_both", 0), Act("coach", "assign_weekly"))


def some(actor: str, kinds: tuple[str, ...]) -> st.SearchStrategy[Act]:
    is_erased = st.sampled_from((True, True, False))  # else it is done otherwise
    return st.builds(Act, st.just(actor), st.sampled_from(kinds), st.integers(0, 40), is_erased)


def _evenings() -> st.SearchStrategy[tuple[Act, ...]]:
    private = st.one_of(*(some(actor, kinds) for actor, kinds in PRIVATE.items()))
    sending = st.one_of(some("ana", ("send",)), some("ana", UNTIL_THE_MORNING), some("ana", SHARED["ana"]))
    others = st.one_of(some("ben", SHARED["ben"]), some("coach", SHARED["coach"]))
    return st.tuples(private, st.one_of(private, others), sending, st.one_of(some("ana", PRIVATE["ana"]), others))


def histories(needed: History = ()) -> st.SearchStrategy[History]:
    """One to three evenings of four acts each; what is `needed` happens at the beginning of its evening."""
    drawn = st.lists(_evenings(), min_size=max(1, sum(map(bool, needed))), max_size=3)
    return drawn.map(lambda days: tuple(sum(both, ()) for both in zip_longest(needed[: len(days)], days, fillvalue=())))


def has_private_act_between_looks(history: History) -> bool:
    """Whether Ana or the coach does something private after a look of Ben's, who looks again after every evening.

    He looks after every second act, and in the morning.
    """
    return any(act.is_private for number, day in enumerate(history) for act in day[0 if number else 2 :])


def do(house: "House", act: Act, *, changed: bool) -> Iterator[int]:
    """Let an act happen; gives the statuses of what was asked over HTTP.

    In the twin (`changed`) private values are others: other texts, lengths, choices.
    """
    private = act.seed + (1_000 if changed and act.actor != "ben" else 0)
    if act.actor == "coach":
        with house.inside():
            try:
                COACH[act.kind](house, act.seed, private)
            except Refused:
                db.session.rollback()
        return
    if act.kind == "sign_in_wrong":
        yield from sign_in_wrong(house, act.actor, 1 + private % 6)
        return
    yield from PARTNER[act.kind](house, act.actor, act.seed, private)
