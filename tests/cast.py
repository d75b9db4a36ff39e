"""The named cast: two practices, their coaches, and four couples; built once, copied for every test."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.domain.people import Label, Role, Viewer
from portal.extensions import db
from portal.models.couples import Couple, Partnership
from portal.models.users import Person
from portal.services import accounts, contacts, couples, invitations, outbox, practices
from portal.services.contacts import Listed
from portal.services.couples import NewPartner
from portal.services.invitations import Signing
from portal.services.practices import NewCoach, NewPractice
from tests.keys import give_app

PASSPHRASE = "river lamp seven stones"
ZONE = "Europe/Berlin"
SIGNATURE = "In my own hand"
LINK = "http://127.0.0.1:8000/invitations/{token}"
COACHES = {"ines": "ines@north.example", "omar": "omar@north.example", "sol": "sol@south.example"}
OTHERS = {"mira": "mira@north.example", "noor": "noor@north.example"}  # the assistant and the supervisor of North
PAIRS = {"ines": (("Ana", "Ben"), ("Gil", "Hana")), "omar": (("Cleo", "Dov"),), "sol": (("Eva", "Finn"),)}
CONTACTS = (  # without both a practice invites nobody
    Listed("DE", "emergency", "Rescue", "112", "", "always"),
    Listed("DE", "ipv", "A house by the river", "116 016", "", "day and night"),
)
NOT_YET_IN = ("Gil", "Hana")


@dataclass(frozen=True)
class Cast:
    """The ids of everybody, by first name in lower case."""

    viewers: dict[str, Viewer]
    couples: dict[str, UUID]

    def __getattr__(self, name: str) -> Viewer:
        try:
            return self.viewers[name]
        except KeyError:
            raise AttributeError(name) from None


def address_of(name: str) -> str:
    return (COACHES | OTHERS).get(name, f"{name}@home.example")


def gather() -> None:
    """Create everybody in an empty database; staff have a second key each, Gil and Hana have not come in."""
    ines = practices.create_practice(
        NewPractice("Practice North", ZONE), NewCoach("Ines", COACHES["ines"], PASSPHRASE, Role.OWNER)
    )
    omar = practices.add_coach(ines, NewCoach("Omar", COACHES["omar"], PASSPHRASE))
    give_app(practices.add_coach(ines, NewCoach("Mira", OTHERS["mira"], PASSPHRASE, Role.ASSISTANT)))
    give_app(practices.add_coach(ines, NewCoach("Noor", OTHERS["noor"], PASSPHRASE, Role.SUPERVISOR)))
    sol = practices.create_practice(
        NewPractice("Practice South", ZONE), NewCoach("Sol", COACHES["sol"], PASSPHRASE, Role.OWNER)
    )
    for owner in (ines, sol):
        for contact in CONTACTS:
            contacts.add(owner, contact)
    for viewer, name in ((ines, "ines"), (omar, "omar"), (sol, "sol")):
        give_app(viewer)
        for a, b in PAIRS[name]:
            new = [NewPartner(partner, f"{partner.lower()}@home.example") for partner in (a, b)]
            couples.invite_couple(viewer, new[0], new[1], LINK)
    for mail in outbox.due():
        if mail.words["name"] not in NOT_YET_IN:
            accept(mail.words["link"].rsplit("/", 1)[1])


def accept(token: str) -> None:
    """Accept an invitation as its person would: with the code that the coach read out."""
    row = accounts.usable_token(token, accounts.TokenPurpose.INVITATION)
    code = accounts.vault.unseal(row.person_id, "tokens.code_sealed", row.id, row.code_sealed or b"")
    invitations.accept_invitation(token, code, PASSPHRASE, signing=Signing(SIGNATURE))


def find() -> Cast:
    """Everybody of a database that was gathered before."""
    people = db.session.scalars(select(Person)).all()
    viewers = {p.display_name.lower(): Viewer(p.id, p.practice_id, Role(p.role)) for p in people}
    names = {person.id: person.display_name for person in people}
    rows = db.session.execute(
        select(Couple.id, Partnership.person_id)
        .join(Partnership, Partnership.couple_id == Couple.id)
        .where(Partnership.label == Label.A)
    )
    return Cast(viewers, {names[person_id].lower(): couple_id for couple_id, person_id in rows})
