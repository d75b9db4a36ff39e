"""What of one's own the coach finds in the brief of the next session: for its author, behind the pass phrase.

Everything here is drawn from one's own forms; what the other has sent, or whether, plays no part in any of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from portal import clock
from portal.domain.brief_parts import numbers_of
from portal.domain.brief_space import FIGURE, HOMEWORK_ROWS, cut
from portal.domain.disclosure import Disclosure, given_to_author
from portal.domain.errors import Invalid
from portal.domain.items import ItemType
from portal.domain.people import Viewer
from portal.domain.programme import Kind
from portal.domain.questionnaires import from_document
from portal.domain.sessions import SessionKind, SessionState
from portal.extensions import begin_write, db
from portal.models.columns import Instant
from portal.models.couples import Couple
from portal.models.sessions import Session
from portal.models.users import Person
from portal.services import accounts, audit, coach_facts, scope, sealed, sent_forms
from portal.services.own_copies import OwnCopy
from portal.services.sent_forms import SentForm


@dataclass(frozen=True, slots=True)
class OwnBrief:
    """One's own side of the brief as it would be now. `since`: where the brief of when both were to meet last
    ended, None before the first time.

    `wants` and `glad_of` are of the latest check-in that says so; `never_private`: who chose never to be shown their
    private answers again finds none of them here either.
    """

    since: datetime | None
    wants: OwnCopy | None
    glad_of: OwnCopy | None
    homework: tuple[OwnCopy, ...]
    never_private: bool


def own_brief(viewer: Viewer, passphrase: str, *, to_take_along: bool) -> OwnBrief:
    """One's own side of the brief; that it was looked at, or taken along as a file, goes on record.

    Locked answers are never in it. Raises NotFound for whoever is no partner, and Invalid for a wrong pass phrase, and
    for one that came by mail and that the coach has not vouched for.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    couple_id = scope.couple_id_of_partner(viewer)
    seal = sealed.seal_or_none(viewer)
    if seal is not None:
        raise Invalid(seal)
    coach, since = db.session.execute(_coach_and_last_time(), {"couple": couple_id, "now": clock.now()}).one()
    never_private = scope.own_person(viewer).never_reveals
    forms = [form for form in sent_forms.own(viewer) if since is None or form.submitted_at > since]
    check_ins = [form for form in reversed(forms) if form.kind is Kind.CHECK_IN]
    tasks = [form for form in reversed(forms) if form.kind is Kind.EXERCISE]
    found = OwnBrief(
        since,
        _said(check_ins, coach_facts.WISH, coach, never_private),
        _said(check_ins, coach_facts.APPRECIATION, coach, never_private),
        tuple(_of_form(form, _told(form), coach, never_private) for form in tasks[:HOMEWORK_ROWS]),
        never_private,
    )
    audit.record(viewer, "own_brief:taken_along" if to_take_along else "own_brief:shown", viewer.person_id)
    db.session.commit()
    return found


@cache
def _coach_and_last_time() -> Select[*tuple[Any, ...]]:
    """The coach's name, and where the brief of the last joint session ended: either had it in their calendar."""
    couple_id = bindparam("couple", type_=Couple.id.type)
    met = (
        Session.couple_id == couple_id,
        Session.kind == SessionKind.JOINT,
        Session.state != SessionState.CANCELLED,
        Session.starts_at <= bindparam("now", type_=Instant()),
    )
    data_until = func.coalesce(Session.cut_off_at, Session.starts_at, type_=Instant())
    last = select(data_until).where(*met).order_by(Session.starts_at.desc(), Session.id).limit(1)
    coach = select(Person.display_name, last.scalar_subquery().label("since"))
    return coach.join(Couple, Couple.coach_id == Person.id).where(Couple.id == couple_id)


def _said(check_ins: list[SentForm], item_id: str, coach: str, never_private: bool) -> OwnCopy | None:
    """The latest answer to one question, of the same form that the brief takes it from; None where it is not shown."""
    form = next((form for form in check_ins if form.value(item_id)), None)
    part = _of_form(form, frozenset({item_id}), coach, never_private) if form else None
    return part if part and part.answers else None


def _of_form(form: SentForm, item_ids: frozenset[str], coach: str, never_private: bool) -> OwnCopy:
    items = {item.id: item for item in from_document(form.document).spoken(coach).items}
    answers = (answer for answer in form.answers if answer.item_id in item_ids and answer.value is not None)
    kept = (one for one in answers if given_to_author(one.disclosure, never_private=never_private))
    return OwnCopy(
        form.title,
        form.submitted_at,
        None,
        tuple((items[one.item_id], one) for one in kept),
        form.sent.ended_at,
        form.sent.is_hidden,
    )


def _told(form: SentForm) -> frozenset[str]:
    """The questions of a homework form whose answers stand in the brief: how far, why not, one quote, two figures."""
    return frozenset({coach_facts.PROGRESS, coach_facts.BARRIER, *_quoted(form), *_figures(form)})


def _quoted(form: SentForm) -> list[str]:
    texts = [item.id for item in from_document(form.document).items if item.type is ItemType.TEXT]
    open_to_coach = {answer.item_id for answer in form.answers if answer.disclosure is not Disclosure.LOCKED}
    ordered = sorted(texts, key=lambda item_id: item_id == coach_facts.PRIVATE_LINE)
    return [item_id for item_id in ordered if item_id in open_to_coach and form.value(item_id)][:1]


def _figures(form: SentForm) -> Iterator[str]:
    shown = {number.label for number in numbers_of(coach_facts.account_of(form, clock.now()))}
    for item in from_document(form.document).items:
        if item.type in (ItemType.SCALE, ItemType.NUMBER) and cut(item.label, FIGURE)[0] in shown:
            yield item.id
