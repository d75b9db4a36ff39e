"""The programme in five steps, and what kinds of entry its library holds."""

from enum import StrEnum


class Kind(StrEnum):
    """What an entry of the library is."""

    EXERCISE = "exercise"
    CHECK_IN = "check_in"
    MEASURE = "measure"  # a published questionnaire that the practice brought, see `measure_forms`
    PASSAGE = "passage"  # a form with which the work begins or ends, given on a page of its own


class Audience(StrEnum):
    """With whom an exercise is done; the form is always filled in alone."""

    ALONE = "alone"
    TOGETHER = "together"
    ALONE_THEN_TOGETHER = "alone_then_together"

    @property
    def is_joint(self) -> bool:
        """Needs both partners at some point, and so is never released by a clock."""
        return self is not Audience.ALONE


STEPS = ("active_listening", "gratitude", "criticism_defensiveness", "hard_conversations", "repair")
