"""The booklet of what both shared: what it is, and the file, after the line that it stays on this device."""

from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug import Response

from portal import clock
from portal.output.papers import BookletLine, BookletPaper, render_booklet
from portal.output.render import NotRendered, render_pdf
from portal.services import booklets
from portal.services.booklets import Booklet
from portal.services.shared import SharedQuestion
from portal.web import filters, guards, limits
from portal.web.partner.area import area
from portal.web.voice import voice


@area.get("/booklet")
def booklet() -> str:
    return render_template("partner/booklet/show.html", found=booklets.booklet(guards.viewer()))


@area.post("/booklet")
@limits.counts_papers
def booklet_take() -> Response:
    """The file under a name that is the same for everybody."""
    site_name = current_app.extensions["portal.settings"].site_name
    paper = _paper(booklets.take(guards.viewer()))
    try:
        content = render_pdf(render_booklet(paper, voice(), site_name=site_name)).content
    except NotRendered:
        flash(gettext("This is more than can be set in pages."), "look")
        return redirect(url_for("partner.booklet"), 303)
    guards.check_again()  # a page takes its time
    headers = {"Content-Disposition": 'attachment; filename="booklet.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def _paper(found: Booklet) -> BookletPaper:
    """Its values as a paper has them: days in words, times on the reader's own clock."""
    standing = guards.standing()
    names = " & ".join(sorted(name for name in (standing.name, standing.beside) if name))
    return BookletPaper(
        clock.now().astimezone(ZoneInfo(guards.zone())),
        names,
        tuple(
            BookletLine(one.label, one.name, filters.day_year(one.day) if one.day else "", one.question, one.text)
            for one in found.thanks
        ),
        tuple((filters.day_year(at), text) for at, text in found.agreed),
        tuple(map(_kept, found.kept)),
    )


def _kept(question: SharedQuestion) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    said = tuple((str(one.label), one.name, str(one.answer.value)) for one in question.answers)
    return question.item.label, said
