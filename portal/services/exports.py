"""One's own data to take along: what was sent, from one's own scope, without the locked answers."""

from typing import Any

from sqlalchemy import select

from portal.domain.disclosure import readable_again
from portal.domain.people import Viewer
from portal.domain.questionnaires import from_document
from portal.extensions import begin_write, db
from portal.models.assignments import Assignment, Task
from portal.models.questionnaires import QuestionnaireVersion
from portal.models.responses import Response
from portal.services import accounts, audit, scope, sent_forms, vault


def own_answers(viewer: Viewer, passphrase: str) -> list[dict[str, Any]]:
    """Every form that one has sent, oldest first, with its answers. Raises Invalid for a wrong pass phrase."""
    accounts.check_own_passphrase(viewer, passphrase)
    begin_write()
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
    forms = [_form(response, document) for response, document in db.session.execute(statement)]
    db.session.commit()
    return forms


def _form(response: Response, document: dict[str, Any]) -> dict[str, Any]:
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
            if readable_again(answer.disclosure)
        ],
    }
