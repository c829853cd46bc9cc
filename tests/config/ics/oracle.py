"""Random calendars, and when their events are on by dateutil and zoneinfo: a second opinion.

Usage: oracle.py SEED FILES EVENTS; a JSON line a file: the instant of reading, the text, and the occurrences by UID.
"""
import json
import random
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, reset_tzpath

from dateutil.rrule import rrulestr

# The rules of the package, not those of the system, which may be old.
reset_tzpath(to=[])
ZONES = """Europe/Paris Europe/London Europe/Dublin Europe/Lisbon America/New_York America/Los_Angeles America/Sao_Paulo
America/Santiago America/Havana America/St_Johns Africa/Cairo Africa/Casablanca Asia/Kolkata Asia/Tokyo Asia/Jerusalem
Asia/Beirut Australia/Lord_Howe Australia/Sydney Pacific/Auckland Pacific/Chatham""".split()
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
UTC = timezone.utc


def edges(zone):
    """Local days within a day of a change of offset, 2024 to 2030."""
    found, at = [], datetime(2024, 1, 1, tzinfo=UTC)
    while at.year <= 2030:
        then = at + timedelta(hours=12)
        if at.astimezone(zone).utcoffset() != then.astimezone(zone).utcoffset():
            found += [then.astimezone(zone).date() + timedelta(days=n) for n in (-1, 0, 1)]
        at = then
    return found


def rule(dice, first, zone, whole, later):
    kind = dice.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={kind}", f"INTERVAL={dice.choice([1, 1, 2, 3])}"]
    if kind == "WEEKLY":
        parts.append("BYDAY=" + ",".join(sorted({DAYS[first.weekday()], dice.choice(DAYS)})))
        parts.append(dice.choice(["WKST=MO", "WKST=SU"]))
    if kind == "MONTHLY":
        nth = (first.day - 1) // 7 + 1
        parts.append(dice.choice([f"BYDAY={nth if nth < 5 else -1}{DAYS[first.weekday()]}", f"BYMONTHDAY={first.day}"]))
    if kind == "YEARLY" and dice.random() < 0.5:
        parts.append(f"BYMONTH={first.month};BYMONTHDAY={first.day}")
    end, until = dice.random(), first + timedelta(days=dice.randrange(400), hours=dice.randrange(24))
    if end < 0.2:
        parts.append(f"COUNT={dice.randrange(1, 60)}")
    elif end < 0.4 and whole:
        parts.append(f"UNTIL={until:%Y%m%d}")
        return parts, instant(datetime(until.year, until.month, until.day), zone)
    elif end < 0.4:
        # Often just after an occurrence of a day on which hours exist twice.
        if later:
            day = dice.choice(later)
            until = datetime(day.year, day.month, day.day) + (first - datetime(first.year, first.month, first.day))
        until = instant(until, zone) + timedelta(minutes=dice.choice([0, 0, 10, 50, 70]))
        parts.append(f"UNTIL={until:%Y%m%dT%H%M%SZ}")
        return parts, until
    return parts, None


def instant(wall, zone):
    """A time that does not exist is taken after the gap, one that exists twice the first time."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def event(dice, uid, now, known):
    name = dice.choice(ZONES)
    zone = ZoneInfo(name)
    near = [day for day in known[name] if abs((datetime(day.year, day.month, day.day) - now).days) < 300]
    day = dice.choice(near) if near and dice.random() < 0.6 else (now + timedelta(days=dice.randrange(-200, 340))).date()
    whole = dice.random() < 0.1
    clock = timedelta() if whole else timedelta(minutes=dice.choice([0, 15, 30, 90, 120, 150, 180, 1410, dice.randrange(1440)]))
    first = datetime(day.year, day.month, day.day) + clock
    lasts = timedelta(days=dice.randrange(1, 4)) if whole else timedelta(minutes=dice.choice([15, 60, 240, 1500]))
    lines = [f"UID:{uid}"]
    zoned = f";TZID={name}"
    if whole:
        # Meant in the zone of the reader.
        zone, name, zoned = ZoneInfo("Europe/Paris"), "Europe/Paris", ";VALUE=DATE"
    form = "%Y%m%d" if whole else "%Y%m%dT%H%M%S"
    lines.append(f"DTSTART{zoned}:{first:{form}}")
    elapsed = not whole and dice.random() < 0.3
    if elapsed:
        lines.append(f"DURATION:PT{int(lasts.total_seconds() // 60)}M")
    else:
        lines.append(f"DTEND{zoned}:{first + lasts:{form}}")
    starts = [first]
    if dice.random() < 0.9:
        parts, until = rule(dice, first, zone, whole, [day for day in near if day > first.date()])
        lines.append("RRULE:" + ";".join(parts))
        kept = ";".join(part for part in parts if not part.startswith("UNTIL"))
        starts = []
        for start in rrulestr(kept, dtstart=first):
            if start > now + timedelta(days=400) or (until and instant(start, zone) > until + timedelta(days=2)):
                break
            if until is None or instant(start, zone) <= until:
                starts.append(start)
    for _ in range(dice.choice([0, 0, 1, 2])):
        if starts:
            gone = dice.choice(starts)
            starts = [start for start in starts if start != gone]
            if whole:
                lines.append(f"EXDATE;VALUE=DATE:{gone:%Y%m%d}")
            elif dice.random() < 0.5:
                lines.append(f"EXDATE;TZID={name}:{gone:%Y%m%dT%H%M%S}")
            else:
                lines.append(f"EXDATE:{instant(gone, zone):%Y%m%dT%H%M%SZ}")
    spans = set()
    for start in starts:
        begins = instant(start, zone)
        wall = begins.astimezone(zone).replace(tzinfo=None)
        spans.add((begins, begins + lasts if elapsed else instant(wall + lasts, zone)))
    low, high = (now - timedelta(days=31)).replace(tzinfo=UTC), (now + timedelta(days=366)).replace(tzinfo=UTC)
    spans = sorted(span for span in spans if span[0] < span[1] and span[1] > low and span[0] < high)
    return lines, [[f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in span] for span in spans]


def main():
    seed, files, events = (int(text) for text in sys.argv[1:4])
    dice = random.Random(seed)
    known = {name: edges(ZoneInfo(name)) for name in ZONES}
    for _ in range(files):
        now = datetime(2024, 2, 1) + timedelta(days=dice.randrange(2100), minutes=dice.randrange(1440))
        out, expected = ["BEGIN:VCALENDAR", "VERSION:2.0"], {}
        for n in range(events):
            lines, spans = event(dice, f"e{n}", now, known)
            out += ["BEGIN:VEVENT", *lines, f"SUMMARY:{n}", "END:VEVENT"]
            if spans:
                expected[f"e{n}"] = spans
        out.append("END:VCALENDAR")
        print(json.dumps({"now": f"{now:%Y-%m-%dT%H:%M:%SZ}", "ics": "\r\n".join(out) + "\r\n", "on": expected}))


main()
