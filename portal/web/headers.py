"""Headers of every reply: nothing is kept in the browser, nothing foreign runs, nothing is told to other sites.

And what is asked of every request before anything else: that it came for this house, and from a page of this house.
"""

from enum import Enum
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from portal import randomness
from portal.settings import LOOPBACK, Settings

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PUBLIC_FILES = ("static", "fonts")  # the same for everybody, and worth keeping
OWN_SITE = (None, "same-origin", "none")
# a picture or a style sheet that is opened as a page by itself runs nothing, loads nothing and stands in no frame
POLICY_OF_FILES = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def init_app(app: Flask) -> None:
    settings: Settings = app.extensions["portal.settings"]
    policy, hosts = content_policy(settings.exit_url), trusted_hosts(settings)

    @app.before_request
    def refuse_other_hosts() -> None:
        if urlsplit(f"//{request.host}").hostname not in hosts:
            abort(400)

    @app.before_request
    def refuse_other_sites_and_endless_bodies() -> None:
        if request.method in SAFE_METHODS:
            return
        if request.headers.get("Sec-Fetch-Site") not in OWN_SITE:
            abort(400)
        if "Transfer-Encoding" in request.headers:  # one without a length would be cut at the bound and taken as whole
            abort(411)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.endpoint not in PUBLIC_FILES or response.status_code >= 400:  # a file that is missing is a page
            headers["Cache-Control"] = "no-store"
            headers["Content-Security-Policy"] = _framed(policy.replace("{nonce}", csp_nonce()))
        else:
            headers["Content-Security-Policy"] = POLICY_OF_FILES
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "SAMEORIGIN" if _frame() is Frame.INSIDE else "DENY"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if settings.is_https:
            headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response

    app.jinja_env.globals["csp_nonce"] = csp_nonce


class Frame(Enum):
    """A page that shows another page of this house in a frame, and the one that stands in it."""

    OUTSIDE = "frame-src 'self'"
    INSIDE = "frame-ancestors 'self'"


def frame(side: Frame) -> None:
    """Say of the reply to this request that it holds such a frame, or stands in one; no other reply does either."""
    g.frame = side


def _frame() -> Frame | None:
    side: Frame | None = g.get("frame")
    return side


def _framed(policy: str) -> str:
    side = _frame()
    if side is Frame.INSIDE:
        return policy.replace("frame-ancestors 'none'", side.value)
    return f"{policy}; {side.value}" if side else policy


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """The names that this installation goes by: that of its base address, and this machine's for who looks after it.

    Not Flask's TRUSTED_HOSTS: that can name no IPv6 address, and leaves a refused request without the addresses that
    its error page needs.
    """
    return frozenset({settings.host, *LOOPBACK})


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
