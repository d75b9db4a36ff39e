"""The words for what the house refuses: one sentence for each code, in the reader's language."""

from flask_babel import lazy_gettext as _l

from portal.domain.errors import Refused

LINK_OVER = _l("It was used, replaced by a newer one, or it has run out.")

WORDS = {
    # one sentence for all three: two people may read one mailbox, and a used link would tell that somebody came in
    **dict.fromkeys(("link_unknown", "link_used", "link_expired"), LINK_OVER),
    "code_wrong": _l("This code does not fit. Ask for it again; it has six digits."),
    "code_attempts": _l("The code was wrong too often. Ask for a new invitation."),
    "wrong_passphrase": _l("This is not your pass phrase."),
    "code_not_of_app": _l("This is not the code that your app shows now. Wait for the next one, and type that."),
    "passkey_opened_nothing": _l("This key opened nothing. Try again, or give your pass phrase."),
    "passkey_refused": _l("This did not work. Nothing was changed; try once more."),
    "passkey_name": _l("Give it a name of %(longest)s characters at most, such as “My phone”."),
    "passkeys_many": _l("You have %(most)s of them. Take one away first."),
    "stays_sealed": _l(
        "Your pass phrase was set anew by mail. This waits, and what you sent before stays closed, until it is clear"
        " that it was you."
    ),
    "reset_once_more": _l("Their pass phrase was reset once more since you opened this page. Ask about that one."),
    "never_revealed": _l("You chose never to be shown this again."),
    "why_missing": _l("Say in one line why."),
    "not_told": _l("Tell them first, and tick this."),
    "not_under_this_policy": _l("The agreement under which this was given does not provide for that."),
    "not_offered_for_this_question": _l("This is not offered for this question."),
    "hangs_on_private": _l("It hangs on another question that stays private. That one comes first."),
    "asked_already": _l("You have asked about this one already."),
    "answered_already": _l("This was answered meanwhile."),
    "request_is_over": _l("Nobody asks about this any more. Nothing was changed."),
    "passphrase_short": _l("Use %(shortest)s characters or more. Three or four words are easy to keep in mind."),
    "passphrase_long": _l("Use %(longest)s characters at most."),
    "passphrase_easy": _l("This one is easy to guess. Take a few words that have nothing to do with you."),
    "passphrase_breached": _l("This one stands in lists that attackers use. Take another."),
    "not_a_user_name": _l("Use 3 to 40 letters, digits, dots or hyphens."),
    "user_name_taken": _l("This one is taken. Choose another."),
    "user_names_alike": _l("Each needs a user name of their own."),
    "address_opens_another_door": _l("This address opens another door here already. It takes another one."),
    "not_an_address": _l("Give an e-mail address, such as name@example.org."),
    "not_a_number": _l("Give a whole number in digits."),
    "out_of_range": _l("Give a number from %(minimum)s to %(maximum)s."),
    "not_an_option": _l("Choose one of the answers."),
    "not_a_date": _l("Give the day as a date, such as 2026-11-20."),
    "corrected_too_often": _l("This form was corrected fifty times. Tell your coach what it should say."),
    "too_long": _l("This is longer than %(maximum)s characters. Please shorten it."),
    "na_not_allowed": _l("Choose a number, or skip this question."),
    "alone_is_no_joint_task": _l("This one is done alone. Choose one of the two, or both."),
    "together_needs_both": _l("This one needs both of them. Choose both, or a joint task."),
    "due_in_the_past": _l("This day is over. Choose today or a later day."),
    "due_too_far": _l("This is more than a year away. Choose an earlier day."),
    "couple_not_active": _l("Nothing can be assigned while the work with this couple rests."),
    "exercise_retired": _l("This exercise is no longer in your library. Choose another one."),
    "only_check_in_repeats": _l("Only the check-in can come each week. Take the tick away, or choose the check-in."),
    "check_in_too_soon": _l("They were given a check-in within the last four days. Choose something else for now."),
    "repeats_already": _l("The check-in comes each week already."),
    "assigned_already": _l("They were given exactly this today already."),
    "too_many_instructions": _l("Use %(maximum)s lines at most."),
    "address_of_the_other": _l("This is the other partner’s address. Each needs an address of their own."),
    "one_address_for_both": _l("This is the other partner’s address. Each needs one of their own, or both want it so."),
    "step_unknown": _l("Choose one of the steps."),
    "reason_missing": _l("Say why it is closed."),
    "no_working_day": _l("Choose a day on which somebody reads, one at least."),
    "ends_before_it_begins": _l("Choose an hour that is later than the one before it."),
    "within_out_of_range": _l("Give a number of hours from 1 to %(maximum)s."),
    "time_is_leapt_over": _l("The clock leaps over this time on that day. Choose one an hour earlier or later."),
    "session_in_the_past": _l("This day is over. Choose today or a later day."),
    "session_too_far": _l("This is more than a year away. Choose an earlier day."),
    "session_planned_already": _l("A session of theirs stands at this very time already."),
    "session_not_begun": _l("This session has not begun yet."),
    "session_is_over": _l("This session is over, or was called off."),
    "couple_not_together": _l("No session of both while the work with this couple rests or has ended."),
    "agreed_needs_both": _l("What is agreed is read by both, so it belongs to a session of both."),
    "note_empty": _l("Write something first."),
    "too_many_days": _l("A file holds %(maximum)s days at most. Choose a later first day, or an earlier last one."),
    "several_of_that_name": _l("There are %(count)s of that name: give the id instead, one of %(ids)s."),
    "name_missing": _l("Give a name."),
    "last_owner": _l("A practice keeps an owner. Make somebody else an owner first."),
    "last_before_first": _l("The last day is before the first."),
    "away_too_long": _l("That is longer than four months. Hand the couples over instead."),
    "cover_is_oneself": _l("Choose somebody else."),
    "cover_stands_already": _l("Somebody is named for some of these days already."),
    "hands_to_the_same": _l("They are with this coach already."),
    "needs_another_member": _l("You have approved this one. Another member has to look at it too."),
    "approve_again_later": _l("In a practice of one, the second time is seven days after the first."),
    "records_are_held": _l("These records are on hold. Lift the hold first."),
    "approved_already": _l("This was approved twice already."),
    "not_the_practices_to_stop": _l("This cannot be stopped here: the person asked for it, or it was carried out."),
    "erased_already": _l("This was erased already."),
    "not_for_both_now": _l("One of the two takes part no more, so there is nothing new for both of them."),
    "not_on_this_screen": _l("This cannot be kept now. Turn the screen back to go on."),
    "takes_part_no_more": _l("This partner takes part no more. Ask for fresh consent first."),
    "not_in_this_state": _l("This does not follow from where the work with them stands. Look at the page again."),
    "needs_both_anew": _l("It goes on with both once both have agreed anew."),
    "nothing_asked": _l("Nothing is asked of you at the moment."),
    "sharing_has_ended": _l("Nothing more of this opens: you chose so."),
    "purpose_missing": _l("Say to whom it goes, and why."),
    "authorisation_stands_already": _l("Something was asked already. Call it off first."),
    "both_have_not_agreed": _l("The joint record leaves once both have agreed, each alone."),
    "joint_work_held": _l("Nothing is given to both together for now."),
    "no_open_flag": _l("This is closed already."),
    "contacts_missing": _l("Your practice has to check an emergency contact and one for partner violence first."),
    "text_missing": _l("Write the text first."),
    "text_changed_meanwhile": _l("The text was changed meanwhile. Please read it once more."),
    "policy_changed_meanwhile": _l("The rule was changed meanwhile. Please look once more."),
    "signature_missing": _l("Write your name: that is your signature."),
    "line_missing": _l("Write one line."),
    "questions_enough": _l(
        "You have asked %(maximum)s things about this. What else there is fits into your next session."
    ),
    "question_too_late": _l("This was sent already. What you would like to ask fits into your next session."),
    "never_shown": _l("As you chose, nothing of what you sent is shown here again."),
    "contact_unreachable": _l("Give a number to call or to write to, or a web address."),
}


def words_for(error: Refused) -> str:
    """The sentence for a refusal; a code without a sentence of its own gets a plain one."""
    sentence = WORDS.get(error.code)
    if sentence is None:
        return str(_l("This cannot be done now."))
    return str(sentence) % error.params if error.params else str(sentence)
