"""How the caseload is asked for, as it stands in an address; and the form that keeps a view of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from portal.domain.caseload import ANY, CURRENT, EVERYBODY, LONGEST_NAME, NEEDS, SORTS, STATES, ViewSettings, Waiting
from portal.domain.people import CoupleState
from portal.services.caseload import CaseloadQuery
from portal.web.forms.fields import whole_number_or_none
from portal.web.forms.lines import one_line

STATE_WORDS = {
    CURRENT: _l("With you"),
    CoupleState.INVITED: _l("Invited"),
    CoupleState.ACTIVE: _l("Active"),
    CoupleState.PAUSED: _l("Paused"),
    CoupleState.WITHDRAWN: _l("One has left"),
    CoupleState.SEPARATED: _l("Separated"),
    CoupleState.CLOSED: _l("Closed"),
    EVERYBODY: _l("All"),
}
NEEDS_WORDS = {
    "": _l("Whether or not"),
    ANY: _l("For any reason"),
    Waiting.OVERDUE: _l("A task ended, still open"),
    Waiting.SILENT: _l("Nothing for two weeks"),
    Waiting.AHEAD: _l("One is ahead of the other"),
    Waiting.DROPPED: _l("A check-in lower than usual"),
    Waiting.NOT_COME_IN: _l("Not come in yet"),
    Waiting.NOTHING_ASSIGNED: _l("Nothing assigned"),
}

ORDER_WORDS = {
    "next": _l("Next session"),
    "waiting": _l("Who waits for you"),
    "active": _l("Last active"),
    "names": _l("Names"),
}


def query_of(asked: Mapping[str, str]) -> CaseloadQuery:
    """What an address asks of the list; what the list does not know is left out."""
    state, needs, sort, page = (asked.get(name, "") for name in ("state", "needs", "sort", "page"))
    return CaseloadQuery(
        q=one_line(asked.get("q", "")[:100]) or "",
        state=state if state in STATES else CURRENT,
        step=one_line(asked.get("step", "")[:40]) or "",
        needs=needs if needs in NEEDS else "",
        sort=sort if sort.removeprefix("-") in SORTS else "next",
        page=whole_number_or_none(page, most_digits=5) or 1,
    )


def query_of_view(settings: ViewSettings) -> CaseloadQuery:
    return CaseloadQuery(state=settings.state, step=settings.step, needs=settings.needs, sort=settings.sort)


def settings_of(query: CaseloadQuery) -> ViewSettings:
    """What of a list can be kept: never the name that is looked for."""
    return ViewSettings(query.state, query.step, query.needs, query.sort)


def address_of(query: CaseloadQuery, **changes: object) -> str:
    """The query as it stands in an address."""
    return urlencode(parts_of(query, **changes))


def parts_of(query: CaseloadQuery, **changes: object) -> dict[str, Any]:
    """What stands in an address: never nothing, for an address without anything begins with a view."""
    asked = {name: getattr(query, name) for name in ("q", "state", "step", "needs", "sort")} | changes
    usual = {"q": "", "state": CURRENT, "step": "", "needs": "", "sort": "next", "page": 1}
    unusual = {name: value for name, value in asked.items() if value != usual[name]}
    return unusual or {"state": CURRENT}


class ViewForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    name = StringField(
        _l("Name of this view"),
        [Length(max=LONGEST_NAME, message=_l("Use %(max)d characters at most."))],
        filters=[one_line],
    )
    is_first = BooleanField(_l("Begin with it"))
