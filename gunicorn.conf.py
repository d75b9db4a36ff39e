"""How gunicorn serves the portal: it is loaded once and then forked, so that its workers share what never changes."""

import gc
from typing import Any

OBJECTS_BETWEEN_LOOKS = 20_000  # a request makes a few thousand objects, and nearly all of them go by themselves

preload_app = True


def when_ready(server: Any) -> None:
    """Before the first worker: leave what is loaded out of every later look for garbage, and so its pages shared."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 10, 10)


def post_worker_init(worker: Any) -> None:
    """Begin the background work in the worker itself: threads do not come along when a process is forked."""
    background = getattr(worker.wsgi, "extensions", {}).get("portal.background")
    if background is not None:
        background.start()
