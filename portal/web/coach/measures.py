"""Published measures: the list, bringing one in by a file that nothing is run of, and what was read of it."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.errors import Invalid
from portal.domain.imported import MOST_BYTES
from portal.domain.measure_scores import Coding
from portal.input import fhir, instrument_csv
from portal.services import measure_import, measure_licences, measures
from portal.services.measure_import import Brought
from portal.services.measures import MeasureShown
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.measure_words import LACKS, words_of
from portal.web.forms.measures import (
    FHIR,
    PAPER,
    BringForm,
    LicenceForm,
    ProtocolForm,
    ScoringForm,
)
from portal.web.forms.scorings import told_scoring

Page = Response | tuple[str, int] | str
SAMPLE = "\n".join(
    (
        ",".join(instrument_csv.COLUMNS),
        "tea,1,1,1,How was the tea?,a,Weak,0,,,",
        "tea,1,1,1,How was the tea?,b,Strong,1,,,",
    )
)


@area.get("/questionnaires/measures/")
def measures_index() -> str:
    return render_template("coach/measures/index.html", lines=measures.lines(guards.viewer()), lacks=LACKS)


@area.get("/questionnaires/measures/new")
def measures_new() -> str:
    return _bring(BringForm().offer())


@area.post("/questionnaires/measures/new")
def measures_bring() -> Page:
    form = BringForm().offer()
    if not form.validate():
        return _bring(form), 422
    try:
        found = measure_import.bring_in(guards.viewer(), _read(form))
    except Invalid as refusal:
        form.refuse(refusal.params.get("field", "file"), words_of(refusal))
        return _bring(form), 422
    flash(gettext("Brought in. See what was read of it, and what it still needs."))
    return redirect(url_for("coach.measures_show", measure_id=found), 303)


def _bring(form: BringForm) -> str:
    return render_template("coach/measures/new.html", form=form, sample=SAMPLE)


def _read(form: BringForm) -> Brought:
    """What the form and its file say. Raises Invalid."""
    named = {"name": form.name.data, "title": form.title.data, "minutes": form.minutes.data}
    if form.kind.data == PAPER:
        return Brought(**named)
    if not form.file.data:
        raise Invalid("measure_file_missing", field="file")
    data = form.file.data.read(MOST_BYTES + 1)
    if form.kind.data == FHIR:
        return Brought(**named, questionnaire=fhir.questionnaire(data))
    if not form.coding.data:
        raise Invalid("measure_coding_missing", field="coding")
    coding = Coding(form.coding.data)
    read = instrument_csv.table(data, coding)
    return Brought(**named, coding=coding, questionnaire=read.questionnaire, turned=read.turned)


@area.get("/questionnaires/measures/<uuid:measure_id>")
def measures_show(measure_id: UUID) -> str:
    return page(measures.measure(guards.viewer(), measure_id))


def page(
    found: MeasureShown,
    scoring: ScoringForm | None = None,
    licence: LicenceForm | None = None,
    protocol: ProtocolForm | None = None,
) -> str:
    """One measure with the forms about it, of which one holds what was typed."""
    wrong = scoring or licence or protocol
    return render_template(
        "coach/measures/show.html",
        found=found,
        lacks=LACKS,
        scoring=scoring or ScoringForm(formdata=None, data=told_scoring(found)).offer(),
        licence=licence or LicenceForm(formdata=None, obj=found.licence),
        protocol=protocol or _protocol(found),
        wrong=wrong if wrong is not None else [],
        typed=type(wrong).__name__ if wrong is not None else "",
    )


def _protocol(found: MeasureShown) -> ProtocolForm:
    """The form as it stands before anything is typed: what is on record, to go on from."""
    form = ProtocolForm(formdata=None, obj=found.protocol).offer(measure_licences.coaches(guards.viewer()))
    form.readers.data = [str(reader) for reader in found.protocol.reader_ids] if found.protocol else []
    return form
