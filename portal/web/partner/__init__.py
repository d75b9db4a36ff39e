"""What a partner can ask for over HTTP, one module a noun."""

from portal.web.partner import (
    account,
    choices,
    consent,
    copies,
    corrections,
    data,
    export,
    home,
    parting,
    readings,
    resources,
    safe_contact,
    sent,
    shared,
    task_questions,
    tasks,
    worksheets,
)
from portal.web.partner.area import area

__all__ = [
    "account",
    "area",
    "choices",
    "consent",
    "copies",
    "corrections",
    "data",
    "export",
    "home",
    "parting",
    "readings",
    "resources",
    "safe_contact",
    "sent",
    "shared",
    "task_questions",
    "tasks",
    "worksheets",
]
