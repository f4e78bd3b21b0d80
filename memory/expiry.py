"""Until when something said "for now" counts: dates and spans of time in plain English."""

import re
from datetime import date, timedelta

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS)
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b")
_MONTH_DAY = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b")
_IN_MONTH = re.compile(rf"\b(?:in|until|till|through|this|for|by) ({_MONTH})\b")
_SPAN = re.compile(r"\b(\d{1,2}|a|an|one|two|three|four|five|six) (day|week|month)s?\b")
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})\b")


def last_day(text: str, today: date) -> date | None:
    """The last day that the text names, counted from today; None where it names none."""
    said = " ".join(text.casefold().split())
    for find in (_calendar, _relative):
        found = find(said, today)
        if found is not None:
            return found
    return None


def _calendar(said: str, today: date) -> date | None:
    if match := _ISO.search(said):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        if match := pattern.search(said):
            number = _month(match[month])
            found = _date(today.year, number, int(match[day]))
            if found is not None and found < today:
                found = _date(today.year + 1, number, int(match[day]))
            return found
    if match := _IN_MONTH.search(said):
        month = _month(match[1])
        year = today.year + (month < today.month)
        following = date(year + (month == 12), month % 12 + 1, 1)
        return following - timedelta(days=1)
    return None


def _relative(said: str, today: date) -> date | None:
    if "tomorrow" in said:
        return today + timedelta(days=1)
    if re.search(r"\b(today|tonight)\b", said):
        return today
    sunday = today + timedelta(days=6 - today.weekday())
    if "next week" in said:
        return sunday + timedelta(days=7)
    if re.search(r"\bthis week(end)?\b|\bthe weekend\b", said):
        return sunday
    if "this month" in said:
        following = date(today.year + (today.month == 12), today.month % 12 + 1, 1)
        return following - timedelta(days=1)
    if match := _SPAN.search(said):
        count = int(match[1]) if match[1].isdigit() else _NUMBERS[match[1]]
        return today + timedelta(days=count * {"day": 1, "week": 7, "month": 30}[match[2]])
    if match := _WEEKDAY.search(said):
        return today + timedelta(days=(_WEEKDAYS.index(match[1]) - today.weekday()) % 7)
    return None


def _month(name: str) -> int:
    return next(i for i, full in enumerate(_MONTHS, start=1) if full.startswith(name[:3]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
