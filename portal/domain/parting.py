"""How the work with a couple rests, parts and ends: which state follows from which act, and who takes part in which.

One partner stops taking part alone, and the state tells it to the coach. A pause, a separation and an end are the
coach's acts and are told to both alike.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.errors import Invalid, NotAllowed
from portal.domain.lines import line
from portal.domain.people import ENDED, CoupleState, Label

LONGEST_PURPOSE = 200


class CoupleAct(StrEnum):
    """What changes the state of a couple once somebody has come in; the first two are a partner's."""

    LEAVE = "leave"
    COME_BACK = "come_back"
    PAUSE = "pause"
    RESUME = "resume"
    SEPARATE = "separate"
    CLOSE = "close"
    REOPEN = "reopen"


OF_COACH = (CoupleAct.PAUSE, CoupleAct.RESUME, CoupleAct.SEPARATE, CoupleAct.CLOSE, CoupleAct.REOPEN)
_TOGETHER, _PAUSED, _SEPARATED, _CLOSED = (
    CoupleState.ACTIVE,
    CoupleState.PAUSED,
    CoupleState.SEPARATED,
    CoupleState.CLOSED,
)
# whoever leaves or comes back during a pause or after the end changes nothing that both are told of
_FOLLOWS = {
    CoupleAct.LEAVE: {_TOGETHER: _TOGETHER, _PAUSED: _PAUSED, _SEPARATED: _SEPARATED, _CLOSED: _CLOSED},
    CoupleAct.COME_BACK: {_TOGETHER: _TOGETHER, _PAUSED: _PAUSED, _SEPARATED: _SEPARATED, _CLOSED: _CLOSED},
    CoupleAct.PAUSE: {_TOGETHER: _PAUSED},
    CoupleAct.RESUME: {_PAUSED: _TOGETHER},
    CoupleAct.SEPARATE: {_TOGETHER: _SEPARATED, _PAUSED: _SEPARATED},
    CoupleAct.CLOSE: {_TOGETHER: _CLOSED, _PAUSED: _CLOSED, _SEPARATED: _CLOSED},
    CoupleAct.REOPEN: {_SEPARATED: _TOGETHER, _CLOSED: _TOGETHER},
}


@dataclass(frozen=True, slots=True)
class TakingPart:
    """Where one partner stands: when they stopped by themselves, and when they agreed anew."""

    label: Label
    withdrawn_at: datetime | None = None
    agreed_anew_at: datetime | None = None


def after_act(state: CoupleState, act: CoupleAct, *, is_anybody_gone: bool) -> CoupleState:
    """The state that follows; `is_anybody_gone`: one of the two takes part no more, once this is done.

    Raises NotAllowed "not_in_this_state" for what does not follow from where the couple is.
    """
    known = _TOGETHER if state is CoupleState.WITHDRAWN else state
    found = _FOLLOWS[act].get(known)
    if found is None:
        raise NotAllowed("not_in_this_state")
    return CoupleState.WITHDRAWN if found is _TOGETHER and is_anybody_gone else found


def acts_from(state: CoupleState) -> tuple[CoupleAct, ...]:
    """What the coach can do from here, in the order in which it is offered."""
    known = _TOGETHER if state is CoupleState.WITHDRAWN else state
    return tuple(act for act in OF_COACH if known in _FOLLOWS[act])


def has_agreed_since(partner: TakingPart, ended_at: datetime | None) -> bool:
    """Whether somebody has agreed anew since the work with the two ended."""
    return partner.agreed_anew_at is not None and (ended_at is None or partner.agreed_anew_at >= ended_at)


def check_reopening(partners: Collection[TakingPart], ended_at: datetime | None) -> None:
    """Raise NotAllowed "needs_both_anew" unless both have agreed anew since the end, and neither has left since."""
    anew = [one for one in partners if one.withdrawn_at is None and has_agreed_since(one, ended_at)]
    if len(anew) < len(Label):
        raise NotAllowed("needs_both_anew")


def who_takes_part(state: CoupleState, partners: Collection[TakingPart], ended_at: datetime | None) -> frozenset[Label]:
    """Who may be given something new.

    After a separation it is whoever has agreed anew, and goes on alone; during a pause and after the end nobody.
    """
    if state in (CoupleState.PAUSED, CoupleState.CLOSED):
        return frozenset()
    here = [one for one in partners if one.withdrawn_at is None]
    if state is CoupleState.SEPARATED:
        here = [one for one in here if has_agreed_since(one, ended_at)]
    return frozenset(one.label for one in here)


def are_both_here(state: CoupleState, partners: Collection[TakingPart]) -> bool:
    """Whether there may be something of both: neither has left, nobody is erased (`partners` are those who are not),
    and the two have not separated. A pause and the end of the work keep back what is new alone.
    """
    here = {one.label for one in partners if one.withdrawn_at is None}
    return state is not CoupleState.SEPARATED and here == set(Label)


def check_given(wanted: Collection[Label], taking_part: Collection[Label]) -> None:
    """Check to whom something new is given.

    Raises Invalid "couple_not_active" where nobody takes part, "not_for_both_now" and "takes_part_no_more" where one
    of those it is for does not.
    """
    if not taking_part:
        raise Invalid("couple_not_active", field="")
    if not set(wanted) <= set(taking_part):
        raise Invalid("not_for_both_now" if len(wanted) > 1 else "takes_part_no_more", field="given_to")


def may_be_asked_anew(state: CoupleState, partner: TakingPart, ended_at: datetime | None) -> bool:
    """Whether a coach may ask somebody to agree anew: who left, and after the end whoever has not yet."""
    return partner.withdrawn_at is not None or (state in ENDED and not has_agreed_since(partner, ended_at))


def check_purpose(text: str) -> str:
    """To whom the joint record is to go and why, in one line; raises Invalid."""
    return line(text, field="purpose", most=LONGEST_PURPOSE, missing="purpose_missing")
