"""The only reader of the clock: aware UTC in, and the wall times that rules are written in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present instant, in UTC."""
    return _source()


def today(zone: str) -> date:
    """The present day on the wall calendar of `zone`."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def reading(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time for the whole process while the block runs: the demo's seed and the tests."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
