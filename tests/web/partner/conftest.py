"""What the tests of the partners' pages begin with."""

from uuid import UUID

import pytest

from tests.cast import Cast
from tests.given import assign, floor, send, task_of


@pytest.fixture
def task_id(cast: Cast) -> UUID:
    """A form that Ana sent, with a shared sentence, a private one, and a locked answer."""
    task = task_of(cast.ana, assign(cast, "one-holds-the-floor"))
    send(cast.ana, task, floor(stopped_afraid="true"))
    return task
