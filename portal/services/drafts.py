"""What stands in a form that is not sent yet: as it is kept, and what of it is closed after a reset by mail.

What somebody typed before a mail reset their pass phrase is not shown again until their coach has vouched. It stays in
the draft, beside what is typed since, and goes where a question is left empty: nothing of it is lost, or seen.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal.domain.disclosure import Disclosure
from portal.models.assignments import Task
from portal.models.responses import ParkedText, Response
from portal.services import vault

DRAFT_PLACE = "drafts.document"
PARKED_PLACE = "parked_texts.document"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a form: raw fields, and who may read each; both by item id."""

    raw: Mapping[str, str] = field(default_factory=dict)
    disclosures: Mapping[str, str] = field(default_factory=dict)

    def without(self, item_ids: Collection[str]) -> "Typed":
        """The same without some questions."""
        return Typed({key: value for key, value in self.raw.items() if key not in item_ids}, self.disclosures)

    def for_coach_alone(self) -> "Typed":
        return Typed(self.raw, dict.fromkeys(self.raw, Disclosure.COACH.value))

    def over(self, before: "Typed") -> "Typed":
        """This, and what was typed before where this leaves a question empty; each for whom it was chosen then."""
        stays = {key for key in before.raw if not self.raw.get(key, "").strip()}
        raw = {**self.raw, **{key: before.raw[key] for key in stays}}
        chosen = {key: before.disclosures[key] for key in stays if key in before.disclosures}
        return Typed(raw, {**self.disclosures, **chosen})


@dataclass(frozen=True, slots=True)
class Turn:
    """Which save of which open page this is: the page's own random word, and a number that grows with each save."""

    page: str
    number: int

    def is_of_page_of(self, other: "Turn | None") -> bool:
        return other is not None and self.page == other.page

    def is_overtaken_by(self, other: "Turn | None") -> bool:
        return other is not None and self.page == other.page and self.number < other.number


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as it is kept. `before` is what was typed before the reset that `reset` names, and `since` what after it.

    Without a reset that closes it, everything stands in `since`, but what a closed page has left in `before`.
    """

    since: Typed = field(default_factory=Typed)
    before: Typed = field(default_factory=Typed)
    reset: str | None = None
    saved_by: Turn | None = None  # None where it was kept by a whole page

    def closed_by(self, reset: str, shown_never: Collection[str]) -> "Kept":
        """The same after a reset by mail. What is `shown_never` is closed in any case, and kept in a way of its own."""
        if self.reset == reset:
            return self
        whole = self.since.over(self.before)
        private = Typed({key: value for key, value in whole.raw.items() if key in shown_never}, whole.disclosures)
        return Kept(private, whole.without(shown_never), reset, self.saved_by)

    @property
    def replaced(self) -> Typed:
        """What was typed before and something else was typed for since."""
        other = {key: value for key, value in self.before.raw.items() if self.since.raw.get(key, "").strip()}
        changed = {key: value for key, value in other.items() if value.strip() not in ("", self.since.raw[key].strip())}
        return Typed(changed, dict.fromkeys(changed, Disclosure.COACH.value))


def unseal(owner_id: UUID, task_id: UUID, sealed: bytes | None) -> Kept:
    """A draft as it was sealed; an empty one where there is none."""
    document = vault.unseal_document_or_none(owner_id, DRAFT_PLACE, task_id, sealed) or {}
    turn = Turn(*document["turn"]) if document.get("turn") else None
    return Kept(_typed_of(document), _typed_of(document.get("before", {})), document.get("reset"), turn)


def unseal_parked(owner_id: UUID, task_id: UUID, sealed: bytes | None) -> Typed | None:
    """What was being typed when the session ran out."""
    document = vault.unseal_document_or_none(owner_id, PARKED_PLACE, task_id, sealed)
    return _typed_of(document) if document else None


def _typed_of(document: Mapping[str, Any]) -> Typed:
    return Typed(document.get("raw", {}), document.get("disclosures", {}))


def _to_document(typed: Typed) -> dict[str, Any]:
    return {"raw": dict(typed.raw), "disclosures": dict(typed.disclosures)}


def seal(owner_id: UUID, task_id: UUID, kept: Kept) -> bytes:
    """Seal a draft for its place."""
    document = _to_document(kept.since)
    if kept.before.raw:
        document |= {"before": _to_document(kept.before), "reset": kept.reset}
    elif kept.reset is not None:
        document["reset"] = kept.reset
    if kept.saved_by is not None:
        document["turn"] = [kept.saved_by.page, kept.saved_by.number]
    return vault.seal_document(owner_id, DRAFT_PLACE, task_id, document)


def seal_typed(owner_id: UUID, place: str, task_id: UUID, typed: Typed) -> bytes:
    """Seal what stands in a form, for one place."""
    return vault.seal_document(owner_id, place, task_id, _to_document(typed))


def parked_is_last_word() -> ColumnElement[bool]:
    """A sending is the later word than what was parked before it, but for a sheet, which its author has not sent."""
    typed_in = select(Response.id).where(Response.task_id == Task.id, Response.entered_by.is_not(None)).exists()
    return Task.submitted_at.is_(None) | (ParkedText.parked_at > Task.submitted_at) | typed_in
