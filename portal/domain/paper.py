"""What may stand on a page to be filled in by hand, and what of it can be typed in again."""

from collections.abc import Iterable
from dataclasses import replace

from portal.domain.disclosure import Disclosure
from portal.domain.errors import NotFound
from portal.domain.items import Item
from portal.domain.programme import Kind
from portal.domain.questionnaires import Questionnaire


def items_on_paper(questionnaire: Questionnaire, items: Iterable[Item]) -> tuple[Item, ...]:
    """Of these questions those that may stand on a page to be filled in by hand: what was written for both.

    Paper is read by whoever finds it, so nothing for the coach alone is on it. Raises NotFound for all but an exercise,
    since the others ask of little else.
    """
    if questionnaire.kind is not Kind.EXERCISE:
        raise NotFound
    return tuple(item for item in items if item.disclosure in (Disclosure.SHARED, Disclosure.SESSION))


def has_sheet(questionnaire: Questionnaire) -> bool:
    """Whether anything of it stands on a page to be filled in by hand, so that there is a sheet to type in."""
    return questionnaire.kind is Kind.EXERCISE and bool(items_on_paper(questionnaire, questionnaire.items))


def items_to_type_in(questionnaire: Questionnaire, items: Iterable[Item]) -> tuple[Item, ...]:
    """The same as somebody types them in from a sheet: what hangs on a question that is not on it stands for itself.

    Raises NotFound for all but an exercise, and where nothing stands on the sheet.
    """
    listed = items_on_paper(questionnaire, items)
    ids = {item.id for item in listed}
    if not ids:
        raise NotFound
    return tuple(
        replace(item, show_if=None) if item.show_if is not None and item.show_if.item_id not in ids else item
        for item in listed
    )
