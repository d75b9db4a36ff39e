"""One response as the coach reads it, sorted by who else reads what; reviewed with a line, or without."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal.domain.answers import Answer
from portal.domain.disclosure import Disclosure
from portal.domain.items import Item, ItemType
from portal.services import reviews
from portal.services.reviews import ReadResponse
from portal.web import guards
from portal.web.coach.area import area
from portal.web.forms.answers import row_of, sorted_by_reader
from portal.web.forms.reviews import ReviewForm


@area.get("/responses/<uuid:response_id>")
def responses_show(response_id: UUID) -> str:
    return _page(reviews.read(guards.viewer(), response_id), ReviewForm())


@area.post("/responses/<uuid:response_id>")
def responses_review(response_id: UUID) -> Response | tuple[str, int]:
    form = ReviewForm()
    if not form.validate_on_submit():
        return _page(reviews.read(guards.viewer(), response_id), form), 422
    reviews.review(guards.viewer(), response_id, form.feedback.data or "")
    flash(gettext("Marked as read."))
    return redirect(url_for("coach.responses_show", response_id=response_id), 303)


def _page(found: ReadResponse, form: ReviewForm) -> str:
    pairs = [(found.items[answer.item_id], answer) for answer in found.form.answers]
    return render_template(
        "coach/responses/show.html",
        found=found,
        form=form,
        sheets=sorted_by_reader(pairs),
        private=[row_of(item, answer) for item, answer in pairs if _is_told_privately(item, answer)],
    )


def _is_told_privately(item: Item, answer: Answer) -> bool:
    """Locked answers that say something; a run of "No" is never shown as reassurance."""
    says_something = item.signal(answer.value) is not None or _is_in_own_words(item, answer)
    return answer.disclosure is Disclosure.LOCKED and says_something


def _is_in_own_words(item: Item, answer: Answer) -> bool:
    """Such as the safe way and time that its author gave; one word is enough."""
    return item.type is ItemType.TEXT and bool(answer.value)
