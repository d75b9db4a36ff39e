"""What a partner can ask for over HTTP, one module a noun."""

from portal.web.partner import home, sent, shared, tasks
from portal.web.partner.area import area

__all__ = ["area", "home", "sent", "shared", "tasks"]
