"""One's own data to take along: what was sent, from one's own scope, without the locked answers."""

from typing import Any

from sqlalchemy import select

from portal.domain.accounts import stays_sealed
from portal.domain.disclosure import given_to_author
from portal.domain.errors import Invalid
from portal.domain.people import Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.services import accounts, audit, scope, sent_forms, vault


def own_answers(viewer: Viewer, passphrase: str) -> list[dict[str, Any]]:
    """Every form that one has sent, oldest first: `form`, `sent_at` (ISO 8601, UTC) and its `answers`.

    Locked answers are never in it, and none of one's private answers where one chose never to be shown them again.
    Raises Invalid for a wrong pass phrase, and for one that came by mail and that the coach has not vouched for.
    """
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
    person = scope.own_person(viewer)
    if stays_sealed(person.reset_at, person.vouched_at):
        raise Invalid("stays_sealed")
    audit.record(viewer, "export:own", viewer.person_id)
    vault.load_keys([viewer.person_id])
    statement = (
        select(Response, QuestionnaireVersion.document)
        .join(Task, Task.id == Response.task_id)
        .join(Assignment, Assignment.id == Task.assignment_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Assignment.version_id)
        .where(Task.id.in_(scope.own_tasks(viewer).with_only_columns(Task.id)))
        .order_by(Response.submitted_at, Response.id)
    )
    rows = db.session.execute(statement)
    forms = [_form(response, document, never_private=person.never_reveals) for response, document in rows]
    db.session.commit()
    return forms


def _form(response: Response, document: dict[str, Any], *, never_private: bool) -> dict[str, Any]:
    questionnaire = from_document(document)
    return {
        "form": questionnaire.title,
        "sent_at": response.submitted_at.isoformat(),
        "answers": [
            {
                "question": questionnaire.item(answer.item_id).label,
                "answer": answer.value,
                "for": answer.disclosure.value,
            }
            for answer in sent_forms.answers_of(response)
            if given_to_author(answer.disclosure, never_private=never_private)
        ],
    }
