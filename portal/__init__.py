"""The portal: two people, one relationship, and a promise about every single answer."""

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli, models
from portal.extensions import babel, breached, csrf, db, key_store, keys, limiter, login
from portal.models.key_store import KeyStoreBase
from portal.settings import Settings
from portal.web import (
    auth,
    coach,
    cookies,
    errors,
    filters,
    fonts,
    guards,
    headers,
    joint_mode,
    own,
    pages,
    partner,
    phrases,
    texts,
)

HOUSE = Path(__file__).parent.parent
MAX_REQUEST_BYTES = 1024 * 1024

__all__ = ["create_app", "models"]


def create_app(settings: Settings) -> Flask:
    """The whole portal, bound to these settings; several apps may live in one process."""
    app = Flask("portal", template_folder=HOUSE / "templates", static_folder=HOUSE / "portal" / "static")
    app.jinja_environment = pages.Pages  # type: ignore[assignment]  # Flask's documented way
    app.config.from_mapping(_configuration(settings))
    app.extensions["portal.settings"] = settings
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]  # Flask's documented way
    _bind_extensions(app, settings)
    for part in (cookies, headers, guards, joint_mode, texts, errors, filters, phrases, fonts):
        part.init_app(app)
    for area in (auth.area, own.area, coach.area, partner.area):
        app.register_blueprint(area)
    cli.init_app(app)
    return app


def _bind_extensions(app: Flask, settings: Settings) -> None:
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    db.init_app(app)
    login.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app, settings.jobs_url if settings.jobs_url.startswith("redis") else "memory://")
    purposes = ("look-up by address", "audit", "papers that are kept")
    keys.init_app(app, settings.vault_keys, *(settings.keys_for(purpose) for purpose in purposes))
    key_store.init_app(app, settings.key_store_url, KeyStoreBase.metadata)
    breached.init_app(app, settings.breached_file)
    babel.init_app(app, locale_selector=guards.locale, timezone_selector=guards.zone)


def _configuration(settings: Settings) -> dict[str, object]:
    sessions = [key.hex() for key in settings.keys_for("sessions")]
    return {
        "SECRET_KEY": sessions[0],
        "SECRET_KEY_FALLBACKS": sessions[1:],
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": settings.database_url.startswith("postgresql"),
            "hide_parameters": True,  # what a statement was given is what people wrote: an error must not quote it
        },
        "SESSION_COOKIE_NAME": "__Host-id" if settings.is_https else "id",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "WTF_CSRF_SECRET_KEY": [key.hex() for key in reversed(settings.keys_for("form tokens"))],  # the last makes
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": MAX_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_REQUEST_BYTES,
        "BABEL_TRANSLATION_DIRECTORIES": str(HOUSE / "portal" / "translations"),
        "TEMPLATES_AUTO_RELOAD": False,
    }
