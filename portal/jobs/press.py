"""The press: copies of briefs are set in the background, two at a time, and kept sealed until somebody asks for one.

It works beside the mails and never before them, with children of its own that give way to those of the web. One copy
that cannot be set keeps no other back, and whoever asks for it has it set then and there.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from portal.domain.day_packs import Outcome
from portal.domain.errors import Refused
from portal.domain.people import Viewer
from portal.output.render import NotRendered, Rendered, Renderer, press
from portal.output.templates import render_brief
from portal.output.voices import voice_in
from portal.services import day_pack_work, rendered_briefs, session_prep
from portal.services.piecemeal import apart, done
from portal.services.rendered_briefs import Order
from portal.services.tenants import within
from portal.services.transactions import give_up

CHILDREN = 2
NICE = 10
MOST_LOOKS = 100  # for briefs of days, in one turn
For = tuple[Order, Viewer | None]  # what is set, and as whom: None for the session's coach


class Press:
    """Sets what is due; `site_name` stands in the titles of the files, `render` makes a file of a page."""

    def __init__(self, site_name: str, render: Callable[[str], Rendered] | None = None) -> None:
        self._site_name = site_name
        self._renderer = Renderer(children=CHILDREN, nice=NICE)
        self._render = render or self._renderer.render

    def turn(self, *, looks_ahead: bool = True) -> int:
        """Set the briefs of days that were asked for, then the copies of those that were opened or changed just now,
        and where `looks_ahead` of sessions soon.

        Gives how many were set; those that are kept of the same page are left.
        """
        made = self._set_all(_of_packs())
        orders = rendered_briefs.touched()
        if looks_ahead:
            with apart("kept papers"):
                rendered_briefs.let_go()
            with apart("briefs of days"):
                day_pack_work.let_go()
            orders += rendered_briefs.ahead()
        made += self._set_all((order, None) for order in orders if _taken(order))
        if not made:
            self._renderer.close()  # they are warm for one after another, and cost memory until then
        return made

    def _set_all(self, orders: Iterable[For]) -> int:
        """Set one page after another: while the children are at work, the next pages are written."""
        made = 0
        with ThreadPoolExecutor(CHILDREN) as pool:
            waiting = deque[tuple[Order, str, Future[Rendered]]]()
            for order, reader in orders:
                if html := self._page_or_none(order, reader):
                    waiting.append((order, html, pool.submit(self._render, html)))
                if len(waiting) > CHILDREN:
                    made += _kept(*waiting.popleft())
            made += sum(_kept(*one) for one in waiting)
        return made

    def _page_or_none(self, order: Order, reader: Viewer | None) -> str | None:
        """The page of an order; None where its file is kept, or there is no such copy any more."""
        html, outcome = None, Outcome.FAILED
        with apart("paper to print", order.session_id):
            within(order.practice_id, give_up)
            try:
                brief, language = session_prep.to_print(order.session_id, order.copy, reader)
            except Refused:
                rendered_briefs.keep(order, "", "", None)
                outcome = Outcome.GONE
            else:
                written = render_brief(brief, voice_in(language), site_name=self._site_name)
                is_kept = rendered_briefs.is_kept(order, written, press())
                html, outcome = (None, Outcome.SET) if is_kept else (written, outcome)
            give_up()  # nothing is held while it is set
        if html is None:
            _settle(order, outcome)
        return html


def _of_packs() -> Iterator[For]:
    """The briefs of days that are asked for, one after another, as long as there are any."""
    for _ in range(MOST_LOOKS):
        some = day_pack_work.orders()
        for order in some:
            reader = None
            with apart("brief of a day", order.row_id):
                within(order.practice_id, give_up)
                reader = day_pack_work.take(order.row_id) if order.row_id else None
            if reader is not None:
                done("paper to look at", order.session_id, partial(rendered_briefs.make_place, order))
                yield order, reader
        if not some:
            return


def _taken(order: Order) -> bool:
    """Whether it is this machine's to look at."""
    within(order.practice_id, give_up)
    return done("paper to look at", order.session_id, lambda: rendered_briefs.take(order))


def _kept(order: Order, html: str, file: Future[Rendered]) -> bool:
    """Keep what was set; False where nothing came of it, or words alone, which are no brief."""
    is_kept = False
    with apart("paper set", order.session_id):
        try:
            rendered = file.result()
            content = None if rendered.fallback else rendered.content
        except NotRendered:
            content = None
        within(order.practice_id, give_up)
        is_kept = rendered_briefs.keep(order, html, press(), content)
    _settle(order, Outcome.SET if is_kept else Outcome.FAILED)
    return is_kept


def _settle(order: Order, outcome: Outcome) -> None:
    if order.row_id is not None:
        with apart("brief of a day", order.row_id):
            within(order.practice_id, day_pack_work.settle, order.row_id, outcome)
