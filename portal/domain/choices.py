"""A choice of small steps: two or three that each are done alone, of which one partner takes one."""

from collections.abc import Sequence
from uuid import UUID

from portal.domain.errors import Invalid
from portal.domain.programme import Audience, Kind

FEWEST_STEPS, MOST_STEPS = 2, 3


def check_steps(questionnaire_ids: Sequence[UUID]) -> None:
    """Raise Invalid, with `field`, for too few or too many, and for one that was named twice."""
    if not FEWEST_STEPS <= len(set(questionnaire_ids)) == len(questionnaire_ids) <= MOST_STEPS:
        raise Invalid("two_or_three_steps", field="steps")


def is_alone(kind: Kind, audience: Audience) -> bool:
    """Whether it is an exercise that each does alone."""
    return kind is Kind.EXERCISE and audience is Audience.ALONE


def check_alone(kind: Kind, audience: Audience) -> None:
    """Raise Invalid, with `field`, for what is no exercise that is done alone: joint ones are picked in the session."""
    if not is_alone(kind, audience):
        raise Invalid("only_alone_to_choose", field="steps")
