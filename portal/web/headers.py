"""Headers of every reply: nothing is kept in the browser, nothing foreign runs, nothing is told to other sites."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from portal import randomness
from portal.settings import Settings

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PUBLIC_FILES = ("static", "fonts")  # the same for everybody, and worth keeping
OWN_SITE = (None, "same-origin", "none")


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["portal.settings"]
    policy = content_policy(settings.exit_url)

    @app.before_request
    def refuse_other_sites() -> None:
        if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") not in OWN_SITE:
            abort(400)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.endpoint not in PUBLIC_FILES or response.status_code >= 400:  # a file that is missing is a page
            headers["Cache-Control"] = "no-store"
            headers["Content-Security-Policy"] = policy.replace("{nonce}", csp_nonce())
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "DENY"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if settings.is_https:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response

    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """One nonce a request, for the script tags of this page alone."""
    if "csp_nonce" not in g:
        g.csp_nonce = randomness.new_token()
    nonce: str = g.csp_nonce
    return nonce


def content_policy(exit_url: str) -> str:
    """The content security policy; `form-action` names the neutral site, or Chromium would block the way there."""
    parts = urlsplit(exit_url)
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'nonce-{nonce}'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            f"form-action 'self' {parts.scheme}://{parts.netloc}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )
