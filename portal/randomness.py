"""The only source of ids, tokens, codes and nonces; tests give each actor and act a stream of its own."""

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_source: ContextVar[Callable[[int], bytes]] = ContextVar("randomness", default=os.urandom)
_ids: ContextVar[Callable[[int], bytes] | None] = ContextVar("ids", default=None)

CODE_DIGITS = 6
SAID_ALOUD = "23456789BCDFGHJKMNPQRSTVWXYZ"  # no vowels and nothing that looks alike: no word comes of it by chance


def some_bytes(count: int) -> bytes:
    """`count` unpredictable bytes."""
    return _source.get()(count)


def new_id() -> UUID:
    """A random id (UUID version 4): it tells neither order nor number."""
    return UUID(bytes=(_ids.get() or some_bytes)(16), version=4)


def new_token() -> str:
    """192 random bits, fit for an address."""
    return base64.urlsafe_b64encode(some_bytes(24)).decode().rstrip("=")


def new_code() -> str:
    """Six decimal digits that one person says to another."""
    return str(int.from_bytes(some_bytes(8)) % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def new_reference() -> str:
    """Two groups of five letters and digits, about 48 random bits, that one person can read out to another."""
    drawn = int.from_bytes(some_bytes(16))
    signs = [SAID_ALOUD[drawn // len(SAID_ALOUD) ** place % len(SAID_ALOUD)] for place in range(10)]
    return "".join(signs[:5]) + "-" + "".join(signs[5:])


@contextmanager
def drawn_from(source: Callable[[int], bytes]) -> Iterator[None]:
    """Draw from `source` while the block runs."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def ids_drawn_from(source: Callable[[int], bytes]) -> Iterator[None]:
    """Draw ids from `source` while the block runs; keys, tokens and nonces stay unpredictable. For the demo's seed."""
    token = _ids.set(source)
    try:
        yield
    finally:
        _ids.reset(token)
