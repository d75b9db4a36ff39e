"""What each of two partners did beside what the other noticed of it, over the weeks: for their coach alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from portal.domain.change import Series
from portal.domain.disclosure import Disclosure
from portal.domain.people import Label
from portal.domain.perception import COUNTED, NOTICED, Counted, Perception, perceptions, points
from portal.domain.programme import Kind
from portal.domain.session_facts import Both
from portal.services.sent_forms import SentForm


@dataclass(frozen=True, slots=True)
class Noticing:
    """One direction: who did it and who might have noticed, the check-ins' pairs, and counts out of exercises.

    `counted` holds those of exercises that both have sent, oldest first.
    """

    doer: Label
    did_by: str
    noticed_by: str
    weeks: Perception
    counted: tuple[Counted, ...]

    @property
    def is_empty(self) -> bool:
        return not self.weeks.weeks and not self.counted


def both_ways(names: Both[str], forms: Sequence[SentForm], zone: str) -> tuple[Noticing, Noticing]:
    """Ana's doing beside Ben's noticing, and the other way round, from a couple's forms as their coach reads them.

    Locked answers play no part. Days are those on the wall clock of `zone`.
    """
    check_ins = [form for form in forms if form.kind is Kind.CHECK_IN]
    did = Both(*(_steps(check_ins, label, zone) for label in Label))
    noticed = Both(*(_noticed(check_ins, label, zone) for label in Label))
    found = perceptions(did, noticed)
    return (
        Noticing(Label.A, names.a, names.b, found.a, _counted(forms, Label.A, zone)),
        Noticing(Label.B, names.b, names.a, found.b, _counted(forms, Label.B, zone)),
    )


def drawn_upon(forms: Iterable[SentForm]) -> tuple[SentForm, ...]:
    """The exercises that are counted in: all of them, whether the other has sent theirs or not.

    Their author reads when their forms were opened, and would learn of the other's sending.
    """
    return tuple(form for form in forms if form.slug in COUNTED)


def _steps(check_ins: Iterable[SentForm], label: Label, zone: str) -> Series:
    return [(_day(form, zone), form.scores.steps if form.scores else None) for form in check_ins if form.label is label]


def _noticed(check_ins: Iterable[SentForm], label: Label, zone: str) -> Series:
    return points((_day(form, zone), _number(form, NOTICED)) for form in check_ins if form.label is label)


def _counted(forms: Iterable[SentForm], doer: Label, zone: str) -> tuple[Counted, ...]:
    sent = {(form.assignment_id, form.label): form for form in drawn_upon(forms)}
    found = []
    for (assignment_id, label), form in sent.items():
        other = sent.get((assignment_id, doer.other))
        if label is not doer or other is None:
            continue
        of_doing, of_noticing = COUNTED[form.slug]
        did, noticed = _number(form, of_doing), _number(other, of_noticing)
        if did is not None and noticed is not None:
            found.append(Counted(form.title, max(_day(form, zone), _day(other, zone)), did, noticed))
    return tuple(sorted(found, key=_on))


def _on(counted: Counted) -> date:
    return counted.on


def _number(form: SentForm, item_id: str) -> int | None:
    found = next((answer for answer in form.answers if answer.item_id == item_id), None)
    if found is None or found.disclosure is Disclosure.LOCKED or isinstance(found.value, bool):
        return None
    return found.value if isinstance(found.value, int) else None


def _day(form: SentForm, zone: str) -> date:
    return form.submitted_at.astimezone(ZoneInfo(zone)).date()
