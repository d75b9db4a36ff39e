"""What an operator asks: whether the process lives, and whether it can work."""

from werkzeug import Response

from portal.services import health
from portal.web.auth.area import area
from portal.web.guards import open_to_all
from portal.web.joint_mode import open_to_both


@area.get("/healthz")
@open_to_all
@open_to_both
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain")


@area.get("/readyz")
@open_to_all
@open_to_both
def readyz() -> Response:
    is_ready = health.is_ready()
    return Response("ready\n" if is_ready else "not ready\n", 200 if is_ready else 503, mimetype="text/plain")
