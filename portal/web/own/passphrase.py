"""Setting one's own pass phrase, the same on the account page of staff and of partners."""

from portal.domain.errors import Invalid
from portal.services import settings_of_person
from portal.web import guards
from portal.web.forms.account import ChangePassphraseForm
from portal.web.forms.words import words_for


def is_set_by(form: ChangePassphraseForm) -> bool:
    """Set the new pass phrase and go on in this browser under a new token; False where the form says why not."""
    if not form.validate_on_submit():
        return False
    try:
        token = settings_of_person.change_passphrase(guards.viewer(), form.old.data, form.new.data, guards.web_token())
    except Invalid as refusal:
        field = form.old if refusal.code == "wrong_passphrase" else form.new
        field.errors = [words_for(refusal)]
        return False
    guards.go_on_as(token)
    return True
