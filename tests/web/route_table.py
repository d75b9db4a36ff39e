"""The route table: every route x method x role, with the status that is expected.

Roles, in this order: nobody; Ines, whose couple it is and who owns the practice; Omar, a coach of the same practice;
Mira, its assistant; Noor, its supervisor, who was named for this couple; Sol, owner and coach of another practice;
Ana, whose task it is; Ben, her partner; Eva, a partner elsewhere. A form is posted with its token and nothing else.
Where an address asks for the pass phrase again, `behind` is what it says to who has just given it: the question itself
is put to the right and the wrong alike. The operator comes by no route: what the commands may do stands in OPERATOR.
"""

import re
from dataclasses import dataclass, field

from portal.domain.texts import NOTICES, TextKind, in_addresses

Statuses = tuple[int, int, int, int, int, int, int, int, int]
# what whoever holds the machine can do by command, and what each command lets them read
OPERATOR = {
    "questionnaire import": "brings a measure in as the practice's owner; reads nothing of anybody",
    "questionnaire export": "writes a measure's words where its licence lets them go; no answer of anybody",
    "practice create": "a practice whose owner is invited; reads nothing",
    "practice invite": "the same owner again, until they have come in; opens addresses of such owners alone",
    "practice move-out": "shuts a practice's doors and writes it, keys too, into a file under a key of its own",
    "practice move-in": "takes such a file in; opens names at the door, to hash them anew, and no other text",
    "practice forget": "erases the old copy of a practice that was moved out; reads nothing",
    "practice stay": "lets its people come in again; reads nothing",
    "coach invite": "invites a colleague as the practice's owner; reads nothing",
    "brief": "reads one brief as the session's coach, on record as the operator",
    "demo seed": "fills an empty database with invented people",
    "doctor": "counts and settings, no text of anybody",
    "jobs press": "sets briefs ahead and keeps them sealed; shows none",
    "jobs sweep": "sends what waits and issues weekly forms; reads nothing",
    "jobs drain": "sends what waits; opens addresses and words of letters, and shows neither",
    "backup": "writes answers and keys, each into a file under a key of its own; reads nothing",
    "restore": "puts such files into an empty place, and opens 200 answers to count those that open; shows none",
    "audit verify": "goes over the audit trail's seals; reads who did what, and shows where a chain breaks alone",
    "keys rotate": "wraps keys anew, or seals one person's texts under a new key; opens them for that, and shows none",
    "key remove": "takes away the second key of somebody who is known by other means; reads nothing",
}


@dataclass(frozen=True)
class Entry:
    """One line of the table.

    `named` says which id of the world stands for a name where it is not the usual one.
    """

    method: str
    rule: str
    statuses: Statuses
    named: dict[str, str] = field(default_factory=dict)
    data: dict[str, object] = field(default_factory=dict)
    behind: Statuses | None = None  # where the pass phrase was given again just before


def everybody(status: int) -> Statuses:
    return (status,) * 9


def own_couple(status: int) -> Statuses:
    """Only the couple's own coach; a colleague finds nothing."""
    return (303, status, 404, 404, 404, 404, 404, 404, 404)


def read_along(status: int) -> Statuses:
    """The couple's own coach, and the supervisor whom she named."""
    return (303, status, 404, 404, status, 404, 404, 404, 404)


def arranged(status: int) -> Statuses:
    """The couple's own coach, and the practice's assistant."""
    return (303, status, 404, status, 404, 404, 404, 404, 404)


def seen(status: int) -> Statuses:
    """The couple's own coach, the assistant, and the supervisor, each in their own way."""
    return (303, status, 404, status, status, 404, 404, 404, 404)


def coaches(status: int) -> Statuses:
    return (303, status, status, 404, 404, status, 404, 404, 404)


def coaches_and_assistants(status: int) -> Statuses:
    return (303, status, status, status, 404, status, 404, 404, 404)


def staff(status: int) -> Statuses:
    return (303, status, status, status, status, status, 404, 404, 404)


def owner(status: int) -> Statuses:
    """Only the owner of the practice."""
    return (303, status, 404, 404, 404, 404, 404, 404, 404)


def owners(status: int) -> Statuses:
    """Every owner, each for their own practice; a coach of it finds nothing."""
    return (303, status, 404, 404, 404, status, 404, 404, 404)


def own_practice(status: int) -> Statuses:
    return (303, status, status, 404, 404, 404, 404, 404, 404)


def own_task(status: int) -> Statuses:
    """Only whose task it is; their partner finds nothing."""
    return (303, 404, 404, 404, 404, 404, status, 404, 404)


def partners(status: int) -> Statuses:
    return (303, 404, 404, 404, 404, 404, status, status, status)


def signed_in(status: int) -> Statuses:
    return (303, *(status,) * 8)  # type: ignore[return-value]  # eight and one are nine


def with_appointments(status: int) -> Statuses:
    """Coaches and partners; an assistant and a supervisor have none of their own."""
    return (303, status, status, 404, 404, *(status,) * 4)  # type: ignore[return-value]  # as many


def with_app(status: int, without: int) -> Statuses:
    """Staff, who all have an app for codes, and partners, who have none."""
    return (303, *(status,) * 5, *(without,) * 3)  # type: ignore[return-value]  # as many


NOTICE = f"/notice/{in_addresses(NOTICES)}"
TEXT = f"/coach/practice/texts/{in_addresses(TextKind)}"
PLACE = re.compile(r"<(?:uuid:|any\([^)]*\):)?(\w+)>")  # in a rule
WORDS = {
    "token": "unknown-token",
    "kind": "consent",
    "whose": "a",
    "note_of": "joint",
}  # what stands in the places of addresses that are not ids
KEY = "/account/second-key"
TASK = "/my/tasks/<uuid:task_id>"
SENT = {"task_id": "sent_task_id"}
ON_PAPER = {"assignment_id": "assignment_on_paper"}
REPEATING = {"assignment_id": "assignment_that_repeats"}
UNSENT = {"assignment_id": "assignment_to_withdraw"}
BENS = {"task_id": "task_of_ben"}
MEASURES = "/coach/questionnaires/measures"
MEASURE = f"{MEASURES}/<uuid:measure_id>"
WAITING = {"measure_id": "measure_in_preparation"}
OF_MEASURE = {"response_id": "response_to_measure"}
COUPLE = "/coach/couples/<uuid:couple_id>"
PARTNER = f"{COUPLE}/partners/<uuid:person_id>"
GIL = {"couple_id": "couple_of_gil", "person_id": "gil"}
MEMBER = "/coach/practice/members/<uuid:person_id>"
RUT = {"person_id": "rut"}
PACK = "/coach/sessions/briefs/<uuid:pack_id>"
SESSION = "/coach/sessions/<uuid:session_id>"
NOTE_OF = f"{SESSION}/notes/<any(joint,a,b,private):note_of>"
RESPONSE = "/coach/responses/<uuid:response_id>"
ASSIGNMENT = "/coach/assignments/<uuid:assignment_id>"
PAPER = f"{ASSIGNMENT}/paper/<any(a,b):whose>"
STEP = "/coach/pathway-steps/<uuid:step_id>"
RESOURCE = "/coach/programme/shelf/<uuid:resource_id>"
ALONE = "/coach/alone/<uuid:signal_id>"
DRAFT = "/coach/questionnaires/drafts/<uuid:draft_id>"
KEPT_STEP = "/coach/programme/steps/<uuid:kept_step_id>"
ENTRY = "/coach/questionnaires/<uuid:questionnaire_id>"
OF_ANA = {"draft_id": "draft_of_ana"}  # of a version for her and Ben alone
ERASURE = "/coach/practice/erasures/<uuid:erasure_id>"
DONE = {"erasure_id": "erasure_that_is_done"}

TABLE = [
    # doors
    Entry("GET", "/", everybody(303)),
    Entry("GET", "/sign-in", (200, *everybody(303)[1:])),
    Entry("POST", "/sign-in", everybody(422)),
    Entry("GET", "/reset", everybody(200)),
    Entry("POST", "/reset", everybody(422)),
    Entry("GET", "/reset/<token>", everybody(410)),
    Entry("POST", "/reset/<token>", everybody(410)),
    Entry("POST", "/reset/<token>/again", everybody(200)),
    Entry("GET", "/invitations/<token>", everybody(410)),
    Entry("POST", "/invitations/<token>", everybody(410)),
    Entry("POST", "/invitations/<token>/again", everybody(200)),
    Entry("GET", "/calendar/<token>.ics", everybody(404)),
    Entry("GET", "/help-now", everybody(200)),
    # practice North has written this one; nobody is shown one where there are two practices
    Entry("GET", NOTICE, (404, 200, 200, 200, 200, 404, 200, 200, 404), {"kind": "privacy"}),
    Entry("GET", "/healthz", everybody(200)),
    Entry("GET", "/readyz", everybody(200)),
    # what staff and partners have in common; the same for all
    Entry("GET", "/account/step-up", signed_in(200)),
    Entry("POST", "/account/step-up", signed_in(422)),
    Entry("GET", KEY, everybody(303)),  # who is in has given it
    Entry("POST", KEY, everybody(303)),
    Entry("POST", f"{KEY}/passkey", everybody(303)),
    Entry("POST", f"{KEY}/passkey/challenge", everybody(303)),
    Entry("GET", f"{KEY}/set-up", everybody(303), behind=signed_in(200)),  # the pass phrase first
    Entry("POST", f"{KEY}/app/new", everybody(303), behind=with_app(409, without=303)),
    Entry("GET", f"{KEY}/app", everybody(303), behind=with_app(303, without=200)),
    Entry("POST", f"{KEY}/app", everybody(303), behind=with_app(303, without=422)),
    Entry("POST", f"{KEY}/passkeys/challenge", everybody(303), behind=signed_in(404)),  # no passkeys for a bare number
    Entry("POST", f"{KEY}/passkeys", everybody(303), behind=signed_in(404)),
    Entry("POST", f"{KEY}/passkeys/<uuid:passkey_id>/remove", everybody(303), behind=owner(303)),  # one of Ines's
    Entry("POST", f"{KEY}/spare-codes", everybody(303), behind=with_app(200, without=404)),
    Entry("POST", "/account/devices/<uuid:device_id>/end", own_task(303)),  # a device of Ana's
    Entry("GET", "/account/calendar", everybody(303), behind=with_appointments(200)),
    Entry("POST", "/account/calendar", everybody(303), behind=with_appointments(200)),
    Entry("POST", "/account/calendar/end", everybody(303), behind=with_appointments(303)),
    # the coach's desk
    Entry("GET", "/coach/", (303, 200, 200, 303, 303, 200, 404, 404, 404)),  # others begin at the couples
    Entry("GET", "/coach/account", staff(200)),
    Entry("GET", "/coach/alone", coaches(200)),
    Entry("GET", ALONE, own_couple(200)),
    Entry("GET", f"{ALONE}/steps", own_couple(303)),
    Entry("GET", f"{ALONE}/review", own_couple(303)),
    Entry("GET", f"{ALONE}/close", own_couple(303)),
    Entry("GET", "/coach/couples/", staff(200)),
    Entry("GET", "/coach/couples/import", coaches_and_assistants(200)),
    Entry("GET", "/coach/couples/new", coaches_and_assistants(200)),
    Entry("GET", COUPLE, seen(200)),
    Entry("GET", f"{COUPLE}/assign", own_couple(200)),
    Entry("GET", f"{COUPLE}/choices", own_couple(200)),
    Entry("GET", f"{COUPLE}/before-sessions", own_couple(200)),
    Entry("GET", "/coach/couples/assign", coaches(200)),
    Entry("GET", "/coach/couples/assigned", coaches(200)),
    Entry("GET", "/coach/couples/assigned/<uuid:bulk_id>", (303, 200, 404, 404, 404, 404, 404, 404, 404)),
    Entry("POST", "/coach/couples/assign", coaches(422)),
    Entry("POST", "/coach/couples/assign/give", coaches(422)),
    Entry("GET", f"{ASSIGNMENT}/swap", own_couple(200), UNSENT),
    Entry("POST", f"{ASSIGNMENT}/swap", own_couple(422), UNSENT),
    Entry("POST", f"{ASSIGNMENT}/repetition", own_couple(422), REPEATING, data={"act": "skip"}),
    Entry("GET", f"{ENTRY}/variants", own_practice(200)),
    Entry("POST", f"{ENTRY}/variants", own_practice(422)),
    Entry("GET", f"{COUPLE}/homework", read_along(200)),
    Entry("GET", f"{COUPLE}/trends", read_along(200)),
    Entry("POST", f"{COUPLE}/weeks.csv", own_couple(200)),
    Entry("POST", f"{COUPLE}/weeks.svg", own_couple(200)),
    Entry("GET", f"{COUPLE}/colleagues", own_couple(200)),
    Entry("GET", f"{COUPLE}/standing", own_couple(200)),
    Entry("GET", f"{COUPLE}/beginning", own_couple(200)),
    Entry("POST", f"{COUPLE}/beginning", own_couple(303)),
    Entry("POST", f"{COUPLE}/alone-minutes", own_couple(422)),
    Entry("GET", f"{COUPLE}/ending", own_couple(200)),
    Entry("POST", f"{COUPLE}/ending", own_couple(404)),  # what is to be given
    Entry("POST", f"{COUPLE}/ending", own_couple(303), data={"what": "keepsake"}),
    Entry("POST", f"{PARTNER}/spoken", own_couple(303)),  # no day: taken back, and there was none
    Entry("GET", f"{PARTNER}/slip", own_couple(404)),  # Ana has come in: there is no code to hand over
    Entry("GET", f"{PARTNER}/slip", own_couple(404), GIL),  # his invitation has run out
    Entry("GET", ASSIGNMENT, read_along(200)),
    Entry("GET", PAPER, own_couple(200), ON_PAPER),
    Entry("GET", PAPER, own_couple(404)),  # a check-in has no sheet
    Entry("POST", PAPER, own_couple(422), ON_PAPER),
    Entry("POST", PAPER, own_couple(404)),
    Entry("GET", "/coach/questions/", coaches(200)),
    Entry("GET", "/coach/questions/<uuid:question_id>", own_couple(200)),
    Entry("POST", f"{ASSIGNMENT}/nudge", own_couple(303), UNSENT, {"to": "A", "a-text": "Ten minutes are enough."}),
    Entry("POST", f"{ASSIGNMENT}/nudge", own_couple(404)),
    Entry("POST", f"{ASSIGNMENT}/extend", own_couple(303), UNSENT, {"due_on": "2026-12-07"}),
    Entry("POST", f"{ASSIGNMENT}/extend", own_couple(422)),
    Entry("POST", "/coach/questions/<uuid:question_id>", own_couple(303), data={"answer": "Ten minutes are enough."}),
    Entry("GET", "/coach/responses/", coaches(200)),
    Entry("GET", f"{COUPLE}/pathway", read_along(200)),
    Entry("GET", "/coach/responses/<uuid:response_id>", read_along(200)),
    Entry("GET", "/coach/responses/<uuid:response_id>/next", own_couple(303)),
    Entry("GET", f"{COUPLE}/reaching", own_couple(200)),
    Entry("GET", "/coach/programme/", coaches(200)),
    Entry("GET", "/coach/programme/shelf", coaches(200)),
    Entry("GET", "/coach/programme/shelf/new", coaches(200)),
    Entry("GET", RESOURCE, own_practice(200)),
    Entry("POST", "/coach/programme/shelf/new", coaches(422)),
    Entry("POST", RESOURCE, own_practice(422)),
    Entry("POST", f"{RESOURCE}/order", own_practice(303), data={"down": "1"}),
    Entry("POST", f"{RESOURCE}/retire", own_practice(303)),
    Entry("POST", f"{RESOURCE}/bring-back", own_practice(303)),
    Entry("GET", "/coach/programme/<uuid:questionnaire_id>", own_practice(200)),
    Entry("GET", "/coach/programme/<uuid:questionnaire_id>/worksheet.pdf", own_practice(200)),
    Entry("GET", "/coach/questionnaires/", coaches(200)),
    Entry("GET", "/coach/programme/steps", coaches(200)),
    Entry("POST", "/coach/programme/steps", coaches(422)),
    Entry("POST", KEPT_STEP, own_practice(422)),
    Entry("POST", f"{KEPT_STEP}/order", own_practice(303)),
    Entry("POST", f"{KEPT_STEP}/retire", owner(303)),  # it is gone then
    Entry("POST", f"{KEPT_STEP}/bring-back", owner(303)),  # and there again
    Entry("GET", "/coach/questionnaires/new", coaches(200)),
    Entry("GET", ENTRY, own_practice(200)),
    Entry("GET", DRAFT, own_practice(200)),
    Entry("GET", DRAFT, own_couple(200), OF_ANA),
    Entry("GET", f"{COUPLE}/versions/<uuid:questionnaire_id>", own_couple(200)),
    Entry("GET", f"{RESPONSE}/versions", own_couple(303)),
    Entry("GET", f"{DRAFT}/heading", own_practice(200)),
    Entry("GET", f"{DRAFT}/question", own_practice(404)),  # which one
    Entry("GET", f"{DRAFT}/preview", own_practice(200)),
    Entry("GET", f"{DRAFT}/preview/phone", own_practice(200)),
    Entry("POST", "/coach/questionnaires/new", coaches(422)),
    Entry("POST", f"{DRAFT}/heading", own_practice(422)),
    Entry("POST", f"{DRAFT}/question", own_practice(422), data={"type": "scale", "label": "How near?"}),
    Entry("POST", f"{DRAFT}/order", own_practice(303)),
    Entry("POST", f"{DRAFT}/remove", own_practice(303)),
    Entry("POST", f"{DRAFT}/publish", own_practice(303)),
    Entry("POST", f"{DRAFT}/discard", own_couple(303), OF_ANA),
    Entry("POST", f"{ENTRY}/edit", own_practice(303)),
    Entry("POST", f"{ENTRY}/copy", own_practice(303)),
    Entry("POST", f"{ENTRY}/adapt", own_practice(404)),  # for whom
    Entry("POST", f"{ENTRY}/retire", own_practice(303)),
    Entry("POST", f"{ENTRY}/bring-back", own_practice(303)),
    Entry("POST", f"{ENTRY}/order", own_practice(303)),
    Entry("GET", "/coach/practice/", staff(200)),
    Entry("GET", "/coach/practice/members", staff(200)),
    # what a refused form leaves in the address leads to its page
    Entry("GET", "/coach/practice/covers", staff(303)),
    Entry("GET", "/coach/practice/reading-hours", staff(303)),
    Entry("GET", "/coach/practice/contacts", staff(303)),
    Entry("GET", "/coach/practice/holds", coaches(303)),
    Entry("GET", "/coach/practice/audit", owners(200)),
    Entry("GET", "/coach/practice/export", owners(200)),
    Entry("GET", "/coach/practice/erasures", coaches(200)),
    Entry("GET", "/coach/practice/retention", coaches(200)),
    Entry("GET", "/coach/practice/texts", coaches(200)),
    Entry("GET", TEXT, coaches(200)),
    Entry("GET", "/coach/practice/policy", owners(200)),
    Entry("GET", ERASURE, own_practice(404)),  # there is no certificate yet
    Entry("GET", ERASURE, own_practice(200), DONE),
    Entry("GET", f"{ERASURE}/certificate.pdf", own_practice(200), DONE),
    # the pass phrase first
    Entry("POST", "/coach/practice/erasures", coaches(303), behind=coaches(422)),
    Entry("POST", f"{ERASURE}/approve", coaches(303), behind=own_practice(303)),
    Entry("POST", f"{ERASURE}/stop", coaches(303), behind=own_practice(303)),
    Entry("POST", "/coach/practice/retention", owners(303), behind=owners(422)),
    Entry("POST", TEXT, owners(422)),
    Entry("POST", "/coach/practice/policy", owners(303), behind=owners(422)),
    Entry("POST", "/coach/practice/holds", owners(303), behind=owners(422)),
    Entry("POST", "/coach/practice/holds/<uuid:hold_id>/lift", owners(303), behind=owner(303)),
    Entry("GET", "/coach/sessions/", staff(200)),
    Entry("GET", "/coach/sessions/import", coaches(200)),
    Entry("GET", "/coach/sessions/briefs", coaches(200)),
    Entry("GET", PACK, own_couple(200)),  # of whoever asked for it
    Entry("GET", f"{PACK}/progress", own_couple(200)),
    Entry("POST", "/coach/sessions/briefs", coaches(422)),
    Entry("POST", f"{PACK}/take", own_couple(303), data={"as": "files"}),  # nothing of it is made yet
    Entry("POST", f"{PACK}/cancel", own_couple(303)),
    Entry("GET", SESSION, seen(200)),
    Entry("GET", f"{SESSION}/brief", read_along(200)),
    Entry("GET", f"{SESSION}/brief.pdf", read_along(200)),
    Entry("GET", f"{SESSION}/close", own_couple(200)),
    Entry("GET", NOTE_OF, own_couple(200)),  # who reads along finds what was written, and nothing was
    Entry("POST", "/coach/account", staff(422)),
    Entry("POST", "/coach/account/passphrase", staff(422)),
    Entry("POST", "/coach/couples/import", coaches_and_assistants(422)),
    Entry("POST", "/coach/couples/import/send", coaches_and_assistants(422)),
    Entry("POST", "/coach/couples/list.csv", coaches(200)),
    Entry("POST", "/coach/couples/views", coaches(422)),
    Entry("POST", "/coach/couples/views/<uuid:view_id>/first", owner(303)),  # one of Ines's own
    Entry("POST", "/coach/couples/views/<uuid:view_id>/remove", owner(303)),
    Entry("POST", "/coach/couples/new", coaches_and_assistants(422)),
    Entry("POST", f"{COUPLE}/assign", own_couple(422)),
    Entry("POST", f"{COUPLE}/choices", own_couple(422)),
    Entry("POST", f"{COUPLE}/before-sessions", own_couple(422)),
    Entry("POST", f"{COUPLE}/choices/<uuid:choice_id>/withdraw", own_couple(303), {"choice_id": "choice_of_ben"}),
    Entry("POST", f"{COUPLE}/step", own_couple(422)),
    Entry("POST", f"{PARTNER}/vouch", own_couple(303)),
    Entry("POST", f"{PARTNER}/invite", arranged(303), GIL),
    Entry("GET", f"{PARTNER}/slip", arranged(200), GIL),
    Entry("POST", f"{PARTNER}/address", arranged(422), GIL),
    Entry("POST", "/coach/alone", coaches(303)),
    Entry("POST", ALONE, own_couple(303)),
    Entry("POST", f"{ALONE}/steps", own_couple(303), data={"step": "2", "line": "Called at noon"}),
    Entry("POST", f"{ALONE}/steps", own_couple(404)),  # which step
    Entry("POST", f"{ALONE}/review", own_couple(422)),
    Entry("POST", f"{ALONE}/close", own_couple(422)),
    Entry("POST", "/coach/sessions/", coaches_and_assistants(422)),
    Entry("POST", NOTE_OF, own_couple(303)),  # nothing was typed, and nothing is begun
    Entry("POST", f"{NOTE_OF}/draft", own_couple(200)),
    Entry("POST", f"{NOTE_OF}/lock", own_couple(422)),
    Entry("POST", f"{NOTE_OF}/addenda", own_couple(422)),
    Entry("POST", "/coach/sessions/import", coaches(422)),
    Entry("POST", "/coach/sessions/import/plan", coaches(303)),  # nothing was chosen
    Entry("POST", f"{SESSION}/notes", own_couple(422)),
    Entry("POST", f"{SESSION}/move", arranged(422)),
    Entry("POST", f"{SESSION}/close", own_couple(422)),
    Entry("POST", f"{SESSION}/open", own_couple(303)),
    Entry("POST", f"{SESSION}/exchange/<uuid:assignment_id>", own_couple(303)),
    Entry("POST", f"{SESSION}/turn", own_couple(303)),
    Entry("GET", f"{SESSION}/own-line", own_couple(200)),
    Entry("POST", f"{SESSION}/own-line", own_couple(422)),
    Entry("POST", f"{SESSION}/attendance", own_couple(422)),
    Entry("POST", f"{SESSION}/brief", own_couple(303)),
    Entry("POST", f"{SESSION}/picked", own_couple(404)),  # nothing was picked
    Entry("POST", f"{SESSION}/cancel", arranged(303)),
    Entry("POST", "/coach/notes/<uuid:note_id>/settle", own_couple(303)),
    Entry("POST", "/coach/responses/<uuid:response_id>", own_couple(303), data={"feedback": "Well held."}),
    Entry("POST", f"{RESPONSE}/requests", own_couple(422)),
    Entry("POST", "/coach/practice/export", owners(422)),
    Entry("POST", "/coach/practice/audit.csv", owners(422)),
    Entry("POST", "/coach/practice/reading-hours", owners(422)),
    Entry("POST", "/coach/practice/paper", owners(303)),
    Entry("POST", "/coach/practice/contacts", owners(422)),
    Entry("POST", "/coach/practice/contacts/<uuid:contact_id>/check", owner(303)),
    # measures that the practice has brought
    Entry("GET", f"{MEASURES}/", coaches(200)),
    Entry("GET", f"{MEASURES}/new", coaches(200)),
    Entry("POST", f"{MEASURES}/new", coaches(422)),
    Entry("GET", MEASURE, own_practice(200)),
    Entry("GET", f"{MEASURE}/points", own_practice(200)),
    Entry("POST", f"{MEASURE}/points", own_practice(422)),
    Entry("POST", f"{MEASURE}/scoring", own_practice(422), named=WAITING),
    Entry("POST", f"{MEASURE}/licence", own_practice(422), named=WAITING),
    Entry("POST", f"{MEASURE}/protocol", owner(422), named=WAITING),
    Entry("POST", f"{MEASURE}/activate", owner(303), named=WAITING),
    Entry("POST", f"{MEASURE}/retire", owner(303), named=WAITING),
    Entry("POST", f"{MEASURE}/questionnaire.json", own_practice(200)),
    Entry("POST", "/coach/responses/<uuid:response_id>/answers.json", own_couple(200), named=OF_MEASURE),
    Entry("GET", f"{COUPLE}/measures", read_along(200)),
    Entry("POST", f"{COUPLE}/measures", own_couple(422)),
    Entry("POST", "/coach/scores/<uuid:score_id>/strike", own_couple(303)),
    # who works with whom
    Entry("POST", f"{COUPLE}/supervision", own_couple(422)),
    Entry("POST", f"{COUPLE}/hand-over", owner(422)),
    Entry("POST", f"{COUPLE}/hand-over/take-back", owner(303)),
    Entry("POST", "/coach/practice/covers", coaches(303), behind=coaches(422)),
    # who works here is changed behind the pass phrase
    Entry("POST", "/coach/practice/members", owners(303), behind=owners(422)),
    Entry("POST", f"{MEMBER}/role", owners(303), RUT, behind=owner(422)),
    Entry("POST", f"{MEMBER}/invite", owners(303), RUT, behind=owner(303)),
    Entry("POST", f"{MEMBER}/deactivate", owners(303), RUT, behind=owner(303)),
    Entry("POST", f"{MEMBER}/reactivate", owners(303), RUT, behind=owner(303)),
    # how the work rests, parts and ends, and what of its record leaves
    Entry("POST", f"{COUPLE}/standing", own_couple(303)),  # no act that there is: a sentence
    Entry("POST", f"{PARTNER}/ask-anew", own_couple(303)),  # she takes part: likewise
    Entry("POST", f"{COUPLE}/authorisation", own_couple(422)),
    Entry("POST", f"{COUPLE}/authorisation/file", own_couple(422)),
    Entry("POST", f"{COUPLE}/record", own_couple(422)),
    # the partners' pages
    Entry("GET", "/my/", partners(200)),
    Entry("GET", "/my/shared", partners(200)),
    Entry("GET", "/my/booklet", partners(200)),
    Entry("POST", "/my/booklet", partners(200)),
    Entry("GET", "/my/later", partners(200)),
    Entry("POST", "/my/later", partners(422)),
    Entry("GET", "/my/shelf", partners(200)),
    Entry("GET", "/my/account", partners(200)),
    Entry("GET", "/my/export", partners(200)),
    Entry("GET", "/my/account/readings", partners(200)),
    Entry("GET", "/my/before-session", partners(200)),
    Entry("GET", "/my/account/consent", partners(200)),
    Entry("GET", "/my/account/data", partners(200)),
    Entry("GET", "/my/account/safe-contact", partners(200)),
    Entry("GET", "/my/account/leaving", partners(200)),
    Entry("GET", "/my/account/agreeing", partners(200)),
    Entry("GET", "/my/account/authorisation", partners(200)),
    Entry("GET", TASK, own_task(200)),
    Entry("GET", TASK, own_task(200), SENT),
    Entry("GET", TASK, (303, 404, 404, 404, 404, 404, 404, 200, 404), BENS),
    Entry("GET", f"{TASK}/review", own_task(303)),  # nothing is typed yet
    Entry("GET", f"{TASK}/review", own_task(303), SENT),
    Entry("GET", f"{TASK}/sent", own_task(303)),
    Entry("GET", f"{TASK}/sent", own_task(200), SENT),
    Entry("POST", TASK, own_task(409), SENT),
    Entry("POST", TASK, own_task(303)),
    # the one before has saved, and this knows no version of what it changes
    Entry("POST", f"{TASK}/draft", own_task(409), data={"done": "partly", "t2": "Other words"}),
    Entry("POST", f"{TASK}/review", own_task(409)),
    Entry("POST", f"{TASK}/review", own_task(303), SENT),  # sent long ago: shown, not sent again
    Entry("POST", f"{TASK}/reveal", own_task(422), SENT),
    Entry("POST", f"{TASK}/requests", own_task(303), SENT),  # sealed: nothing is answered
    Entry("POST", f"{TASK}/reveal", own_task(404), data={"passphrase": "river lamp seven stones"}),
    Entry("GET", f"{TASK}/correction", own_task(303), SENT),  # closed until the pass phrase opens it
    Entry("GET", f"{TASK}/correction", own_task(404)),
    Entry("POST", f"{TASK}/correction", own_task(409), SENT),
    Entry("POST", f"{TASK}/correction", own_task(404)),
    Entry("POST", f"{TASK}/disclosures", own_task(409), SENT),
    Entry("POST", f"{TASK}/disclosures", own_task(404), data={"open_now": "1"}),
    Entry("POST", f"{TASK}/requests", own_task(404)),  # not sent
    Entry("GET", f"{TASK}/worksheet.pdf", own_task(200)),
    Entry("GET", f"{TASK}/copy", own_task(200), SENT),
    Entry("GET", f"{TASK}/copy", own_task(404)),  # not sent
    Entry("POST", f"{TASK}/copy", own_task(422), SENT),  # the pass phrase is asked for
    Entry("POST", f"{TASK}/copy", own_task(404), data={"passphrase": "river lamp seven stones"}),
    Entry("POST", "/my/choices/<uuid:choice_id>", own_task(404)),  # of none of its steps
    Entry("GET", f"{TASK}/question", own_task(200)),
    Entry("GET", f"{TASK}/question", own_task(200), SENT),
    Entry("POST", f"{TASK}/question", own_task(422)),  # the pass phrase is asked for
    Entry("POST", f"{TASK}/question", own_task(303), data={"text": "Once more?"}),
    Entry("POST", "/my/account", partners(422)),
    Entry("POST", "/my/account/passphrase", partners(422)),
    Entry("POST", "/my/account/revealing", partners(422)),
    Entry("POST", "/my/export", partners(422)),
    Entry("POST", "/my/account/readings", partners(422)),
    Entry("POST", "/my/before-session", partners(422)),  # the pass phrase is asked for
    Entry("POST", "/my/account/consent", partners(422)),
    Entry("POST", "/my/understood", partners(303)),
    Entry("POST", "/my/account/data", partners(422)),
    Entry("POST", "/my/account/safe-contact", partners(422)),
    Entry("POST", "/my/account/leaving", partners(422)),
    Entry("POST", "/my/account/agreeing", partners(422)),
    Entry("POST", "/my/account/authorisation", partners(422)),
    # what takes something away, last
    Entry("POST", f"{RESPONSE}/requests/<uuid:request_id>/withdraw", own_couple(303)),
    Entry("POST", f"{PARTNER}/withdraw", arranged(303), GIL),
    Entry("POST", "/coach/practice/contacts/<uuid:contact_id>/remove", owner(303)),
    Entry("POST", f"{COUPLE}/authorisation/call-off", own_couple(303)),
    Entry("POST", f"{ALONE}/close", own_couple(303), data={"reason": "Spoken on the telephone"}),
    Entry("POST", f"{ASSIGNMENT}/end-repetition", own_couple(303)),
    Entry("POST", f"{COUPLE}/pathway/steps", own_couple(422)),
    Entry("POST", f"{COUPLE}/pathway/order", own_couple(303)),
    Entry("POST", f"{COUPLE}/pathway/begin", own_couple(303)),
    Entry("POST", f"{COUPLE}/pathway/hold", own_couple(303)),
    Entry("POST", f"{COUPLE}/pathway/end", own_couple(303), {"couple_id": "couple_of_gil"}),
    Entry("POST", f"{STEP}/confirm", own_couple(303), data={"cleared": "1"}),
    Entry("GET", STEP, own_couple(200)),
    Entry("POST", STEP, own_couple(422)),
    Entry("POST", f"{STEP}/skip", own_couple(422)),  # why
    Entry("POST", f"{STEP}/skip", own_couple(303), data={"why": "Too much for now"}),
    Entry("POST", f"{ASSIGNMENT}/withdraw", own_couple(303), UNSENT),
    Entry("POST", f"{COUPLE}/supervision/<uuid:person_id>/end", own_couple(303), {"person_id": "noor"}),
    # the owner, and whose days they are
    Entry("POST", "/coach/practice/covers/<uuid:cover_id>/call-off", own_practice(303)),
    Entry("POST", "/coach/hand-overs/<uuid:hand_over_id>/decline", owner(303)),
    Entry("POST", "/coach/hand-overs/<uuid:hand_over_id>/accept", owner(303), {"hand_over_id": "another_hand_over"}),
    Entry("POST", f"{KEY}/app/remove", everybody(303), behind=with_app(303, without=404)),
    Entry("POST", "/account/devices", everybody(303)),
    # on a screen that is turned round; on any other they lead to one's own pages
    Entry("GET", "/coach/together", coaches(303)),
    Entry("GET", "/coach/together/brief.pdf", coaches(303)),
    Entry("GET", "/coach/together/close", coaches(303)),
    Entry("POST", "/coach/together/close", coaches(303)),
    Entry("GET", "/coach/together/leave", coaches(303)),
    Entry("POST", "/coach/together/leave", coaches(303)),
    Entry("POST", "/coach/together/leave/passkey", coaches(303)),
    Entry("POST", "/coach/together/leave/passkey/challenge", coaches(303)),
    Entry("POST", "/sign-out", everybody(303)),
    Entry("POST", "/exit", everybody(303)),
]
