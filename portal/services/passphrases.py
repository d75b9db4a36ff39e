"""Pass phrases as they are chosen: what is offered, and what is refused."""

from collections.abc import Iterable

from portal import content, randomness
from portal.domain.accounts import check_passphrase
from portal.domain.errors import Invalid
from portal.extensions import breached
from portal.services.breached import is_breached

NUMBERS = tuple(
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred".split()  # noqa: SIM905 - read as words
)
# three of the shipped words and a number come to 33 bits, which is too little: a fourth word makes it 43
WORDS_OFFERED = 4


def offered() -> str:
    """A pass phrase that may be taken: "river-lamp-stone-harbour-seven", drawn anew each time."""
    words = content.words()
    return "-".join((*(_one_of(words) for _ in range(WORDS_OFFERED)), _one_of(NUMBERS)))


def user_name_offered() -> str:
    """A user name that tells nothing of its owner: "amber-lantern-27"."""
    words = content.words()
    return f"{_one_of(words)}-{_one_of(words)}-{10 + _below(90)}"


def check(passphrase: str, names: Iterable[str] = ()) -> None:
    """Raise Invalid for a pass phrase that is short, long, easy, made of names, or in the operator's file."""
    check_passphrase(passphrase, names, content.easy_words())
    if is_breached(passphrase, breached.file):
        raise Invalid("passphrase_breached")


def _one_of(words: tuple[str, ...]) -> str:
    return words[_below(len(words))]


def _below(count: int) -> int:
    """An even draw: 64 bits leave a slant too small to count."""
    return int.from_bytes(randomness.some_bytes(8)) % count
