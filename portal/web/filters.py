"""Dates and times in words, in the reader's own zone; the filters that every page may use."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names
from babel.lists import format_list
from flask import Flask, g

from portal import clock
from portal.domain.repeats import Repeats
from portal.domain.wall import WEEK
from portal.domain.working_hours import WorkingHours
from portal.web import guards
from portal.web.phrases import count, language_code, say


def init_app(app: Flask) -> None:
    for filter_ in (day, day_year, weekday_day, time, moment, day_near, last_day, until, promise, comes_again):
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _local(value: date | datetime) -> date:
    return value.astimezone(_zone()).date() if isinstance(value, datetime) else value


def _zone() -> ZoneInfo:
    """The reader's own zone, looked up once a request."""
    found: ZoneInfo | None = getattr(g, "zone", None)
    if found is None:
        found = g.zone = ZoneInfo(guards.zone())
    return found


def _in_words(value: date | datetime, pattern: str) -> str:
    return _day_in_words(_local(value), pattern, language_code())


@lru_cache(maxsize=4096)  # a day is called the same by everybody who speaks a language
def _day_in_words(value: date, pattern: str, language: str) -> str:
    return str(format_date(value, pattern, locale=language))


def day(value: date | datetime) -> str:
    """23 November"""
    return _in_words(value, say("d MMMM"))


def day_year(value: date | datetime) -> str:
    """23 November 2026"""
    return _in_words(value, say("d MMMM y"))


def weekday_day(value: date | datetime) -> str:
    """Tuesday 24 November"""
    return _in_words(value, say("EEEE d MMMM"))


def last_day(due_at: datetime) -> str:
    """Sunday 29 November: the last day of something that ends with that day."""
    return weekday_day(due_at - timedelta(microseconds=1))


def until(due_at: datetime) -> str:
    """Sunday 29 November, or Thursday 3 December, 06:00: when the reader's own copy ends, mostly with a day."""
    return moment(due_at) if (at := due_at.astimezone(_zone())).hour or at.minute else last_day(due_at)


def time(value: datetime) -> str:
    """18:00"""
    return f"{value.astimezone(_zone()):%H:%M}"


def moment(value: datetime) -> str:
    """Tuesday 24 November, 18:00"""
    return f"{weekday_day(value)}, {time(value)}"


def day_near(value: date | datetime) -> str:
    """Today, Tomorrow, Yesterday, or the weekday and day"""
    away = _local(value) - _local(clock.now())
    if abs(away) > timedelta(days=1):
        return weekday_day(value)
    return str([say("Yesterday"), say("Today"), say("Tomorrow")][away.days + 1])


def promise(hours: WorkingHours) -> str:
    """from Monday to Friday, 09:00 to 17:00, within 8 working hours"""
    return _promise(hours, language_code())


@lru_cache(maxsize=256)  # the same hours are said alike in a language, and every page of a partner says them
def _promise(hours: WorkingHours, language: str) -> str:
    begins, ends = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (hours.begins, hours.ends))
    within = count("within %(num)s working hour", "within %(num)s working hours", hours.within)
    places = {"days": _days(hours.days, language), "begins": begins, "ends": ends, "within": within}
    return say("%(days)s, %(begins)s to %(ends)s, %(within)s", **places)


def comes_again(rule: Repeats) -> str:
    """on Monday and Thursday at 08:00, every 2 weeks, up to 24 December"""
    said = [say("%(days)s at %(time)s", days=_days(rule.weekdays, language_code()), time=rule.at.strftime("%H:%M"))]
    if rule.every_weeks > 1:
        said.append(count("every week", "every %(num)s weeks", rule.every_weeks))
    if rule.times_in_all is not None:
        since = day(rule.starts_on)
        said.append(count("%(num)s time since %(day)s", "%(num)s times since %(day)s", rule.times_in_all, day=since))
    if rule.until is not None:
        said.append(say("up to %(day)s", day=day_year(rule.until)))
    return ", ".join(said)


def _days(days: tuple[int, ...], language: str) -> str:
    """The days of a week in words; several in a row by the first and the last."""
    named = get_day_names(locale=language)
    names = [named[day - 1] for day in days]
    if len(days) == len(WEEK):
        return say("every day")
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return say("from %(first)s to %(last)s", first=names[0], last=names[-1])
    return say("on %(days)s", days=format_list(names, locale=language))
