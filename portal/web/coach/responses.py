"""One response as the coach reads it, sorted by who else reads what; reviewed with a line, or without."""

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.people import Role
from portal.domain.programme import Kind
from portal.domain.releases import step_under
from portal.domain.safety import is_told_privately
from portal.services import measure_scores, releases, review_queue, reviews
from portal.services.reviews import ReadResponse, Reviewed
from portal.services.versions import Version
from portal.web import guards
from portal.web.coach import scores
from portal.web.coach.area import area
from portal.web.forms.answers import Row, row_of, sorted_by_reader
from portal.web.forms.releases import RequestForm
from portal.web.forms.reviews import ReviewForm


class Earlier(NamedTuple):
    """What was said before a correction: when, the answers, and those to private questions."""

    written_at: datetime
    rows: list[Row]
    private: list[Row]


class Measured(NamedTuple):
    """The scores of a measure with what is said of them. A guarded one's answers stand behind one more step."""

    name: str
    totals: list[tuple[str, str]]
    told: tuple[str, ...]
    private: list[Row]
    is_guarded: bool


@area.get("/responses/")
def responses_index() -> str:
    return render_template("coach/responses/index.html", queue=review_queue.to_read(guards.viewer()))


@area.get("/responses/<uuid:response_id>")
@guards.opens_to(Role.SUPERVISOR)
def responses_show(response_id: UUID) -> str:
    found = reviews.read(guards.viewer(), response_id)
    return page(found, ReviewForm(formdata=None, feedback=found.feedback))


@area.post("/responses/<uuid:response_id>")
def responses_review(response_id: UUID) -> Response | tuple[str, int]:
    form = ReviewForm()
    if not form.validate_on_submit():
        return page(reviews.read(guards.viewer(), response_id), form), 422
    found = reviews.review(guards.viewer(), response_id, form.feedback.data or "", form.seen_at)
    _tell(found)
    return redirect(_onward(response_id) if found.is_read else here(response_id), 303)


@area.get("/responses/<uuid:response_id>/next")
def responses_next(response_id: UUID) -> Response:
    """On to the next that waits; this one stays where it is."""
    return redirect(_after(response_id), 303)


def _tell(found: Reviewed) -> None:
    if found.sent_to:
        flash(gettext("Sent to %(name)s.", name=found.sent_to))
    elif found.is_read:
        flash(gettext("Marked as read."))
    if not found.is_read:
        flash(gettext("This was corrected meanwhile, and the correction is still to be read."))


def _is_in_queue() -> bool:
    """Whether the coach reads one after the other."""
    return "queue" in request.values


def here(response_id: UUID, anchor: str | None = None) -> str:
    """The page of a response, in the queue where the coach came by it."""
    queue = 1 if _is_in_queue() else None
    return url_for("coach.responses_show", response_id=response_id, queue=queue, _anchor=anchor)


def _onward(response_id: UUID) -> str:
    """Where one goes once it is read."""
    return _after(response_id) if _is_in_queue() else here(response_id)


def _after(response_id: UUID) -> str:
    found = review_queue.next_or_none(guards.viewer(), response_id)
    if found is None:
        return url_for("coach.responses_index")
    return url_for("coach.responses_show", response_id=found, queue=1)


def page(found: ReadResponse, form: ReviewForm, asking: RequestForm | None = None) -> str:
    """The response, with what was typed into one of its two forms."""
    form.feedback.label.text = gettext("A line for %(name)s", name=found.author_name)
    form.seen.data = found.form.versions[-1].written_at.isoformat()
    pairs = [(found.items[answer.item_id], answer) for answer in found.form.answers]
    asking = asking or RequestForm(formdata=None)
    offers = releases.offers(found)
    asking.offer(offers, found)
    return render_template(
        "coach/responses/show.html",
        found=found,
        form=form,
        sheets=sorted_by_reader(pairs),
        private=[row_of(item, answer) for item, answer in pairs if is_told_privately(item, answer)],
        request=asking,
        in_queue=_is_in_queue(),
        names={found.form.label: found.author_name, found.form.label.other: found.partner_name},
        offers=offers,
        step=step_under(found.policy),
        measured=_measured(found),
        earlier=[_before(found, *both) for both in pairwise(found.form.versions)][::-1],
    )


def _measured(found: ReadResponse) -> Measured | None:
    """What a form of a measure came to, and the answers that are for the coach alone; None for other forms."""
    if found.form.kind is not Kind.MEASURE:
        return None
    scored = measure_scores.of_form(found.form, guards.zone())
    locked = [answer for answer in found.form.answers if answer.disclosure is Disclosure.LOCKED]
    totals = [(scores.scale_name(name), scores.plain(total)) for name, total in scored.score.totals.items()]
    rows = [row_of(found.items[answer.item_id], answer) for answer in locked if answer.value is not None]
    return Measured(found.form.document["measure"]["name"], totals, scores.in_words(scored), rows, bool(locked))


def _before(found: ReadResponse, one: Version, after: Version) -> Earlier:
    """What a version said where the one after it says something else."""
    later = {answer.item_id: answer for answer in after.answers}
    other = [(found.items[a.item_id], a) for a in one.answers if not _is_same(a, later.get(a.item_id))]
    is_private = {item.id: is_told_privately(item, answer) for item, answer in other}
    rows = [row_of(item, answer) for item, answer in other if answer.disclosure is not Disclosure.LOCKED]
    return Earlier(one.written_at, rows, [row_of(item, a) for item, a in other if is_private[item.id]])


def _is_same(one: Answer, other: Answer | None) -> bool:
    """Whether the same was said, whoever it is for."""
    return other is not None and (one.value, one.reason) == (other.value, other.reason)
