"""The versions of a response: what it said when it was sent, and after each correction. What one said never changes.

The coach reads the latest; the other partner meets a later one from the 08:00 after it was written, and until then the
one before it, so that a correction opens no sooner than a sending.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from portal.domain.answers import Answer, kept_back
from portal.domain.disclosure import Disclosure
from portal.domain.scoring import Scores
from portal.extensions import db
from portal.models.responses import EarlierVersion, Response
from portal.services import vault

SCORE_NAMES = ("signs", "benefits", "steps", "total")


@dataclass(frozen=True, slots=True)
class Version:
    """What was said at one time. `opens_at`: from when the other partner meets it in place of the one before."""

    written_at: datetime
    opens_at: datetime
    answers: tuple[Answer, ...]
    scores: Scores | None


def versions_of(responses: Iterable[Response]) -> dict[UUID, tuple[Version, ...]]:
    """By response, every version, the first one first. The authors' keys are loaded already."""
    listed = tuple(responses)
    corrected = [response.id for response in listed if response.corrected_at is not None]
    earlier: dict[UUID, list[EarlierVersion]] = {}
    if corrected:
        rows = select(EarlierVersion).where(EarlierVersion.response_id.in_(corrected)).order_by(EarlierVersion.number)
        for row in db.session.scalars(rows):
            earlier.setdefault(row.response_id, []).append(row)
    return {one.id: (*map(_earlier, earlier.get(one.id, ())), _latest(one)) for one in listed}


def _earlier(row: EarlierVersion) -> Version:
    place = "earlier_versions"
    return Version(row.written_at, row.opens_at, _answers(row, place), _scores(row, place))


def _latest(response: Response) -> Version:
    return Version(
        response.corrected_at or response.submitted_at,
        response.corrected_opens_at or response.opens_at,
        answers_of(response),
        scores_of(response),
    )


def as_of(versions: Sequence[Version], instant: datetime) -> tuple[Version, ...]:
    """The versions that were written by an instant, the latest last; the first in any case."""
    return (versions[0], *(one for one in versions[1:] if one.written_at <= instant))


def met_by_partner(versions: Sequence[Version], instant: datetime) -> Version:
    """The version that the other partner meets at an instant; whether they may read its answers is not said here."""
    return [versions[0], *(one for one in versions[1:] if one.opens_at <= instant)][-1]


def met_now(responses: Iterable[Response], at: datetime) -> dict[UUID, tuple[Answer, ...]]:
    """By response, the answers of the version that the other partner meets, now or as it stood when they left.

    One statement and one text for each, whatever was corrected and how often: else the time it takes would tell.
    """
    listed, other = tuple(responses), aliased(EarlierVersion)
    waiting = [one.id for one in listed if one.corrected_opens_at is not None and one.corrected_opens_at > at]
    is_met = (other.opens_at <= at) | (other.number == 1)
    of_same = other.response_id == EarlierVersion.response_id
    last = select(func.max(other.number)).where(of_same, is_met).scalar_subquery()
    rows = select(EarlierVersion).where(EarlierVersion.response_id.in_(waiting), EarlierVersion.number == last)
    met = {row.response_id: row for row in db.session.scalars(rows)}
    return {one.id: _answers(met[one.id], "earlier_versions") if one.id in met else answers_of(one) for one in listed}


def last_said(versions: Iterable[Version]) -> dict[str, Answer]:
    """By item, what was said last, also where the latest version does not ask it any more."""
    return {answer.item_id: answer for version in versions for answer in version.answers}


def keep_back(response: Response, item_ids: Collection[str]) -> None:
    """Let what earlier versions said to these questions be for the coach alone too. The caller commits."""
    for row in db.session.scalars(select(EarlierVersion).where(EarlierVersion.response_id == response.id)):
        answers = kept_back(_answers(row, "earlier_versions"), item_ids)
        place = (row.person_id, "earlier_versions.document", row.id)
        row.document = vault.seal_document(*place, to_document(answers))


def answers_of(response: Response) -> tuple[Answer, ...]:
    """The answers of a response as they stand now, opened; none of somebody who was erased."""
    return _answers(response, "responses")


def _answers(row: Response | EarlierVersion, table: str) -> tuple[Answer, ...]:
    document = vault.unseal_document_or_none(row.person_id, f"{table}.document", row.id, row.document)
    return tuple(
        Answer(entry["item"], entry["value"], entry["reason"], Disclosure.of(entry["disclosure"]))
        for entry in (document or {"answers": []})["answers"]
    )


def to_document(answers: Iterable[Answer]) -> dict[str, Any]:
    """The form in which answers are sealed."""
    return {
        "answers": [
            {"item": a.item_id, "value": a.value, "reason": a.reason, "disclosure": a.disclosure.value} for a in answers
        ]
    }


def scores_of(response: Response | Row[Any]) -> Scores | None:
    """The scores of a check-in as it stands now; None for anything else."""
    return _scores(response, "responses")


def _scores(row: Response | EarlierVersion | Row[Any], table: str) -> Scores | None:
    document = vault.unseal_document_or_none(row.person_id, f"{table}.scores", row.id, row.scores)
    return Scores(**document) if document else None


def scores_to_document(scores: Scores | None) -> dict[str, float | None]:
    """The form in which scores are sealed."""
    return {} if scores is None else {name: getattr(scores, name) for name in SCORE_NAMES}
