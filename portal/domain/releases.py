"""Bringing a private answer into a session of both: what the policy that was kept with it lets a coach do, and when."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from portal.domain.answers import Answer
from portal.domain.consent import Policy
from portal.domain.disclosure import Disclosure
from portal.domain.questionnaires import Questionnaire, chosen_together, held_by

MOST_IN_WHY = 300  # characters: one line


class ReleaseAnswer(StrEnum):
    """What became of a request: its author's word, or (under the open policy) that they were told beforehand."""

    YES = "yes"
    NO = "no"
    TOLD = "told"


RELEASED = (ReleaseAnswer.YES, ReleaseAnswer.TOLD)  # what a session of both opens


class Step(StrEnum):
    """What a coach may do with a private answer that was given under a policy."""

    ASK = "ask"
    RELEASE = "release"  # once its author was told
    NOTHING = "nothing"


STEPS = {Policy.OPEN: Step.RELEASE, Policy.DISCRETION: Step.ASK, Policy.CONFIDENTIAL: Step.NOTHING}


def step_under(policy: str) -> Step:
    """What is offered under a policy; nothing under one that is not known."""
    return STEPS[Policy(policy)] if policy in tuple(Policy) else Step.NOTHING


def released_with(questionnaire: Questionnaire, answers: Sequence[Answer], item_id: str) -> tuple[str, ...]:
    """The private answers that a release of this one takes along: those whose readers are chosen together with it.

    Empty for what is not private to the coach: what is shared already, and what is locked.
    """
    private = {answer.item_id for answer in answers if answer.disclosure is Disclosure.COACH}
    if item_id not in private:
        return ()
    return tuple(one for one in chosen_together(questionnaire.screens, item_id) if one in private)


def held_back(questionnaire: Questionnaire, answers: Sequence[Answer], item_ids: Collection[str]) -> str | None:
    """The question on which one of these hangs and that goes into a session first; None where there is none."""
    standing = {answer.item_id: answer.disclosure for answer in answers}
    return held_by(questionnaire.items, standing, item_ids, Disclosure.SESSION)
