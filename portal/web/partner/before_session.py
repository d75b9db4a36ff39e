"""One's own side of the next brief, behind the pass phrase each time: looked at on the reply, or taken along as pages.

The page that asks is the same for everybody, whatever they sent.
"""

from flask import current_app, render_template, request
from flask_babel import gettext
from werkzeug import Response

from portal import clock
from portal.domain.errors import Invalid
from portal.output.papers import BeforePaper, render_before
from portal.output.render import NotRendered, render_pdf
from portal.services import own_brief
from portal.services.own_brief import OwnBrief
from portal.web import guards
from portal.web.forms.account import BeforeSessionForm
from portal.web.forms.words import words_for
from portal.web.limits import counts_guesses, counts_papers
from portal.web.partner import files
from portal.web.partner.area import area
from portal.web.voice import voice

FILE = "file"


@area.route("/before-session", methods=["GET", "POST"])
@counts_guesses
@counts_papers
def before_session() -> Response | tuple[str, int] | str:
    form = BeforeSessionForm() if request.method == "POST" else BeforeSessionForm(formdata=None, act="show")
    if form.validate_on_submit():
        to_take_along = form.act.data == FILE
        try:
            found = own_brief.own_brief(guards.viewer(), form.passphrase.data, to_take_along=to_take_along)
            paper = _paper(found)
            shown = render_template("partner/before/show.html", paper=paper, since=found.since)
            return _file(paper) if to_take_along else shown
        except Invalid as refusal:
            form.passphrase.errors = [words_for(refusal)]
        except NotRendered:
            form.act.errors = [gettext("This is more than can be set in pages. You can look at it here.")]
    page = render_template("partner/before/ask.html", form=form, note=files.note())
    return (page, 422) if request.method == "POST" else page


def _paper(found: OwnBrief) -> BeforePaper:
    kept_back = gettext("You chose never to be shown again what you sent in private, so none of it stands here.")
    return BeforePaper(
        files.local(clock.now()),
        files.note(),
        str(kept_back) if found.never_private else "",
        files.as_copy(found.wants) if found.wants else None,
        files.as_copy(found.glad_of) if found.glad_of else None,
        tuple(map(files.as_copy, found.homework)),
    )


def _file(paper: BeforePaper) -> Response:
    """The file under the name that own data has as pages."""
    site_name = current_app.extensions["portal.settings"].site_name
    content = render_pdf(render_before(paper, voice(), site_name=site_name)).content
    guards.check_again()  # a page takes its time
    headers = {"Content-Disposition": 'attachment; filename="answers.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)
