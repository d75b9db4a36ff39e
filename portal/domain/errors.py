"""What the house refuses, as codes: the words for people are found where a page is made."""

from collections.abc import Callable
from typing import TypeVar

Ruled = TypeVar("Ruled")


class Refused(Exception):  # noqa: N818 - a refusal is an answer of the house, not a fault in it
    """A request that will not be carried out; `code` names why, `params` fills the sentence for it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class NotFound(Refused):
    """Absent or forbidden: the two are one answer, so that nobody learns which."""

    def __init__(self, code: str = "not_found", **params: object) -> None:
        super().__init__(code, **params)


class Conflict(Refused):
    """Somebody (perhaps the same person elsewhere) was faster; `params` carries what is needed to lose nothing."""


class Invalid(Refused):
    """A value that cannot be taken; `code` names the rule it breaks."""


class NotAllowed(Refused):
    """A step that the state of things, or the practice's policy, does not permit."""


def named(field: str, rule: Callable[..., Ruled], *values: object) -> Ruled:
    """Ask a rule, and let its refusal name the `field` of the form that it is about."""
    try:
        return rule(*values)
    except Invalid as refusal:
        raise Invalid(refusal.code, **(refusal.params | {"field": field})) from None
