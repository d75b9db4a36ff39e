"""The cookie of a browser session: Flask's own, read with one serializer an app instead of a new one each request."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class OneSerializer(SecureCookieSessionInterface):
    """Keeps what signs the cookie for as long as the secret is the same."""

    def __init__(self) -> None:
        self._made: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._made[0] != app.secret_key:
            self._made = (app.secret_key, super().get_signing_serializer(app))
        return self._made[1]


def init_app(app: Flask) -> None:
    app.session_interface = OneSerializer()
