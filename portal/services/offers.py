"""What a coach can choose from who is about to assign something to a couple, and what each choice would look like."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.domain.assignments import OPEN
from portal.domain.disclosure import Disclosure
from portal.domain.people import Label, Viewer
from portal.domain.programme import Kind
from portal.domain.questionnaires import Questionnaire as Definition
from portal.domain.questionnaires import from_document, items_of_form
from portal.extensions import db
from portal.models.assignments import Assignment, Task
from portal.models.couples import Partnership
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.users import Person
from portal.services import assignments, programme, safety, scope
from portal.services.programme import LibraryEntry, StepInProgramme

WIDEST_FIRST = (
    (Disclosure.SHARED, True),
    (Disclosure.SHARED, False),
    (Disclosure.SESSION, False),
    (Disclosure.COACH, False),
    (Disclosure.LOCKED, False),
)
MOST_INSTEAD = 3


@dataclass(frozen=True, slots=True)
class Readers:
    """The questions of a form that share one circle of readers, in the form's order.

    `at_once`: what is shared does not wait for the other to have sent.
    """

    disclosure: Disclosure
    at_once: bool
    labels: tuple[str, ...]

    @property
    def key(self) -> str:
        """One word for the circle: at-once, shared, session, coach or locked."""
        return "at-once" if self.at_once else self.disclosure.value


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of the library in the words of its first form, with the coach's name in them."""

    entry: LibraryEntry
    definition: Definition
    readers: tuple[Readers, ...]
    was_given: bool

    @property
    def is_check_in(self) -> bool:
        return self.entry.kind is Kind.CHECK_IN

    @property
    def is_alone(self) -> bool:
        """An exercise that each does alone."""
        return self.entry.kind is Kind.EXERCISE and not self.definition.audience.is_joint


@dataclass(frozen=True, slots=True)
class Offer:
    """The page on which a coach assigns: the couple, the programme, and the last day that is offered first.

    `adapted` is the version written for this couple that was asked for; it stands among the choices in place of the
    library's. `is_held`: nothing joint is given for now, unless it was cleared; it shows once something joint is
    chosen, and at no other time, for this page may be open while the two walk in.
    """

    couple_id: UUID
    names: str
    step: str
    partners: dict[Label, str]
    steps: tuple[StepInProgramme, ...]
    choices: tuple[Choice, ...]
    open_titles: tuple[str, ...]
    due_on: date
    is_held: bool
    adapted: UUID | None = None

    def choice_or_none(self, questionnaire_id: str) -> Choice | None:
        """The choice of that id as it stands in a form or an address."""
        return next((choice for choice in self.choices if str(choice.entry.id) == questionnaire_id), None)

    def holds(self, chosen: Choice | None) -> bool:
        """Whether what was chosen is held."""
        return self.is_held and chosen is not None and chosen.definition.audience.is_joint

    def instead_of(self, chosen: Choice) -> tuple[Choice, ...]:
        """What can be done alone in place of something joint: of the same step first, what is new to them first."""
        alone = [one for one in self.choices if one.is_alone]
        fitting = sorted(alone, key=lambda one: (one.entry.step != chosen.entry.step, one.was_given))
        return tuple(fitting[:MOST_INSTEAD])


def offer(viewer: Viewer, couple_id: UUID, version_id: UUID | None = None) -> Offer:
    """Everything that the assign page of one of the coach's own couples shows. Raises NotFound.

    `version_id` may name a version that was written for this couple.
    """
    couple = scope.couple(viewer, couple_id, scope.couples_to_act_for)
    adapted = programme.adapted_or_none(version_id, couple.id)
    given, (partners, is_held) = _given_to(couple.id), _partners(couple.id)
    return Offer(
        couple.id,
        couple.names,
        couple.step,
        partners,
        programme.steps_of(viewer),
        choices(viewer, couple.step, frozenset(given), adapted),
        tuple(sorted({title for titles in given.values() for title in titles})),
        assignments.offered_due_on(viewer, couple.id),
        is_held,
        adapted.id if adapted else None,
    )


def choices(
    viewer: Viewer,
    step: str | None = None,
    given: frozenset[UUID] = frozenset(),
    adapted: QuestionnaireVersion | None = None,
) -> tuple[Choice, ...]:
    """The library in the programme's order; `step` is the couple's, `given` what it has had already.

    `adapted` stands in place of the library's own version.
    """
    coach, policy = scope.own_person(viewer).display_name, scope.own_practice(viewer).policy
    return tuple(
        choice_of(entry, coach, policy, step or entry.step, was_given=entry.id in given)
        for entry in programme.library(viewer, adapted)
    )


def choice(viewer: Viewer, questionnaire_id: UUID) -> Choice:
    """One entry of the viewer's library. Raises NotFound."""
    row = scope.library_entry(viewer, questionnaire_id)
    entry = programme.entry_with(row, programme.newest_version(row.id))
    coach, policy = scope.own_person(viewer).display_name, scope.own_practice(viewer).policy
    return choice_of(entry, coach, policy, entry.step)


def choice_of(
    entry: LibraryEntry, coach_name: str, policy: str, step: str | None, *, was_given: bool = False
) -> Choice:
    """An entry as its first form would be, under the practice's policy, while the couple is at `step`."""
    definition = from_document(entry.document).spoken(coach_name)
    return Choice(entry, definition, readers_of(definition, step, policy), was_given)


def readers_of(definition: Definition, step: str | None, policy: str) -> tuple[Readers, ...]:
    """Who reads which question of the first form, the widest circle first; circles without a question are left out."""
    items = items_of_form(definition, ordinal=1, current_step=step, policy=policy)
    found = []
    for circle, at_once in WIDEST_FIRST:
        labels = tuple(i.label for i in items if (i.disclosure, i.opens_at_once) == (circle, at_once))
        if labels:
            found.append(Readers(circle, at_once, labels))
    return tuple(found)


def _partners(couple_id: UUID) -> tuple[dict[Label, str], bool]:
    """The names by label, and whether joint work is held; of a couple within reach, in one statement."""
    rows = db.session.execute(
        select(Partnership.label, Person.display_name, safety.is_held(couple_id).label("is_held"))
        .join(Person, Person.id == Partnership.person_id)
        .where(Partnership.couple_id == couple_id)
        .order_by(Partnership.label)
    ).all()
    return {Label(row.label): row.display_name for row in rows}, any(row.is_held for row in rows)


def _given_to(couple_id: UUID) -> dict[UUID, set[str]]:
    """What the couple was given before, each with the titles under which it is still open with somebody."""
    rows = db.session.execute(
        select(QuestionnaireVersion.questionnaire_id, QuestionnaireVersion.title, Task.state.in_(OPEN))
        .join(Assignment, Assignment.version_id == QuestionnaireVersion.id)
        .join(Task, Task.assignment_id == Assignment.id)
        .where(Assignment.couple_id == couple_id)
        .distinct()
    )
    found: dict[UUID, set[str]] = {}
    for questionnaire_id, title, is_open in rows:
        found.setdefault(questionnaire_id, set()).update({title} if is_open else ())
    return found
