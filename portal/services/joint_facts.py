"""What both partners may read of a session's material: the joint copy is built from this and from nothing else.

Every answer passes the third door (`domain/disclosure.py`) for the other partner before it is looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal import clock
from portal.domain.answers import Answer
from portal.domain.brief_choices import Copy
from portal.domain.disclosure import Disclosure, Reader, Sent, hangs_on_the_other, may_read, opens_to_partner
from portal.domain.items import WITHOUT_WAITING, ItemType
from portal.domain.openers import Opener
from portal.domain.people import Label
from portal.domain.programme import Kind
from portal.domain.questionnaires import Questionnaire, from_document, open_with_conditions
from portal.domain.scoring import score
from portal.domain.session_facts import (
    OPENABLE,
    Both,
    Figure,
    JointAccount,
    JointFacts,
    JointHomework,
    JointPartner,
    OpenedCheckIn,
)
from portal.services.sent_forms import SentForm
from portal.services.session_material import Given, Material
from portal.services.versions import met_by_partner

APPRECIATION = "t1"
LONGEST_HOUR = timedelta(days=1)  # a session's day, in which what both share can be opened to both


@dataclass(frozen=True, slots=True)
class AsOf:
    """When it is judged what both may read: what is shared now and until the session begins, or as it was opened in its
    hour; what was marked for the session when the copy lies before both.
    """

    until: datetime
    starts_at: datetime
    lies_from: datetime

    @classmethod
    def one(cls, instant: datetime) -> "AsOf":
        """All of it at one instant."""
        return cls(instant, instant, instant)

    def shared(self, sent: Sent) -> datetime:
        """When what is shared is judged: until the session begins, or when it was opened to both in it."""
        at = sent.exchanged_at
        return at if at is not None and self.until < at <= self.starts_at + LONGEST_HOUR else self.until


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form as both may read it: answers that are open to the other partner, with the instant they opened."""

    form: SentForm
    definition: Questionnaire
    answers: tuple[tuple[Answer, datetime], ...]


def joint_facts(material: Material, openers: tuple[Opener, ...], *, lies_from: datetime | None = None) -> JointFacts:
    """The facts of the joint copy, the same whether or not anything private exists.

    `lies_from` is when it lies before both: when the session begins, unless told.
    """
    as_of = AsOf(material.until, material.frame.starts_at, lies_from or material.frame.starts_at)
    each = (opened(form, as_of) for form in material.forms)
    forms = _before_both([form for form in each if form is not None], as_of)
    given = [one for one in material.given if one.is_for_both and not one.is_withdrawn]
    return JointFacts(
        frame=material.frame,
        partners=Both(*(_partner(material, [f for f in forms if f.form.label is label]) for label in Label)),
        agreed=material.notes.agreed,
        homework=tuple(_homework(one, forms) for one in _of_both(material, given, forms)),
        homework_starts=tuple(one.start for one in given if one.own_time_since is None),
        openers=openers,
        choices=material.choices[Copy.JOINT],
    )


def _of_both(material: Material, given: Sequence[Given], forms: Iterable[OpenForm]) -> list[Given]:
    """The homework that both know of, newest first.

    Of what each gets in their own time nobody knows whether the other has it: it stands here once something of it has
    opened to both, in the time the brief covers, and from the day on which the pathway began.
    """
    opened = {
        one.form.assignment_id for one in forms if any(material.has_opened_since(one.form, at) for _, at in one.answers)
    }
    found = [one for one in given if one.own_time_since is None and material.was_given_past(one)]
    own_time = sorted((one for one in given if one.assignment_id in opened), key=lambda one: one.assignment_id)
    found += [replace(one, assigned_on=began) for one in own_time if (began := one.own_time_since) is not None]
    return sorted(found, key=lambda one: one.assigned_on, reverse=True)


def _before_both(forms: list[OpenForm], as_of: AsOf) -> list[OpenForm]:
    """What may stand where both look: what hangs on the other's sending beside something that is open of theirs."""
    is_open = {(form.form.assignment_id, form.form.label) for form in forms}
    found = []
    for form in forms:
        is_met = (form.form.assignment_id, form.form.label.other) in is_open
        kept = tuple((answer, at) for answer, at in form.answers if is_met or not _hangs(form, answer, as_of))
        if kept:
            found.append(replace(form, answers=kept))
    return found


def _hangs(form: OpenForm, answer: Answer, as_of: AsOf) -> bool:
    sent = form.form.sent.of_item(answer.item_id)
    return hangs_on_the_other(answer.disclosure, sent, as_of.shared(sent), waits=_waits(form.definition, answer))


def _waits(definition: Questionnaire, answer: Answer) -> bool:
    return definition.item(answer.item_id).opens != WITHOUT_WAITING


def opened(form: SentForm, as_of: AsOf) -> OpenForm | None:
    """What of a form both may read; None where that is nothing.

    What was marked for the session is opened in it, which may be after the cut-off: it is judged as of when the copy
    lies before both, or now where that is past.
    """
    met = met_by_partner(form.versions, as_of.shared(form.sent))
    offered = [a for a in met.answers if a.disclosure in (Disclosure.SESSION, Disclosure.SHARED)]
    if not offered:
        return None
    definition = from_document(form.document)
    found = [(answer, _opens(definition, form, answer, as_of)) for answer in offered if answer.value is not None]
    open_ids = open_with_conditions(definition.items, [answer.item_id for answer, opens_at in found if opens_at])
    answers = tuple((a, opens_at) for a, opens_at in found if opens_at is not None and a.item_id in open_ids)
    return OpenForm(form, definition, answers) if answers else None


def _opens(definition: Questionnaire, form: SentForm, answer: Answer, as_of: AsOf) -> datetime | None:
    waits = _waits(definition, answer)
    sent = form.sent.of_item(answer.item_id)
    at = max(clock.now(), as_of.lies_from) if answer.disclosure is Disclosure.SESSION else as_of.shared(sent)
    if not may_read(answer.disclosure, Reader.PARTNER, sent, at, waits=waits):
        return None
    return opens_to_partner(answer.disclosure, sent, waits=waits)


def _partner(material: Material, forms: Iterable[OpenForm]) -> JointPartner:
    check_ins = [form for form in forms if form.form.kind is Kind.CHECK_IN]
    glad_of = _glad_of(material, check_ins)
    return JointPartner(
        tuple(found for form in check_ins if (found := _check_in(form)).answers),
        glad_of[0] if glad_of else None,
        str(glad_of[1]) if glad_of else "",
    )


def _check_in(form: OpenForm) -> OpenedCheckIn:
    answers = {
        answer.item_id: answer.value
        for answer, _ in form.answers
        if answer.item_id in OPENABLE and isinstance(answer.value, int)
    }
    benefits = score(form.definition, answers).benefits
    return OpenedCheckIn(form.form.submitted_at, answers, benefits, form.form.assignment_id)


def _glad_of(material: Material, check_ins: Iterable[OpenForm]) -> tuple[str, UUID] | None:
    """The latest appreciation that opened since the session before, or opens in this very one; and its form."""
    said = [
        (str(answer.value), form.form.response_id)
        for form in check_ins
        for answer, opened_at in form.answers
        if answer.item_id == APPRECIATION and material.has_opened_since(form.form, opened_at)
    ]
    return said[-1] if said else None


def _homework(given: Given, forms: list[OpenForm]) -> JointHomework:
    own = [form for form in forms if form.form.assignment_id == given.assignment_id]
    accounts = Both(*(_account([form for form in own if form.form.label is label]) for label in Label))
    return JointHomework(given.title, given.why, given.assigned_on, accounts)


def _account(forms: list[OpenForm]) -> JointAccount:
    if not forms:
        return JointAccount()
    items = {item.id: item for item in forms[-1].definition.items}
    answers = [(items[answer.item_id], answer.value) for answer, _ in forms[-1].answers]
    texts = [str(value) for item, value in answers if item.type is ItemType.TEXT]
    return JointAccount(
        texts[0] if texts else None,
        tuple(
            Figure(item.label, value)
            for item, value in answers
            if item.type in (ItemType.SCALE, ItemType.NUMBER) and isinstance(value, int)
        ),
        str(forms[-1].form.response_id),
    )
