"""A film or a podcast episode that goes with a task: what it is called, where it is, and how long it takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from portal.domain.errors import Invalid
from portal.domain.lines import line

LONGEST_ADDRESS = 500
LONGEST_TITLE = 200
MOST_MINUTES = 600
# a name with a dot, and no number: what a coach reads before they publish it is a place that has a name
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_PRINTED = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Media:
    """Something to watch or to hear elsewhere; `minutes` is None where nobody said."""

    title: str
    address: str
    minutes: int | None = None

    @property
    def host(self) -> str:
        """The place that the address leads to, as a reader knows it."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.")

    @property
    def document(self) -> dict[str, Any]:
        """The same as it is stored."""
        return {"title": self.title, "address": self.address, "minutes": self.minutes}


def checked(title: str, address: str, minutes: int | None) -> Media:
    """A link as it may stand before a partner. Raises Invalid with the `field` that is wrong.

    The address is https and names a host: none that holds a name or a pass phrase, which would seem to lead elsewhere.
    """
    title = line(title, field="media_title", most=LONGEST_TITLE, missing="media_title_missing")
    address = address.strip()
    if not _is_address(address):
        raise Invalid("media_address", field="media_address")
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise Invalid("out_of_range", minimum=1, maximum=MOST_MINUTES, field="media_minutes")
    return Media(title, address, minutes)


def _is_address(address: str) -> bool:
    if len(address) > LONGEST_ADDRESS or not _PRINTED.fullmatch(address) or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    is_plain = parts.scheme == "https" and "@" not in parts.netloc and port in (None, 443)
    return is_plain and _HOST.fullmatch(parts.hostname or "") is not None


def media_from_document(entry: Mapping[str, Any] | None) -> Media | None:
    """Read the link of a stored version; None where there is none. Raises Invalid with the `field` that is wrong."""
    if entry is None:
        return None
    minutes = entry.get("minutes")
    if minutes is not None and type(minutes) is not int:
        raise Invalid("out_of_range", minimum=1, maximum=MOST_MINUTES, field="media_minutes")
    return checked(str(entry["title"]), str(entry["address"]), minutes)
