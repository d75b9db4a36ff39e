"""The doors: sign-in, reset, invitation, leaving, help, and what an operator asks."""

from portal.web.auth import calendar, health, help_now, invitations, notices, passphrases, sign_in
from portal.web.auth.area import area

__all__ = ["area", "calendar", "health", "help_now", "invitations", "notices", "passphrases", "sign_in"]
