"""The scores of a couple's partners, each alone: what they came to, in words that say no more than was published."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_date, gettext
from markupsafe import Markup
from werkzeug import Response
from wtforms.validators import ValidationError

from portal.domain.errors import Invalid
from portal.domain.measure_scores import ASK, Reliable
from portal.domain.measures import TOTAL, CutOff
from portal.domain.people import Label, Role
from portal.output import courses
from portal.output.courses import Dot
from portal.output.marks import Words
from portal.services import measure_scores, supervision
from portal.services.measure_scores import Course, Entered, Scored, ScoresOfCouple
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.measure_words import words_of
from portal.web.forms.scores import ScoresForm

Page = Response | tuple[str, int] | str


@dataclass(frozen=True, slots=True)
class CourseShown:
    """One person's scores of one measure: the chart of the totals where there is one, and each set with its words."""

    course: Course
    chart: Markup | None
    lines: tuple[tuple[Scored, tuple[str, ...]], ...]


@area.get("/couples/<uuid:couple_id>/measures")
@guards.opens_to(Role.SUPERVISOR)
def scores_show(couple_id: UUID) -> str:
    found = measure_scores.of_couple(guards.viewer(), couple_id)
    supervision.note_reading(guards.viewer(), couple_id)
    return _page(found, _form(found, formdata=None))


@area.post("/couples/<uuid:couple_id>/measures")
def scores_enter(couple_id: UUID) -> Page:
    found = measure_scores.to_type_for(guards.viewer(), couple_id)
    form = _form(found)
    try:
        if form.validate():
            label, measure_id = Label(form.who.data), UUID(form.measure.data)
            typed = Entered(label, measure_id, form.taken_on.data, form.totals(request.form))
            measure_scores.enter(guards.viewer(), couple_id, typed)
            flash(gettext("Kept, and marked as entered from paper."))
            return redirect(url_for("coach.scores_show", couple_id=couple_id), 303)
    except ValidationError as error:
        form.form_errors.append(str(error))
    except Invalid as refusal:
        form.refuse(refusal.params.get("field"), words_of(refusal))
    return _page(measure_scores.of_couple(guards.viewer(), couple_id), form), 422


@area.post("/scores/<uuid:score_id>/strike")
def scores_strike(score_id: UUID) -> Response:
    couple_id = measure_scores.strike(guards.viewer(), score_id)
    flash(gettext("Struck. That it was stays on record."))
    return redirect(url_for("coach.scores_show", couple_id=couple_id), 303)


def _form(found: ScoresOfCouple, **how: Mapping[str, str] | None) -> ScoresForm:
    names = {partner.label: partner.name for partner in found.couple.partners}
    return ScoresForm(**how).offer(names, found.kept)


def _page(found: ScoresOfCouple, form: ScoresForm) -> str:
    by_partner = [
        (partner, [_shown(course) for course in found.of(partner.label)]) for partner in found.couple.partners
    ]
    return render_template(
        "coach/measures/scores.html",
        found=found,
        by_partner=by_partner,
        form=form,
        scales=sorted({scale for kept in found.kept for scale in kept.scales}, key=lambda name: (name != TOTAL, name)),
        typed=request.form,
        scale_name=scale_name,
        plain=plain,
    )


def _shown(course: Course) -> CourseShown:
    lines = tuple((one, in_words(one)) for one in reversed(course.scored))
    return CourseShown(course, _chart(course), lines)


def _chart(course: Course) -> Markup | None:
    """The totals that were scored as the latest was; None where there is none."""
    latest = course.scored[-1].measure
    same = [one for one in course.scored if one.measure == latest]
    scale = latest.scale(TOTAL)
    if scale is None or not any(one.total is not None for one in same):
        return None
    dots = [
        Dot(str(format_date(one.taken_on, gettext("d MMM"))), None if one.total is None else float(one.total))
        for one in same
    ]
    possible = latest.possible(scale)
    cut = float(latest.cut.value) if latest.cut is not None and latest.cut.source else None
    title = gettext("%(measure)s, totals by date", measure=course.name)
    words = Words(f"course-{course.slug}-{course.label}", title, gettext("The numbers stand in the table below it."))
    return courses.course(words, dots, float(possible.low), float(possible.high), cut, is_b=course.label is Label.B)


def scale_name(name: str) -> str:
    """What a scale is called on a page."""
    return str(gettext("Total")) if name == TOTAL else name.replace("_", " ")


def in_words(one: Scored) -> tuple[str, ...]:
    """What can be said of a set of scores: published facts about numbers, and never what somebody has or is."""
    score, told = one.score, []
    if all(total is None for total in score.totals.values()) or (TOTAL in score.totals and one.total is None):
        told.append(gettext("Missing: not scorable."))
    if score.prorated:
        told.append(gettext("Some was left out; what was answered stands for it."))
    told += [*_published(one), *_change(one), *_critical(one)]
    return tuple(map(str, told))


def _published(one: Scored) -> list[str]:
    """The published range and band; neither without a source."""
    cut = one.measure.cut
    if cut is None or not cut.source or one.score.in_range is None:
        return []
    places = {"range": range_of(cut), "source": cut.source}
    told = [
        gettext("In the published range, %(range)s (%(source)s).", **places)
        if one.score.in_range
        else gettext("Not in the published range, %(range)s (%(source)s).", **places)
    ]
    if one.score.band is not None:
        band = one.score.band.replace("_", " ")
        told.append(gettext("In the published band “%(band)s” (%(source)s).", band=band, source=cut.source))
    return told


def range_of(cut: CutOff) -> str:
    """A published range as it is written: < 13.5."""
    return f"{cut.operator} {cut.value.normalize():f}"


def _change(one: Scored) -> list[str]:
    """Against the first total, where a reliable change is published."""
    if one.reliable is None or one.measure.rci is None:
        return []
    points = f"{one.measure.rci.normalize():f}"
    told = {
        Reliable.BETTER: gettext("Since the first one: reliably better, by %(points)s points or more.", points=points),
        Reliable.WORSE: gettext("Since the first one: reliably worse, by %(points)s points or more.", points=points),
        Reliable.NO: gettext("Since the first one: no reliable change (%(points)s points).", points=points),
    }
    crosses = one.significant and one.measure.cut is not None and one.measure.cut.source
    more = [gettext("The change also crosses the edge of the published range.")] if crosses else []
    return [told[one.reliable], *more]


def _critical(one: Scored) -> list[str]:
    critical = one.measure.critical
    if critical is None or not one.score.critical:
        return []
    if one.score.critical == ASK:
        return [gettext("Item %(number)s was left out: ask.", number=critical.item)]
    return [gettext("Item %(number)s was answered so that it is looked at the same day.", number=critical.item)]


def plain(value: Decimal | None) -> str:
    """A score as it is printed; a dash where there is none."""
    return "–" if value is None else f"{value.normalize():f}"
