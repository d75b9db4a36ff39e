"""The form of how somebody can be reached safely; the pass phrase stands under it each time."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField, TextAreaField

from portal.domain.safe_ways import MOST, SafeWayOfReaching
from portal.web.forms.account import own_passphrase


class OpenForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    passphrase: PasswordField = own_passphrase(_l("Your pass phrase"))


class SafeWayForm(FlaskForm):  # type: ignore[misc]
    phone = BooleanField(_l("I may be called"))
    number = StringField(_l("On which number"))
    times = StringField(_l("When a call is all right"))
    voicemail = BooleanField(_l("A message may be left when I do not answer"))
    mail = BooleanField(_l("The neutral mail about a new task may come"))
    quiet = BooleanField(_l("Please do not contact me between sessions"))
    words = TextAreaField(_l("Anything else, in your own words"))
    passphrase: PasswordField = own_passphrase(_l("Your pass phrase"))

    @classmethod
    def filled(cls, way: SafeWayOfReaching) -> "SafeWayForm":
        """The form as somebody left it."""
        form = cls(formdata=None, obj=way)
        form.quiet.data = not way.between_sessions
        return form

    @property
    def said(self) -> SafeWayOfReaching:
        texts = {name: (self[name].data or "").strip() for name in MOST}
        return SafeWayOfReaching(
            phone=self.phone.data,
            voicemail=self.voicemail.data,
            mail=self.mail.data,
            between_sessions=not self.quiet.data,
            **texts,
        )
