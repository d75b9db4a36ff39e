"""Counts of failures: in the process, or in Redis, and in the process again for as long as Redis does not answer."""

import time
from collections.abc import Callable

import structlog
from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

ANSWER_SECONDS = 1.0  # a door must not stand still for longer
TRY_AGAIN_SECONDS = 30.0
log = structlog.get_logger()


class Counts:
    """What was counted, by whom; each process counts for itself while Redis is away, which is better than no door."""

    def __init__(self, address: str) -> None:
        self._trouble: tuple[type[Exception], ...] = ()
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._common = self._own
        self._away_until = 0.0
        if not address.startswith("memory"):
            self._common = FixedWindowRateLimiter(self._redis(address))

    def _redis(self, address: str) -> RedisStorage:
        at_most = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        storage = storage_from_string(address, **at_most)  # which does not try again by itself
        assert isinstance(storage, RedisStorage)  # noqa: S101 - for the types
        found = storage.base_exceptions
        self._trouble = found if isinstance(found, tuple) else (found,)
        return storage

    def has_room(self, limit: RateLimitItem, *who: str) -> bool:
        """Whether one more failure would still be within the limit; counts nothing."""
        return self._ask(lambda counted: counted.test(limit, *who))

    def count(self, limit: RateLimitItem, *who: str) -> None:
        self._ask(lambda counted: counted.hit(limit, *who))

    def _ask(self, question: Callable[[FixedWindowRateLimiter], bool]) -> bool:
        if time.monotonic() >= self._away_until:
            try:
                return question(self._common)
            except self._trouble as error:
                self._away_until = time.monotonic() + TRY_AGAIN_SECONDS
                log.warning("counting in the process", kind=type(error).__name__)
        return question(self._own)
