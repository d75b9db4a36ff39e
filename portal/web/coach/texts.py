"""The practice's texts: each with its version and day, read by owner and coaches, published anew by the owner."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.consent import RoleDuties
from portal.domain.errors import Conflict, Invalid
from portal.domain.people import Role
from portal.domain.texts import TextKind, in_addresses, unfilled
from portal.services import consents, practices, texts
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.consent import ConsentTextForm, TextForm
from portal.web.forms.fields import whole_number_or_none
from portal.web.forms.words import words_for
from portal.web.texts import NAMES, in_pieces, places_of

Page = Response | tuple[str, int] | str


@area.get("/practice/texts")
def texts_index() -> str:
    known = texts.shown_to_staff(guards.viewer())
    return render_template("coach/texts/index.html", texts=known.by_kind, names=NAMES)


@area.get(f"/practice/texts/{in_addresses(TextKind)}")
def texts_show(kind: str) -> str:
    wanted, number = TextKind(kind), request.args.get("version", "")
    return _version(wanted, number) if number else _page(wanted, None)


@area.post(f"/practice/texts/{in_addresses(TextKind)}")
@guards.for_owner
def texts_publish(kind: str) -> Page:
    wanted = TextKind(kind)
    form = _form(wanted)
    if not form.validate_on_submit():
        return _page(wanted, form), 422
    if "preview" in request.form:
        return _page(wanted, form, is_preview=True)
    try:
        number = texts.publish(guards.viewer(), wanted, form.body.data, form.read, form.duties)
    except (Invalid, Conflict) as refusal:
        form.body.errors = [words_for(refusal)]
        if isinstance(refusal, Conflict):  # the page says so, and shows beside it what is in force
            form.version.data = str(texts.shown_to_staff(guards.viewer())[wanted].version)
        return _page(wanted, form), 422
    flash(gettext("Published as version %(number)s. It holds from now on.", number=number))
    return redirect(url_for("coach.texts_show", kind=kind), 303)


def _version(kind: TextKind, number: str) -> str:
    """An earlier version, or the present one, as it was published."""
    found = texts.version(guards.viewer(), kind, whole_number_or_none(number) or 0)
    pieces = in_pieces(found.body, _places())
    return render_template("coach/texts/version.html", kind=kind, names=NAMES, found=found, pieces=pieces)


def _form(kind: TextKind) -> TextForm:
    return ConsentTextForm() if kind is TextKind.CONSENT else TextForm()


def _places() -> dict[str, str]:
    """As the reader's own partners would see it."""
    found = guards.standing()
    return places_of(found.name, found.hours, found.practice_name)


def _page(kind: TextKind, form: TextForm | None, *, is_preview: bool = False) -> str:
    viewer = guards.viewer()
    known = texts.shown_to_staff(viewer)[kind]
    shown = form.body.data if form and is_preview else known.body
    return render_template(
        "coach/texts/show.html",
        kind=kind,
        names=NAMES,
        text=known,
        unfilled=unfilled(kind, shown or ""),
        pieces=in_pieces(shown or "", {} if kind.is_notice else _places()),
        duties=form.duties if form and is_preview else known.duties,
        is_preview=is_preview,
        policy=practices.practice(viewer).policy.value,
        versions=texts.versions(viewer, kind),
        owing=consents.owing(viewer) if kind is TextKind.CONSENT and viewer.role is Role.OWNER else None,
        form=form or _begun(kind, known.body, known.version, known.duties),
        wrong=form if form and not is_preview else [],
        is_owner=viewer.role is Role.OWNER,
    )


def _begun(kind: TextKind, body: str, version: int, duties: RoleDuties | None) -> TextForm:
    """The form as it stands before anything is typed: the text in force, to go on from."""
    if kind is not TextKind.CONSENT:
        return TextForm(formdata=None, body=body, version=version)
    form = ConsentTextForm(formdata=None, body=body, version=version)
    form.begin_with_duties(duties or RoleDuties())
    return form
