"""The audit trail's rules: what each event is called in plain words, and how events hang together in a chain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

BEFORE_SIGN_IN = UUID(int=0)  # the chain of what belongs to no practice
NOTHING_BEFORE = bytes(32)  # what the first event of a chain follows
_WRITTEN_AS = b"audit 1"  # the order of the parts below; another order is another number


class Kind(StrEnum):
    """What events are sorted by."""

    DOOR = "door"
    REFUSAL = "refusal"
    READING = "reading"
    FORM = "form"
    RELEASE = "release"
    WORK = "work"
    EXPORT = "export"
    KEEPING = "keeping"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Told:
    """How an event is told: a sentence in English, with a place for `who` did it and one for `whom` it was about.

    Where a colleague is the third in it, `third` is the place of their name.
    """

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Link:
    """One event in its place: `number` counts from 1 in its chain, `previous` is the hash of the one before."""

    chain_id: UUID
    number: int
    event_id: UUID
    practice_id: UUID | None
    actor_id: UUID | None
    event: str
    subject_id: UUID | None
    at: datetime
    previous: bytes

    def canonical(self) -> bytes:
        """Every column as bytes in one way only: two events that differ anywhere never give the same."""
        ids = (self.event_id, self.practice_id, self.actor_id, self.subject_id)
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        texts = (str(self.number).encode(), self.event.encode(), at.encode())
        written = (id_.bytes if id_ else None for id_ in ids)
        return _joined((_WRITTEN_AS, self.chain_id.bytes, *written, *texts, self.previous))


def canonical_head(chain_id: UUID, length: int, last: bytes) -> bytes:
    """Where a chain ends, as bytes: how many events it has, and the hash of the last."""
    return _joined((b"audit head 1", chain_id.bytes, str(length).encode(), last))


def _joined(parts: Iterable[bytes | None]) -> bytes:
    """Each part behind its length, so that no byte can wander into its neighbour; nothing is not the same as empty."""
    return b"".join(b"-" if part is None else len(part).to_bytes(4) + part for part in parts)


EVENTS = {
    "sign_in:done": Told(Kind.DOOR, "%(who)s signed in"),
    "reset:sent": Told(Kind.DOOR, "A link for a new pass phrase was sent to %(who)s"),
    "reset:done": Told(Kind.DOOR, "%(who)s set a new pass phrase by a link from a mail"),
    "second_factor:given": Told(Kind.DOOR, "%(who)s gave a second key"),
    "second_factor:spare_code_used": Told(Kind.DOOR, "%(who)s came in with a spare code"),
    "step_up:done": Told(Kind.DOOR, "%(who)s gave the pass phrase once more"),
    "invitation:accepted": Told(Kind.DOOR, "%(who)s came in by an invitation"),
    "sign_in:refused": Told(Kind.REFUSAL, "A sign-in as %(who)s was refused"),
    "invitation:code_refused": Told(Kind.REFUSAL, "A wrong code was given with the invitation of %(whom)s"),
    "second_factor:refused": Told(Kind.REFUSAL, "%(who)s gave a second key that does not fit"),
    "passphrase:refused": Told(Kind.REFUSAL, "%(who)s gave a wrong pass phrase"),
    "door:refused": Told(Kind.REFUSAL, "%(who)s asked for a page that is not there for them"),
    "response:read": Told(Kind.READING, "%(who)s read a form of %(whom)s"),
    # a private question's answer is a part of a form, and told as the form: this list may be on a screen
    "signal:read": Told(Kind.READING, "%(who)s read a form of %(whom)s"),
    "response:read_in_brief": Told(Kind.READING, "%(who)s read a form of %(whom)s in the brief"),
    "response:read_by_operator": Told(Kind.READING, "The operator read a form of %(whom)s in the brief"),
    "response:read_by_author": Told(Kind.READING, "%(who)s read a form of their own"),
    "brief:read": Told(Kind.READING, "%(who)s opened the brief of %(whom)s"),
    "brief:read_by_operator": Told(Kind.READING, "The operator opened the brief of %(whom)s"),
    "couple:read": Told(Kind.READING, "%(who)s looked at the pages of %(whom)s"),
    "signals:opened": Told(Kind.READING, "%(who)s opened the page for them alone"),
    "signals:looked_at": Told(Kind.READING, "%(who)s looked at the page for them alone"),
    # neither says what kind of entry it is: this list may be on a screen
    "signal:opened": Told(Kind.READING, "%(who)s opened an entry on the page for them alone"),
    "readings:shown": Told(Kind.READING, "%(who)s looked up who had opened their forms"),
    "response:sent": Told(Kind.FORM, "%(who)s sent a form"),
    "response:entered_from_paper": Told(Kind.FORM, "%(who)s typed in a form of %(whom)s from paper"),
    "response:corrected": Told(Kind.FORM, "%(who)s corrected a form"),
    "response:reviewed": Told(Kind.FORM, "%(who)s marked a form of %(whom)s as read"),
    "signal:step_noted": Told(Kind.FORM, "%(who)s noted something on the page for them alone"),
    "signal:review_set": Told(Kind.FORM, "%(who)s set a day to look again on the page for them alone"),
    "signal:closed": Told(Kind.FORM, "%(who)s closed an entry on the page for them alone"),
    "disclosure:changed_to_coach": Told(Kind.RELEASE, "%(who)s kept an answer between themselves and the coach"),
    "disclosure:changed_to_session": Told(Kind.RELEASE, "%(who)s left an answer for the session"),
    "disclosure:changed_to_shared": Told(Kind.RELEASE, "%(who)s let an answer be shared"),
    "disclosure:changed_to_locked": Told(Kind.RELEASE, "%(who)s locked an answer"),
    "response:opened_by_author": Told(Kind.RELEASE, "%(who)s opened a form of their own before its time"),
    "task:nudged": Told(Kind.WORK, "%(who)s reminded %(whom)s of a task"),
    "question:asked": Told(Kind.FORM, "%(who)s asked something about a task"),
    "question:shown": Told(Kind.READING, "%(who)s looked at their own question about a task"),
    "question:read": Told(Kind.READING, "%(who)s read a question of %(whom)s about a task"),
    "question:answered": Told(Kind.WORK, "%(who)s answered a question of %(whom)s about a task"),
    "release:asked": Told(Kind.RELEASE, "%(who)s asked whether an answer of %(whom)s may be brought into a session"),
    "release:withdrawn": Told(Kind.RELEASE, "%(who)s took back what they had asked about an answer of %(whom)s"),
    "release:agreed": Told(Kind.RELEASE, "%(who)s let an answer of their own be brought into a session"),
    "release:declined": Told(Kind.RELEASE, "%(who)s kept an answer of their own out of sessions"),
    "release:told": Told(Kind.RELEASE, "%(who)s told %(whom)s beforehand, and let an answer be brought into a session"),
    "session:opened": Told(Kind.RELEASE, "%(who)s opened what %(whom)s had marked for the session"),
    "assignment:exchanged": Told(Kind.RELEASE, "%(who)s opened to %(whom)s in a session what both had shared"),
    "joint_mode:entered": Told(Kind.WORK, "%(who)s turned the screen round for a session with %(whom)s"),
    "joint_mode:left": Told(Kind.WORK, "%(who)s turned the screen back after a session with %(whom)s"),
    "session:planned": Told(Kind.WORK, "%(who)s planned a session with %(whom)s"),
    "session:moved": Told(Kind.WORK, "%(who)s moved a session with %(whom)s"),
    "session:cancelled": Told(Kind.WORK, "%(who)s called off a session with %(whom)s"),
    "session:held": Told(Kind.WORK, "%(who)s marked a session with %(whom)s as held"),
    "session:closed": Told(Kind.WORK, "%(who)s closed a session with %(whom)s"),
    "note:written_agreed": Told(Kind.WORK, "%(who)s wrote down what was agreed with %(whom)s"),
    "note:written_reminder": Told(Kind.WORK, "%(who)s wrote a reminder about %(whom)s"),
    "note:written_thread": Told(Kind.WORK, "%(who)s wrote a note about %(whom)s"),
    "note:closed": Told(Kind.WORK, "%(who)s settled a note about %(whom)s"),
    "assignment:given": Told(Kind.WORK, "%(who)s assigned something to %(whom)s"),
    "assignment:given_as_cleared": Told(Kind.WORK, "%(who)s assigned something to %(whom)s, and said it was cleared"),
    "assignment:repeated": Told(Kind.WORK, "What comes again went out to %(whom)s"),
    "assignment:extended": Told(Kind.WORK, "%(who)s gave an assignment another last day"),
    "assignment:withdrawn": Told(Kind.WORK, "%(who)s took back what was assigned to %(whom)s"),
    "assignment:asked_for_many": Told(Kind.WORK, "%(who)s asked to give something to many couples"),
    "choice:offered": Told(Kind.WORK, "%(who)s let %(whom)s choose a small step"),
    "choice:made": Told(Kind.WORK, "%(who)s chose a small step"),
    "choice:withdrawn": Told(Kind.WORK, "%(who)s took back what %(whom)s could choose from"),
    "repetition:skipped": Told(Kind.WORK, "%(who)s left out one time of what comes again to %(whom)s"),
    "repetition:not_skipped": Told(Kind.WORK, "%(who)s let what comes again come to %(whom)s after all"),
    "repetition:held": Told(Kind.WORK, "%(who)s held what comes again to %(whom)s"),
    "repetition:went_on": Told(Kind.WORK, "%(who)s let what comes again to %(whom)s go on"),
    "variant:set": Told(Kind.SETTING, "%(who)s said which of two exercises is the easier one"),
    "variant:removed": Told(Kind.SETTING, "%(who)s said no more which of two exercises is the easier one"),
    "repetition:ended": Told(Kind.WORK, "%(who)s let something come to %(whom)s no more"),
    "pathway:step_added": Told(Kind.WORK, "%(who)s put a step on the pathway of %(whom)s"),
    "pathway:reordered": Told(Kind.WORK, "%(who)s put the pathway of %(whom)s in another order"),
    "pathway:begun": Told(Kind.WORK, "%(who)s began the pathway of %(whom)s"),
    "pathway:held": Told(Kind.WORK, "%(who)s held the pathway of %(whom)s"),
    "pathway:went_on": Told(Kind.WORK, "%(who)s let the pathway of %(whom)s go on"),
    "pathway:ended": Told(Kind.WORK, "%(who)s ended the pathway of %(whom)s"),
    "pathway:step_confirmed": Told(Kind.WORK, "%(who)s opened a step on the pathway of %(whom)s"),
    "pathway:step_confirmed_as_cleared": Told(
        Kind.WORK, "%(who)s opened a step on the pathway of %(whom)s, and said it was cleared"
    ),
    "pathway:step_changed": Told(Kind.WORK, "%(who)s changed a step on the pathway of %(whom)s"),
    "pathway:step_skipped": Told(Kind.WORK, "%(who)s left out a step on the pathway of %(whom)s"),
    "pathway:step_issued": Told(Kind.WORK, "A step of the pathway went out to %(whom)s"),
    "step:added": Told(Kind.WORK, "%(who)s added a step to the programme"),
    "step:renamed": Told(Kind.WORK, "%(who)s renamed a step of the programme"),
    "step:reordered": Told(Kind.WORK, "%(who)s put the steps of the programme in another order"),
    "step:retired": Told(Kind.WORK, "%(who)s took a step out of the programme"),
    "step:brought_back": Told(Kind.WORK, "%(who)s brought a step back into the programme"),
    "questionnaire:published": Told(Kind.WORK, "%(who)s published a version of an exercise or of the check-in"),
    "questionnaire:adapted": Told(Kind.WORK, "%(who)s wrote a version of an exercise or check-in for one couple"),
    "resource:added": Told(Kind.WORK, "%(who)s put something on the shelf of a step"),
    "resource:changed": Told(Kind.WORK, "%(who)s changed something on the shelf of a step"),
    "resource:retired": Told(Kind.WORK, "%(who)s took something off the shelf of a step"),
    "resource:brought_back": Told(Kind.WORK, "%(who)s put something back on the shelf of a step"),
    "resource:reordered": Told(Kind.WORK, "%(who)s put the shelf of a step in another order"),
    "questionnaire:retired": Told(Kind.WORK, "%(who)s took an exercise out of the library"),
    "questionnaire:brought_back": Told(Kind.WORK, "%(who)s brought an exercise back into the library"),
    "questionnaire:reordered": Told(Kind.WORK, "%(who)s put the exercises of a step in another order"),
    "couple:invited": Told(Kind.WORK, "%(who)s invited %(whom)s"),
    "couple:invited_to_one_mailbox": Told(Kind.WORK, "%(who)s invited %(whom)s to one mailbox, as both want it"),
    "couple:step_set": Told(Kind.WORK, "%(who)s set the step of %(whom)s"),
    "couple:handed_over": Told(Kind.WORK, "%(who)s took over %(whom)s"),
    "hand_over:offered": Told(Kind.WORK, "%(who)s offered %(whom)s to %(third)s"),
    "hand_over:taken_back": Told(Kind.WORK, "%(who)s took back that %(whom)s are offered to %(third)s"),
    "hand_over:declined": Told(Kind.WORK, "%(who)s declined to take over %(whom)s"),
    "supervision:begun": Told(Kind.WORK, "%(who)s let %(third)s read along with %(whom)s"),
    "supervision:ended": Told(Kind.WORK, "%(who)s let %(third)s read along with %(whom)s no more"),
    "invitation:address_changed": Told(Kind.WORK, "%(who)s changed the address that %(whom)s is invited at"),
    "invitation:withdrawn": Told(Kind.WORK, "%(who)s withdrew the invitation of %(whom)s"),
    "invitation:sent_again": Told(Kind.WORK, "%(who)s sent %(whom)s a new invitation"),
    "person:vouched_for": Told(Kind.WORK, "%(who)s vouched for %(whom)s after a new pass phrase"),
    "export:own": Told(Kind.EXPORT, "%(who)s took their own answers along as a file"),
    "response:taken_along": Told(Kind.EXPORT, "%(who)s took a form of their own along as a file"),
    "export:caseload": Told(Kind.EXPORT, "%(who)s took the list of couples along as a file"),
    "export:practice": Told(Kind.EXPORT, "%(who)s took the practice's lists along as a file"),
    "erasure:asked_by_person": Told(Kind.KEEPING, "%(who)s asked for everything of theirs to be erased"),
    "erasure:asked_by_practice": Told(Kind.KEEPING, "%(who)s began to erase everything of %(whom)s"),
    "erasure:withdrawn": Told(Kind.KEEPING, "%(who)s took back that everything of theirs be erased"),
    "erasure:stopped": Told(Kind.KEEPING, "%(who)s stopped erasing everything of %(whom)s"),
    "erasure:approved_once": Told(
        Kind.KEEPING, "%(who)s approved, as the first, that everything of %(whom)s be erased"
    ),
    "erasure:approved": Told(Kind.KEEPING, "%(who)s approved, as the second, that everything of %(whom)s be erased"),
    "erasure:carried_out": Told(Kind.KEEPING, "Everything of %(whom)s was erased"),
    "erasure:carried_out_again": Told(Kind.KEEPING, "Everything of %(whom)s was erased again after a restore"),
    "hold:placed": Told(Kind.KEEPING, "%(who)s put a hold on the records of %(whom)s"),
    "authorisation:asked": Told(Kind.RELEASE, "%(who)s asked both whether their joint record may go to somebody"),
    "authorisation:called_off": Told(Kind.RELEASE, "%(who)s called off that a joint record goes to somebody"),
    "authorisation:looked_up": Told(Kind.RELEASE, "%(who)s looked up whether their joint record is asked for"),
    "authorisation:answered": Told(Kind.RELEASE, "%(who)s answered whether their joint record may go to somebody"),
    "authorisation:made": Told(Kind.EXPORT, "%(who)s saved a joint record as a file, which both had agreed to"),
    "record:made": Told(Kind.EXPORT, "%(who)s saved the own record of %(whom)s as a file"),
    "couple:paused": Told(Kind.WORK, "%(who)s paused the work with a couple"),
    "couple:resumed": Told(Kind.WORK, "%(who)s went on with a couple"),
    "couple:separated": Told(Kind.WORK, "%(who)s ended the work with two together, who have separated"),
    "couple:closed": Told(Kind.WORK, "%(who)s closed the work with a couple"),
    "couple:reopened": Told(Kind.WORK, "%(who)s reopened the work with a couple, who both agreed anew"),
    "taking_part:ended": Told(Kind.WORK, "%(who)s stopped taking part"),
    "taking_part:asked_anew": Told(Kind.WORK, "%(who)s asked %(whom)s to agree anew"),
    "taking_part:agreed_anew": Told(Kind.WORK, "%(who)s agreed anew"),
    "sharing:ended": Told(Kind.RELEASE, "%(who)s let nothing more open of what they had sent"),
    "sharing:hidden": Told(Kind.RELEASE, "%(who)s took away what the other had read already"),
    "hold:lifted": Told(Kind.KEEPING, "%(who)s lifted the hold on the records of %(whom)s"),
    "retention:set": Told(Kind.KEEPING, "%(who)s set how long records are kept"),
    "backup:taken": Told(Kind.KEEPING, "The operator took a backup of everything but the keys"),
    "backup:keys_taken": Told(Kind.KEEPING, "The operator took a copy of the keys"),
    "backup:put_back": Told(Kind.KEEPING, "The operator put a backup of everything but the keys back"),
    "backup:keys_put_back": Told(Kind.KEEPING, "The operator put a copy of the keys back"),
    "keys:change_begun": Told(Kind.KEEPING, "The operator began to change the key that locks everybody's keys"),
    "keys:changed": Told(Kind.KEEPING, "The operator changed the key that locks everybody's keys"),
    "key:exchange_begun": Told(Kind.KEEPING, "The operator began to seal what %(whom)s wrote under a new key"),
    "key:exchanged": Told(Kind.KEEPING, "The operator sealed what %(whom)s wrote under a new key"),
    "demo:cleared": Told(Kind.KEEPING, "The operator removed the demo"),
    "audit:exported": Told(Kind.EXPORT, "%(who)s saved this record as a file"),
    "zone:changed": Told(Kind.SETTING, "%(who)s chose another time zone"),
    "safe_way:read": Told(Kind.READING, "%(who)s looked up how %(whom)s can be reached"),
    "safe_way:changed": Told(Kind.SETTING, "%(who)s said how they can be reached"),
    "safe_way:shown": Told(Kind.SETTING, "%(who)s looked up what they had said about being reached"),
    "revealing:changed": Told(Kind.SETTING, "%(who)s changed what is shown to them again"),
    "passphrase:changed": Told(Kind.SETTING, "%(who)s changed their pass phrase"),
    "session:ended": Told(Kind.SETTING, "%(who)s signed out another browser of theirs"),
    "session:others_ended": Told(Kind.SETTING, "%(who)s signed out everywhere else"),
    "second_factor:app_set_up": Told(Kind.SETTING, "%(who)s set up an app as a second key"),
    "second_factor:app_removed": Told(Kind.SETTING, "%(who)s took the app away as a second key"),
    "second_factor:passkey_added": Told(Kind.SETTING, "%(who)s set up a passkey"),
    "second_factor:passkey_removed": Told(Kind.SETTING, "%(who)s took a passkey away"),
    "second_factor:spare_codes_made": Told(Kind.SETTING, "%(who)s made new spare codes"),
    "second_factor:removed_by_operator": Told(Kind.SETTING, "The operator took the second key of %(whom)s away"),
    "caseload_view:saved": Told(Kind.SETTING, "%(who)s saved a view of the list of couples"),
    "caseload_view:removed": Told(Kind.SETTING, "%(who)s removed a view of the list of couples"),
    "contact:added": Told(Kind.SETTING, "%(who)s added somebody whom people can call"),
    "contact:checked": Told(Kind.SETTING, "%(who)s checked somebody whom people can call"),
    "contact:removed": Told(Kind.SETTING, "%(who)s took somebody off the list whom people can call"),
    "practice:created": Told(Kind.SETTING, "The practice was set up, with %(who)s as its owner"),
    "practice:reading_hours_set": Told(Kind.SETTING, "%(who)s set the reading hours"),
    "practice:policy_set_open": Told(Kind.SETTING, "%(who)s set the rule on private answers to “open”"),
    "practice:policy_set_discretion": Told(Kind.SETTING, "%(who)s set the rule on private answers to “discretion”"),
    "practice:policy_set_confidential": Told(Kind.SETTING, "%(who)s set the rule on private answers to “confidential”"),
    "text:consent_published": Told(Kind.SETTING, "%(who)s published a new text that partners sign"),
    "text:published": Told(Kind.SETTING, "%(who)s published a text that stands on partners’ pages"),
    "consent:signed": Told(Kind.SETTING, "%(who)s signed the practice’s text"),
    "practice:set_up_by_operator": Told(Kind.SETTING, "The operator set up the practice and invited %(whom)s"),
    "practice:moved_out": Told(Kind.SETTING, "The operator moved the practice to another house"),
    "practice:moved_in": Told(
        Kind.SETTING, "The operator let the practice move in; what is told before this happened in another house"
    ),
    "practice:stayed": Told(Kind.SETTING, "The operator let the practice stay in this house after all"),
    "practice:owner_invited_again": Told(Kind.SETTING, "The operator sent %(whom)s a new invitation"),
    "coach:added": Told(Kind.SETTING, "%(who)s added %(whom)s to the practice"),
    "member:invited": Told(Kind.SETTING, "%(who)s invited %(whom)s to work here"),
    "member:invited_again": Told(Kind.SETTING, "%(who)s sent %(whom)s a new invitation to work here"),
    "member:made_owner": Told(Kind.SETTING, "%(who)s made %(whom)s an owner"),
    "member:made_coach": Told(Kind.SETTING, "%(who)s made %(whom)s a coach"),
    "member:made_assistant": Told(Kind.SETTING, "%(who)s made %(whom)s an assistant"),
    "member:made_supervisor": Told(Kind.SETTING, "%(who)s made %(whom)s a supervisor"),
    "member:deactivated": Told(Kind.SETTING, "%(who)s let %(whom)s go"),
    "member:reactivated": Told(Kind.SETTING, "%(who)s let %(whom)s in again"),
    "measure:brought_in": Told(Kind.SETTING, "%(who)s brought a measure in"),
    "measure:points_given": Told(Kind.SETTING, "%(who)s said what the answers of a measure are worth"),
    "measure:scoring_chosen": Told(Kind.SETTING, "%(who)s chose how a measure is scored"),
    "measure:licence_attested": Told(Kind.SETTING, "%(who)s attested the licence of a measure"),
    "measure:protocol_documented": Told(Kind.SETTING, "%(who)s documented training and a protocol for a measure"),
    "measure:activated": Told(Kind.SETTING, "%(who)s let a measure be used"),
    "measure:retired": Told(Kind.SETTING, "%(who)s took a measure out of use"),
    "measure:exported": Told(Kind.EXPORT, "%(who)s saved a measure as a file"),
    "measure:answers_exported": Told(Kind.EXPORT, "%(who)s saved what %(whom)s answered to a measure as a file"),
    "score:entered": Told(Kind.FORM, "%(who)s typed scores of %(whom)s from paper"),
    "score:struck": Told(Kind.FORM, "%(who)s struck scores of %(whom)s that were typed from paper"),
    "cover:arranged": Told(Kind.SETTING, "%(who)s let %(third)s read while %(whom)s is away"),
    "cover:called_off": Told(Kind.SETTING, "%(who)s ended the days away of %(whom)s"),
}
BEGINNINGS = ("practice:created", "practice:set_up_by_operator")  # what the chain of a practice begins with
UNKNOWN = Told(Kind.WORK, "%(who)s did something that has no words yet")
# by whichever way a form came before somebody's eyes in the practice, it was opened
READINGS_OF_FORM = ("response:read", "response:read_in_brief", "response:read_by_operator", "signal:read")
LOOK_AT_COUPLE = "couple:read"  # of somebody besides the coach, at pages that tell of several forms


def told(event: str) -> Told:
    """How an event is told; one that the table does not know gets a plain line."""
    return EVENTS.get(event, UNKNOWN)
