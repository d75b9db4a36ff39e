"""One owner's data key is exchanged while people work: all texts sealed anew, a wait, and the old key is let go of."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from portal.services import rotation

# longer than the server lets a request live, its wait for the database included
LONGEST_REQUEST = 60.0


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What came of it: the number of the new key, texts sealed anew, texts left under older keys, older keys gone."""

    number: int
    texts: int
    left: int
    keys_gone: int


def exchange_key(
    owner_id: UUID, quiet: float = LONGEST_REQUEST, wait: Callable[[float], None] = time.sleep
) -> Exchanged:
    """Give an owner a new key. The old one goes once no text was found under it for `quiet` seconds.

    Broken off, it is gone on with by the next call. Raises NotFound for whom there is no key.
    """
    number = rotation.begin(owner_id)
    texts = _reseal_all(owner_id, number)
    while True:
        wait(quiet)
        late = _reseal_all(owner_id, number)
        texts += late
        if not late:
            break
    return Exchanged(number, texts, rotation.left(owner_id, number), rotation.finish(owner_id, number))


def _reseal_all(owner_id: UUID, number: int) -> int:
    done = 0
    while found := rotation.reseal_some(owner_id, number):
        done += found
    return done
