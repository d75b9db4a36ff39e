"""What a partner does at the doors and with their account in a history, over HTTP."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyotp

from portal.services import couples, resets
from tests.cast import PASSPHRASE, address_of
from tests.conftest import Browser
from tests.privacy.typed_forms import said

if TYPE_CHECKING:
    from tests.privacy.twin import House

SEED = re.compile(r'<code class="key">([A-Z2-7 ]{39})</code>')
SPARE = re.compile(r'<code class="key">([0-9a-z ]{19})</code>')
LINK = re.compile(r"/reset/[\w-]{20,}")
END = re.compile(r'action="(/account/devices/[0-9a-f-]{36}/end)"')
SIGNED = re.compile(r'name="(text_version|policy_version)"[^>]* value="(\d+)"')


def _leave(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """She stops taking part; in the twin she goes on, and only lets nothing more open.

    That nothing of hers opens any more is what the other could come to know, as of an opening, and so it is in both
    runs; that she left must not be told from it. What she sent on the same evening never opens then, and the twin
    leaves it out. At times she takes away what was read, in both runs: that is meant to be seen.
    """
    chosen = {"act": "leave" if private == seed else "keep", **({} if seed % 3 else {"hides": "1"})}
    act = {**chosen, "passphrase": PASSPHRASE}
    yield house.browser(who).post("/my/account/leaving", act, page="/my/account/leaving").status_code
    yield house.browser(who).get("/my/").status_code


def _look_around(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    for path in ("/my/", "/my/shelf", "/my/shared", "/my/account", "/help-now"):
        yield house.browser(who).get(path).status_code


def _sign_in(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Signs in anew, with a browser that may have been in before or not, and looks around."""
    house.leave(who)
    yield from _look_around(house, who, seed, private)


def sign_in_wrong(house: "House", who: str, times: int) -> Iterator[int]:
    client = house.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for attempt in range(times):
        wrong = {"email": address_of(who), "password": f"not this {attempt}"}
        yield Browser(client).post("/sign-in", wrong, page="/sign-in").status_code


def _settings(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Another zone; and hidden for good, then not: what is opened later must be opened in both runs."""
    zone = ("Europe/Berlin", "Asia/Tokyo", "America/New_York")[(private if who == "ana" else seed) % 3]
    yield house.browser(who).post("/my/account", {"zone": zone}).status_code
    for never in ({"never": "y"}, {}):
        data = {"passphrase": PASSPHRASE, **never}
        yield house.browser(who).post("/my/account/revealing", data).status_code


def _export(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    kind = ("json", "csv")[seed % 2]
    yield house.browser(who).post("/my/export", {"passphrase": PASSPHRASE, "kind": kind}).status_code


def _own_data(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Asks for everything to be erased, takes it back, or looks where it stands."""
    for act in (("erase", "show", "keep")[private % 3], ("erase", "keep")[seed % 2]):
        asked = {"act": act, "passphrase": PASSPHRASE}
        yield house.browser(who).post("/my/account/data", asked, page="/my/account/data").status_code


def _booklet(house: "House", who: str, _seed: int, private: int) -> Iterator[int]:
    """Looks at what the booklet holds, and at times takes it along."""
    browser = house.browser(who)
    yield browser.get("/my/booklet").status_code
    if private % 2:
        yield browser.post("/my/booklet", {}, page="/my/account").status_code


def _later(house: "House", who: str, _seed: int, private: int) -> Iterator[int]:
    """Chooses to be asked once more after the end, or not to be; before the end that is refused."""
    chosen = {"when": ("one", "both", "none")[private % 3]}
    yield house.browser(who).post("/my/later", chosen, page="/my/account").status_code


def _authorise(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Looks whether something of both may leave, and says yes or no where it is asked."""
    for act in (("agree", "decline", "show")[private % 3], ("decline", "agree")[seed % 2]):
        asked = {"act": act, "passphrase": PASSPHRASE}
        yield house.browser(who).post("/my/account/authorisation", asked, page="/my/account").status_code


def _readings(house: "House", who: str, _seed: int, private: int) -> Iterator[int]:
    """Looks up who read what was sent, and what of it stands in the brief, or takes that along."""
    yield house.browser(who).post("/my/account/readings", {"passphrase": PASSPHRASE}).status_code
    asked = {"act": ("show", "file")[private % 2], "passphrase": PASSPHRASE}
    yield house.browser(who).post("/my/before-session", asked).status_code


def _sign_consent(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Reads what is in force, signs it (or forgets the name), and has understood what "Leave" does."""
    page = house.browser(who).get("/my/account/consent").text
    read = dict(SIGNED.findall(page))
    signature = {"signature": said(private)[:200], "agreed": "y"} if seed % 4 else {"signature": ""}
    typed = {**signature, **read, "passphrase": PASSPHRASE}
    yield house.browser(who).post("/my/account/consent", typed).status_code
    yield house.browser(who).post("/my/understood").status_code


def _ask_reset(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    yield Browser(house.app.test_client()).post("/reset", {"email": address_of(who)}, page="/reset").status_code
    with house.inside():
        resets.answer_requests()


def _reset(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Sets a pass phrase by the link of a mail, and the coach vouches; what was sent opens for her as before."""
    yield from _ask_reset(house, who, seed, private)
    with house.inside():
        letters = list(house.post.to_come(house.cast.viewers[who].person_id))
    links = [found[0] for _, _, letter in letters if (found := LINK.search(letter.decode()))]
    for link in links[-1:]:
        browser = house.stranger()
        yield browser.post(link, {"passphrase": PASSPHRASE}, page="/sign-in").status_code
        house.leave(who)
    with house.inside():
        ines, couple_id = house.cast.ines, house.cast.couples["ana"]
        for partner in couples.couple(ines, couple_id).partners:
            if partner.needs_vouching:
                couples.vouch(ines, couple_id, partner.person_id, partner.reset)


def _agree_anew(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Signs anew where the coach has asked for it, and takes part again; else there is nothing to sign."""
    address = "/my/account/agreeing"
    read = dict(SIGNED.findall(house.browser(who).get(address).text))
    typed = {"signature": said(private)[:200], "agreed": "y", **read, "passphrase": PASSPHRASE}
    yield house.browser(who).post(address, typed, page="/my/account").status_code


def _look_at_part(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    """Looks, behind the pass phrase, whether she takes part."""
    address, asked = "/my/account/leaving", {"act": "show", "passphrase": PASSPHRASE}
    yield house.browser(who).post(address, asked, page=address).status_code


def _sign_out(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    yield house.browser(who).post("/exit" if seed % 2 else "/sign-out").status_code
    house.leave(who)


def _second_key(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """Sets up an app, or makes new spare codes where there is one; then a wrong code or a spare one at the door."""
    browser, key = house.browser(who).step_up(), "/account/second-key"
    yield browser.post(f"{key}/app/new", page=f"{key}/set-up").status_code
    seed_of_app = SEED.search(browser.get(f"{key}/app", follow_redirects=True).text)
    if seed_of_app:
        code = pyotp.TOTP(seed_of_app[1].replace(" ", "")).at(datetime.now(UTC))
        page = browser.post(f"{key}/app", {"code": code}, page=f"{key}/app")
    else:
        page = browser.post(f"{key}/spare-codes", page=f"{key}/set-up")
    yield page.status_code
    spare = SPARE.findall(page.text)
    assert len(spare) == 10, page.text
    client = house.app.test_client()
    client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    other = Browser(client).give_passphrase(address_of(who))
    yield other.post(key, {"code": "000000"} if seed % 2 else {"spare": spare[0]}, page=key).status_code


def _second_key_off(house: "House", who: str, _seed: int, _private: int) -> Iterator[int]:
    browser, key = house.browser(who).step_up(), "/account/second-key"
    yield browser.post(f"{key}/app/remove", page=f"{key}/set-up").status_code


def _end_sessions(house: "House", who: str, seed: int, _private: int) -> Iterator[int]:
    """Signs in elsewhere, and ends that one or all others."""
    browser = house.browser(who)
    Browser(house.app.test_client()).sign_in(address_of(who))
    found = END.findall(browser.get("/my/account").text)
    yield browser.post(found[0] if seed % 2 and found else "/account/devices").status_code


def _safe_way(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Says how she can be reached, perhaps by no mail at all, and looks at it again."""
    path, ways = "/my/account/safe-contact", {"phone": "1", "number": str(private), "words": said(private)}
    mail = {"mail": "1"} if private % 2 else {"quiet": "1"}
    for given in ({"save": "1", **ways, **mail}, {}) if seed % 3 else ({},):
        yield house.browser(who).post(path, {**given, "passphrase": PASSPHRASE}, page=path).status_code


def _calendar(house: "House", who: str, seed: int, private: int) -> Iterator[int]:
    """Lets her calendar fetch her appointments, with or without what she comes to alone, or ends it."""
    browser, page = house.browser(who).step_up(), "/account/calendar"
    path, told = (f"{page}/end", {}) if seed % 3 == 0 else (page, {"alone": "1"} if private % 2 else {})
    yield browser.post(path, told, page=page).status_code


Partner = Callable[["House", str, int, int], Iterator[int]]
AT_DOORS: dict[str, Partner] = {
    "leave": _leave,
    "look_around": _look_around,
    "sign_in": _sign_in,
    "settings": _settings,
    "export": _export,
    "readings": _readings,
    "own_data": _own_data,
    "booklet": _booklet,
    "later": _later,
    "authorise": _authorise,
    "sign_consent": _sign_consent,
    "ask_reset": _ask_reset,
    "reset": _reset,
    "agree_anew": _agree_anew,
    "look_at_part": _look_at_part,
    "sign_out": _sign_out,
    "second_key": _second_key,
    "second_key_off": _second_key_off,
    "end_sessions": _end_sessions,
    "safe_way": _safe_way,
    "calendar": _calendar,
}
