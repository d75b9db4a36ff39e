"""What stands on the shelf beside a step: something to hear, to see or to read elsewhere, and why it is worth it."""

from dataclasses import dataclass
from enum import StrEnum

from portal.domain import media
from portal.domain.errors import Invalid
from portal.domain.lines import line
from portal.domain.media import Media

LONGEST_WHY = 200
MOST_ON_STEP = 40


class ResourceKind(StrEnum):
    """What somebody meets behind the link."""

    EPISODE = "episode"
    FILM = "film"
    ARTICLE = "article"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Resource:
    """One link of the shelf of a step; `why` is one line of the practice's own."""

    step: str
    kind: ResourceKind
    media: Media
    why: str


def checked(step: str, kind: str, title: str, address: str, minutes: int | None, why: str) -> Resource:
    """A link as it may stand before a partner. Raises Invalid with the `field` that is wrong.

    Which steps there are is the practice's to say, and is not looked at here.
    """
    if kind not in list(ResourceKind):
        raise Invalid("not_an_option", field="kind")
    try:
        found = media.checked(title, address, minutes)
    except Invalid as refusal:
        field = str(refusal.params["field"]).removeprefix("media_")
        raise Invalid(refusal.code, **(refusal.params | {"field": field})) from None
    why = line(why, field="why", most=LONGEST_WHY, missing="why_missing")
    return Resource(step, ResourceKind(kind), found, why)
