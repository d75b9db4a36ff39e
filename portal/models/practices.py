"""Practices: who offers the work, in which zone, under which policy, and whom to call instead."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.consent import Policy
from portal.extensions import Base
from portal.models.columns import Id, Line, Moment, OfPractice, Word, of_person, one_of


class Practice(Base):
    """From `moved_out_at` on it lives in another house: nobody comes in here, and nothing is sent or issued.

    `working_days` are the days of the week as digits, Monday first ("12345"); it works from and until so many minutes
    after midnight, and reads within so many working hours. `reading_hours` is the practice's own line beside that.

    `policy_since` is when its policy was last changed, nothing where it never was; `texts_at` when a text of its own
    was last published. `prints_strip`: what stands before the door is on its own paper too.
    """

    __tablename__ = "practices"
    __table_args__ = (one_of("policy", Policy), CheckConstraint("policy_version > 0", name="policy_version_counts"))

    id: Mapped[Id]
    name: Mapped[Line]
    zone: Mapped[Word]
    locale: Mapped[Word]
    is_demo: Mapped[bool]
    policy: Mapped[Word]
    policy_version: Mapped[int]
    policy_since: Mapped[Moment | None]
    texts_at: Mapped[Moment | None]
    reading_hours: Mapped[Line]
    working_days: Mapped[Word] = mapped_column(server_default="12345")
    works_from: Mapped[int] = mapped_column(server_default="540")
    works_until: Mapped[int] = mapped_column(server_default="1020")
    read_within: Mapped[int] = mapped_column(server_default="8")
    prints_strip: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[Moment]
    moved_out_at: Mapped[Moment | None]


class Contact(OfPractice, Base):
    """Somebody to call instead of writing here; the practice checks each entry itself.

    `sms` is a number for text messages; `languages` is a line in words. Nobody is kept for a check of long ago.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("practice_id", "id"),
        of_person("checked_by"),
        one_of("audience", ("emergency", "ipv", "suicide", "child", "general")),
    )

    id: Mapped[Id]
    country: Mapped[Word]
    region: Mapped[Line] = mapped_column(default="")
    audience: Mapped[Word]
    name: Mapped[Line]
    phone: Mapped[Line]
    sms: Mapped[Line] = mapped_column(default="")
    web: Mapped[Line]
    hours: Mapped[Line]
    languages: Mapped[Line] = mapped_column(default="")
    checked_on: Mapped[date]
    checked_by: Mapped[UUID | None]
