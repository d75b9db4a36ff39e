"""How somebody can be reached safely, in their own words: what they said, its bounds, and what a mail may do."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from portal.domain.errors import Invalid

MOST = {"number": 60, "times": 200, "words": 1_000}  # characters


@dataclass(frozen=True, slots=True)
class SafeWayOfReaching:
    """What one person said. `times` is when a call is all right, `words` whatever else they want known.

    `mail` also decides whether the neutral mail about a new task is sent; `voicemail` whether a message may be left;
    `between_sessions` is false for "please do not contact me between sessions".
    """

    phone: bool = False
    number: str = ""
    times: str = ""
    voicemail: bool = False
    mail: bool = True
    words: str = ""
    between_sessions: bool = True

    @property
    def may_mail(self) -> bool:
        """Whether the neutral mail about a new task may go out."""
        return self.mail and self.between_sessions

    def to_document(self) -> dict[str, Any]:
        """The form in which it is sealed."""
        return asdict(self)


def from_document(document: Mapping[str, Any]) -> SafeWayOfReaching:
    """What `to_document` gave."""
    return SafeWayOfReaching(**document)


def check(said: SafeWayOfReaching) -> None:
    """Raise Invalid "too_long" (with `maximum` and `field`) for what is longer than its place."""
    for name, most in MOST.items():
        if len(getattr(said, name)) > most:
            raise Invalid("too_long", maximum=most, field=name)
