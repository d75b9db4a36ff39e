"""Facts of one's own data in words: the account, what one was asked, and what one chose from."""

from collections.abc import Iterator

from flask_babel import gettext

from portal.domain.releases import ReleaseAnswer
from portal.services.exports import OwnData
from portal.web import filters
from portal.web.forms.later import WORDS
from portal.web.texts import POLICIES


def facts(data: OwnData) -> Iterator[tuple[str, str]]:
    yield gettext("Name"), data.name
    yield gettext("E-mail address"), data.address
    if data.user_name:
        yield gettext("User name"), data.user_name
    for passkey in data.passkeys:
        yield gettext("Passkey"), passkey
    yield gettext("Time zone"), data.zone
    yield gettext("Language"), data.language
    for agreed in data.agreed:
        what = gettext(
            "%(policy)s (version %(version)s), and version %(text)s of the text, on %(day)s",
            policy=POLICIES[agreed.policy],
            text=agreed.text_version,
            version=agreed.policy_version,
            day=filters.day_year(agreed.given_at),
        )
        yield gettext("What you agreed to"), what
    if data.later:
        yield gettext("Asked once more after the end"), str(WORDS[data.later])


def own_choices(data: OwnData) -> Iterator[tuple[str, str]]:
    """What one could choose from, and what one took."""
    for one in data.choices:
        day = filters.day_year(one.offered_at)
        what = gettext("One of “%(titles)s”, on %(day)s", titles="; ".join(one.titles), day=day)
        yield what, str(one.taken or gettext("not chosen"))


def asked(data: OwnData) -> Iterator[tuple[str, str]]:
    """What was to be brought into a session, with what one said to it."""
    said = {
        None: gettext("not answered"),
        ReleaseAnswer.YES: gettext("yes"),
        ReleaseAnswer.NO: gettext("not this time"),
        ReleaseAnswer.TOLD: gettext("you were told"),
    }
    for one in data.requests:
        day = filters.day_year(one.asked_at)
        what = gettext("“%(questions)s” into a session, on %(day)s", questions="; ".join(one.questions), day=day)
        yield what, f"{one.why}: {said[one.answer]}" if one.why else str(said[one.answer])
