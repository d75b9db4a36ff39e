"""What the two accounts of a joint task come to, for their coach alone; neither partner learns anything of it.

By which forms something is told of a task, these go on record as read, one that came in alone too: its author reads
when their forms were opened, and would learn of the other's sending.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from portal.domain.assignments import For
from portal.domain.joint_tasks import TwoAccounts, two_accounts
from portal.domain.people import Label, Viewer
from portal.domain.session_facts import Both
from portal.services import glances, sent_forms
from portal.services.assigned import AssignmentLine
from portal.services.coach_facts import account_of
from portal.services.pathway_shown import StepShown
from portal.services.sent_forms import SentForm


def of_assignment(viewer: Viewer, line: AssignmentLine, zone: str) -> TwoAccounts | None:
    """What the accounts of one assignment that the viewer may read come to; None for what is no joint task."""
    if line.given_to is not For.JOINT or not any(copy.response_id for copy in line.copies):
        return None
    forms = sent_forms.of_assignments(viewer, [line.assignment_id])
    told = _told(forms)
    glances.note(viewer, forms, zone)
    return told


def of_steps(viewer: Viewer, steps: Iterable[StepShown], zone: str) -> Mapping[UUID, TwoAccounts]:
    """The same for the joint tasks of a pathway of which anything was sent, by assignment."""
    joint = [step for step in steps if step.given_to is For.JOINT and any(side.sent_at for side in step.sides)]
    found: dict[UUID, list[SentForm]] = {}
    for form in sent_forms.of_assignments(viewer, [s.assignment_id for s in joint if s.assignment_id]) if joint else ():
        found.setdefault(form.assignment_id, []).append(form)
    told = {assignment_id: _told(forms) for assignment_id, forms in found.items()}
    glances.note(viewer, [form for forms in found.values() for form in forms], zone)
    return told


def to_look_at_first(steps: Iterable[StepShown], told: Mapping[UUID, TwoAccounts]) -> Mapping[UUID, str]:
    """By step, the title of the last one before it of which the accounts ask for a look; none where none does."""
    found: dict[UUID, str] = {}
    last: str | None = None
    for step in steps:
        if last is not None:
            found[step.step_id] = last
        two = told.get(step.assignment_id) if step.assignment_id else None
        last = step.title if two is not None and two.asks_for_a_look else last
    return found


def beside(viewer: Viewer, form: SentForm, forms: Iterable[SentForm]) -> TwoAccounts | None:
    """What the accounts of a joint task come to (`forms`), for who reads one of them; None before they have read both.

    That one form was opened must not follow from the other's having been sent: so nothing of the other is told here,
    and nothing put on record, until it was read by itself.
    """
    listed = tuple(forms)
    others = [one for one in listed if one.response_id != form.response_id]
    return _told(listed) if others and glances.has_read(viewer, others[0]) else None


def _told(forms: Iterable[SentForm]) -> TwoAccounts:
    by_label = {form.label: account_of(form, form.versions[-1].written_at) for form in forms}
    return two_accounts(Both(*(by_label.get(label) for label in Label)))
