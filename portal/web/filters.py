"""Dates and times in words, in the reader's own zone; the filters that every page may use."""

from datetime import date, datetime, timedelta

from flask import Flask
from flask_babel import format_date, format_time, gettext, to_user_timezone

from portal import clock


def init_app(app: Flask) -> None:
    for filter_ in (day, day_year, weekday_day, time, moment, day_near, last_day):
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _local(value: date | datetime) -> date:
    return to_user_timezone(value).date() if isinstance(value, datetime) else value


def day(value: date | datetime) -> str:
    """23 November"""
    return str(format_date(_local(value), gettext("d MMMM"), rebase=False))


def day_year(value: date | datetime) -> str:
    """23 November 2026"""
    return str(format_date(_local(value), gettext("d MMMM y"), rebase=False))


def weekday_day(value: date | datetime) -> str:
    """Tuesday 24 November"""
    return str(format_date(_local(value), gettext("EEEE d MMMM"), rebase=False))


def last_day(due_at: datetime) -> str:
    """Sunday 29 November: the last day of something that ends with that day."""
    return weekday_day(due_at - timedelta(microseconds=1))


def time(value: datetime) -> str:
    """18:00"""
    return str(format_time(value, "HH:mm"))


def moment(value: datetime) -> str:
    """Tuesday 24 November, 18:00"""
    return f"{weekday_day(value)}, {time(value)}"


def day_near(value: date | datetime) -> str:
    """Today, Tomorrow, Yesterday, or the weekday and day"""
    away = _local(value) - to_user_timezone(clock.now()).date()
    if abs(away) > timedelta(days=1):
        return weekday_day(value)
    return str([gettext("Yesterday"), gettext("Today"), gettext("Tomorrow")][away.days + 1])
