"""The words for what the builder of questionnaires refuses: one sentence for each code."""

from flask_babel import lazy_gettext as _l

OF_QUESTIONNAIRES = {
    "words_missing": _l("Write something here."),
    "item_without_label": _l("Write the question."),
    "instructions_missing": _l("Say in one line at least how it goes."),
    "ends_missing": _l("Give the words at both ends, such as “not at all” and “fully”."),
    "too_few_options": _l("Give two answers at least."),
    "too_many_options": _l("Twelve answers fit; take the rest away, or make two questions of it."),
    "options_alike": _l("Two of the answers say the same."),
    "item_bounds_reversed": _l("The greatest number has to be above the least, and both below a milliard."),
    "too_many_questions": _l("A form holds %(maximum)s questions of your own. Remove one first."),
    "condition_of_two_questions": _l("Choose answers of one question alone."),
    "condition_names_no_earlier_item": _l("Choose a question that stands before this one."),
    "condition_names_unknown_option": _l("Choose one of the answers that question has."),
    "condition_narrower_than_item": _l(
        "Fewer people read the question that this hangs on, and that this was asked would tell them what was answered"
        " there. Let fewer people read this one, or choose another question."
    ),
    "another_hangs_and_is_wider": _l(
        "“%(question)s” hangs on this one and is read by more people. Change that one first."
    ),
    "another_hangs_on_option": _l(
        "“%(question)s” is asked only after one of the answers that you took away. Change that one first."
    ),
    "another_hangs_on_it": _l("“%(question)s” is asked only after an answer to the other. Change that one first."),
    "check_in_private_are_carried": _l(
        "The private questions of the check-in are those it comes with: what they raise has to be found by the portal."
    ),
    "item_signal_not_locked": _l("Only a private answer can come to you at once."),
    "check_in_stays": _l("The check-in stays: trends and briefs are made of it."),
    "too_many_programme_steps": _l("A programme has %(maximum)s steps at most."),
    "step_has_exercises": _l("Exercises stand at this step. Retire them, or put them at another step first."),
    "couples_stand_at_step": _l("Somebody is at this step. It can be retired once nobody is."),
    "last_step": _l("A programme keeps one step."),
    "draft_changed_meanwhile": _l("This draft was changed on another page meanwhile."),
}
