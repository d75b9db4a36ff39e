"""What the site is called to apps and passkeys: its neutral name, its host, its origin."""

import ipaddress
from urllib.parse import urlsplit

from flask import current_app

from portal.domain.errors import NotFound
from portal.services.passkeys import Site
from portal.settings import Settings


def names() -> tuple[str, str]:
    """The site's name and host: what an app on a phone lists, and no name of a person."""
    settings: Settings = current_app.extensions["portal.settings"]
    return settings.site_name, settings.host


def site_or_none() -> Site | None:
    """The site that passkeys are bound to; None where the base address has a number for a host: browsers refuse it."""
    settings: Settings = current_app.extensions["portal.settings"]
    try:
        ipaddress.ip_address(settings.host)
    except ValueError:
        parts = urlsplit(settings.base_url)
        return Site(settings.host, f"{parts.scheme}://{parts.netloc}", settings.site_name)
    return None


def site() -> Site:
    found = site_or_none()
    if found is None:
        raise NotFound
    return found
