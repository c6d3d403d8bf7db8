"""When recurring runs are due: cron expressions against brute force, triggers by KFP's rules, and macros."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.schedules.cron import Cron, CronError, Every, parse
from jupyterlab_kubeflow.local.schedules.macros import Macros
from jupyterlab_kubeflow.local.schedules.scheduler import zone_of_environment
from jupyterlab_kubeflow.local.schedules.trigger import Trigger

UTC = timezone.utc
SECOND = timedelta(seconds=1)
LIMITS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Field:
    """A field as text and as what it means."""

    text: str
    values: frozenset[int]
    star: bool


@st.composite
def parts(draw: st.DrawFn, low: int, high: int, names: list[str]) -> Field:
    def written(number: int) -> str:
        if names and draw(st.booleans()):
            name = names[number - low]
            return draw(st.sampled_from((name, name.lower(), name.title())))
        return draw(st.sampled_from((str(number), f"0{number}")))

    kind = draw(st.sampled_from(("star", "one", "range")))
    step = draw(st.none() | st.integers(1, 70))
    suffix = "" if step is None else f"/{step}"
    if kind == "star":
        star = draw(st.sampled_from("*?"))
        return Field(star + suffix, frozenset(range(low, high + 1, step or 1)), True)
    first = draw(st.integers(low, high))
    if kind == "one":
        values = range(first, (high if step else first) + 1, step or 1)
        return Field(written(first) + suffix, frozenset(values), False)
    last = draw(st.integers(first, high))
    values = range(first, last + 1, step or 1)
    return Field(f"{written(first)}-{written(last)}{suffix}", frozenset(values), False)


@st.composite
def fields(draw: st.DrawFn, position: int) -> Field:
    names = {4: MONTHS, 5: DAYS}.get(position, [])
    chosen = draw(st.lists(parts(*LIMITS[position], names), min_size=1, max_size=3))
    return Field(
        ",".join(each.text for each in chosen),
        frozenset().union(*(each.values for each in chosen)),
        any(each.star for each in chosen),
    )


@dataclass(frozen=True)
class Expression:
    """A cron expression with a brute-force reading of what it means."""

    fields: tuple[Field, ...]

    @property
    def text(self) -> str:
        return " ".join(each.text for each in self.fields)

    def fits_day(self, day: date) -> bool:
        of_month, month, of_week = self.fields[3:]
        fits = (day.day in of_month.values, (day.weekday() + 1) % 7 in of_week.values)
        both = of_month.star or of_week.star
        return day.month in month.values and (all(fits) if both else any(fits))

    def fits(self, time: datetime) -> bool:
        clock = (time.second, time.minute, time.hour)
        inside = (
            number in each.values for number, each in zip(clock, self.fields[:3], strict=True)
        )
        return all(inside) and self.fits_day(time.date())


expressions = st.tuples(*(fields(position) for position in range(6))).map(Expression)
times = st.datetimes(datetime(1970, 1, 1), datetime(2090, 1, 1)).map(
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)


def parsed(expression: Expression) -> Cron | None:
    """The expression as the code reads it, None when no day of many years fits it."""
    try:
        cron = parse(expression.text)
    except CronError:
        begin = date(2000, 1, 1)
        assert not any(expression.fits_day(begin + timedelta(day)) for day in range(9 * 366))
        return None
    assert isinstance(cron, Cron)
    return cron


@settings(max_examples=60, deadline=None)
@given(expressions, times, st.sampled_from(("UTC", "Europe/Berlin", "America/New_York")))
def test_every_second_of_a_day_is_due_or_not(
    expression: Expression, begin: datetime, zone_name: str
) -> None:
    cron = parsed(expression)
    if cron is None:
        return
    zone = UTC if zone_name == "UTC" else ZoneInfo(zone_name)
    seconds = [begin + number * SECOND for number in range(1, 5 * 3600)]
    expected = [time for time in seconds if expression.fits(time.astimezone(zone))][:200]
    time, found = begin, []
    for _ in expected:
        time = cron.after(time, zone)
        found.append(time)
    assert found == expected
    beyond = cron.after(expected[-1] if expected else begin, zone)
    if len(expected) < 200:
        assert beyond is None or beyond > seconds[-1]
    for due, following in pairwise(expected):
        assert cron.latest(due, zone) == due
        assert cron.latest(following - SECOND, zone) == due


@settings(max_examples=60, deadline=None)
@given(expressions, times)
def test_every_day_of_years_is_due_or_not(expression: Expression, begin: datetime) -> None:
    cron = parsed(expression)
    if cron is None:
        return
    first = {each: min(expression.fields[place].values) for place, each in enumerate("smh")}
    last = {each: max(expression.fields[place].values) for place, each in enumerate("smh")}
    day = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
    for number in range(3 * 366):
        this = day + timedelta(number)
        if not expression.fits_day(this.date()):
            continue
        due = this.replace(hour=first["h"], minute=first["m"], second=first["s"])
        assert cron.after(this - SECOND, UTC) == due
        final = this.replace(hour=last["h"], minute=last["m"], second=last["s"])
        assert cron.latest(this + timedelta(1) - SECOND, UTC) == final
    following = cron.after(day - SECOND, UTC)
    while following is not None and following < day + timedelta(3 * 366):
        assert expression.fits_day(following.date())
        tomorrow = datetime(following.year, following.month, following.day, tzinfo=UTC)
        following = cron.after(tomorrow + timedelta(1) - SECOND, UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("0 30 9 * * MON-FRI", "2026-01-05T09:30:00"),
        ("*/5 * * * *", "2026-01-03T12:00:05"),  # five fields begin with seconds
        ("0 0 0 13 * FRI", "2026-01-09T00:00:00"),  # either day
        ("0 0 0 13 * */5", "2026-02-13T00:00:00"),  # a star: both days
        ("@yearly", "2027-01-01T00:00:00"),
        ("@annually", "2027-01-01T00:00:00"),
        ("@monthly", "2026-02-01T00:00:00"),
        ("@weekly", "2026-01-04T00:00:00"),
        ("@daily", "2026-01-04T00:00:00"),
        ("@midnight", "2026-01-04T00:00:00"),
        ("@hourly", "2026-01-03T13:00:00"),
        ("0 0 0 29 2 ?", "2028-02-29T00:00:00"),
        ("0 0 0 31 9 WED", "2026-09-02T00:00:00"),  # September has no 31st, but Wednesdays
    ],
)
def test_times_of_known_expressions(text: str, due: str) -> None:
    cron = parse(text)
    assert isinstance(cron, Cron)
    assert cron.after(at("2026-01-03T12:00:00"), UTC) == at(due)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400),
        ("90s", 90),
        ("1.5h", 5400),
        (".5m", 30),
        ("1h2m3.9s", 3723),
        ("500ms", 1),
        ("1us", 1),
        ("0", 1),
        ("-5s", 1),
        ("+5s", 5),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse(f"@every {text}") == Every(seconds)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has 0 fields instead of 6"),
        ("* * * *", "it has 4 fields instead of 6"),
        ("* * * * * * *", "it has 7 fields instead of 6"),
        ("60 * * * * *", 'the second "60" is not within 0 to 59'),
        ("* * 24 * * *", 'the hour "24" is not within 0 to 23'),
        ("* * * 0 * *", 'the day of month "0" is not within 1 to 31'),
        ("* * * * 13 *", 'the month "13" is not within 1 to 12'),
        ("* * * * * 7", 'the day of week "7" is not within 0 to 6'),
        ("* * * * FRI *", 'the month "FRI" is not made of numbers or names'),
        ("* * * L * *", 'the day of month "L" is not made of numbers'),
        ("* * * * * 5#2", 'the day of week "5#2" is not made of numbers or names'),
        ("-1 * * * * *", 'the second "-1" is not made of numbers'),
        ("² * * * * *", 'the second "²" is not made of numbers'),
        ("9-5 * * * * *", 'the second "9-5" ends before it begins'),
        ("1-2-3 * * * * *", 'the second "1-2-3" has too many hyphens'),
        ("*/2/3 * * * * *", 'the second "*/2/3" has too many slashes'),
        ("*/0 * * * * *", 'the second "*/0" has a step of 0'),
        (", * * * * *", 'the second "," is empty'),
        ("0 0 0 30 2 *", "no day fits it"),
        ("@reboot", "@reboot is not one of @yearly,"),
        ("@every 5", '"5" is not a duration such as 1h30m'),
        ("@every 1d", '"1d" is not a duration such as 1h30m'),
        ("@every 3000000h", "longer than 292 years"),
    ],
)
def test_what_is_no_schedule(text: str, said: str) -> None:
    with pytest.raises(CronError) as raised:
        parse(text)
    assert said in str(raised.value)


@given(st.text(alphabet="0123456789*?/-,@ LW#JANSUevryhms.\t²", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = parse(text)
    except CronError:
        return
    if isinstance(read, Cron):
        assert read.after(at("2026-01-01"), UTC)


CREATED = at("2026-01-01T12:00:00.900000")


def due_times(trigger: Trigger, count: int) -> list[datetime]:
    found: list[datetime] = []
    while len(found) < count:
        due = trigger.next_due(CREATED, found[-1] if found else None, UTC)
        if due is None:
            break
        found.append(due)
    return found


def test_intervals_count_from_creation_or_start() -> None:
    assert due_times(Trigger(None, 60), 2) == [at("2026-01-01T12:01"), at("2026-01-01T12:02")]
    start = at("2026-03-01T00:00")
    assert due_times(Trigger(None, 60, start), 1) == [at("2026-03-01T00:01")]
    past = at("2025-12-31T23:00")
    assert due_times(Trigger(None, 3600, past), 2) == [at("2026-01-01"), at("2026-01-01T01:00")]
    assert due_times(Trigger("@every 1m", None), 1) == [at("2026-01-01T12:01")]


def test_cron_counts_after_creation_or_start() -> None:
    assert due_times(Trigger("0 0 12 * * *", None), 1) == [at("2026-01-02T12:00")]
    start = at("2026-02-01T12:00")
    assert due_times(Trigger("0 0 12 * * *", None, start), 1) == [at("2026-02-02T12:00")]


def test_a_schedule_is_over_after_its_end() -> None:
    end = at("2026-01-01T12:02")
    assert due_times(Trigger(None, 60, None, end), 9) == [end - 60 * SECOND, end]
    assert due_times(Trigger("0 * * * * *", None, None, end), 9) == [end - 60 * SECOND, end]
    assert due_times(Trigger(None, 60, None, CREATED), 9) == []


def test_times_beyond_the_calendar_never_come() -> None:
    assert due_times(Trigger(None, 2**62), 1) == []
    late = at("9999-12-31T23:59:59")
    for trigger in (Trigger("@daily", None, late), Trigger("@every 1h", None, late)):
        assert due_times(trigger, 1) == []


def test_without_catch_up_the_latest_due_time_counts() -> None:
    now = at("2026-01-05T08:30:15.5")
    daily = Trigger("0 0 12 * * *", None)
    first = at("2026-01-02T12:00")
    assert daily.latest_due(first, now, UTC) == at("2026-01-04T12:00")
    ended = Trigger("0 0 12 * * *", None, None, at("2026-01-03T18:00"))
    assert ended.latest_due(first, now, UTC) == at("2026-01-03T12:00")
    every = Trigger("@every 1h", None)
    assert every.latest_due(at("2026-01-05T01:10"), now, UTC) == at("2026-01-05T08:10")


def test_an_interval_that_was_missed_begins_anew() -> None:
    now = at("2026-01-05T08:30:15.5")
    hourly = Trigger(None, 3600)
    assert hourly.latest_due(at("2026-01-05T08:00"), now, UTC) == at("2026-01-05T08:00")
    assert hourly.latest_due(at("2026-01-02T08:00"), now, UTC) == at("2026-01-05T08:30:15")
    end = at("2026-01-03T09:00")
    ended = Trigger(None, 3600, None, end)
    assert ended.latest_due(at("2026-01-02T08:00"), now, UTC) == end


def test_the_latest_of_years_is_found_at_once() -> None:
    now = at("2026-01-05T08:30:15.5")
    old = at("1970-01-01")
    assert Trigger("* * * * * *", None).latest_due(old, now, UTC) == at("2026-01-05T08:30:15")
    assert Trigger("@every 1s", None).latest_due(old, now, UTC) == at("2026-01-05T08:30:15")


def test_clocks_of_another_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRON_SCHEDULE_TIMEZONE", "Europe/Berlin")
    zone = zone_of_environment()
    trigger = Trigger("0 30 2 * * *", None)
    # On 29 March there is no 2:30 in Berlin; on 25 October there are two.
    assert trigger.next_due(at("2026-03-28T02:00"), None, zone) == at("2026-03-30T00:30")
    autumn = trigger.next_due(at("2026-10-24T12:00"), None, zone)
    assert autumn == at("2026-10-25T00:30")
    assert trigger.next_due(autumn, autumn, zone) == at("2026-10-25T01:30")
    monkeypatch.delenv("CRON_SCHEDULE_TIMEZONE")
    assert zone_of_environment() is UTC
    for wrong in ("Mars/Olympus", "../etc/passwd", "/etc"):
        monkeypatch.setenv("CRON_SCHEDULE_TIMEZONE", wrong)
        with pytest.raises(KubeflowError, match="CRON_SCHEDULE_TIMEZONE must name a time zone"):
            zone_of_environment()


MACROS = Macros("the-run", at("2026-03-04T05:06:07"), at("2026-01-02T15:04:05"), 12)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("[[RunUUID]]", "the-run"),
        ("[[Index]] of [[Index]]", "12 of 12"),
        ("[[ScheduledTime]]", "20260102150405"),
        ("[[CurrentTime]]", "20260304050607"),
        ("[[ScheduledTime.2006-01-02T15:04:05Z07:00]]", "2026-01-02T15:04:05Z"),
        (
            "[[ScheduledTime.Monday, 2 January 06 at 3:04pm MST]]",
            "Friday, 2 January 26 at 3:04pm UTC",
        ),
        ("[[CurrentTime.Mon Jan _2 002 .000]]", "Wed Mar  4 063 .000"),
        ("[[ScheduledTime.]]", ""),
        ("{{$.scheduledTime.strftime('%Y-%m-%d %s %%s')}}", "2026-01-02 1767366245 %s"),
        ("{{$.currentTime.strftime('%H:%M')}}", "05:06"),
        ("[[Other]] [[ScheduledTimes]] {{$.pipeline_job_name}}", None),
        ("no macro", None),
    ],
)
def test_macros(text: str, filled: str | None) -> None:
    given = {"text": f"a {text} b", "number": 1, "list": [text]}
    expected = f"a {text if filled is None else filled} b"
    assert MACROS.fill(given) == {**given, "text": expected}


def test_macros_that_stand_for_nothing_stay() -> None:
    plain = Macros("the-run", at("2026-03-04T05:06:07"))
    for text in ("[[Index]]", "[[ScheduledTime]]", "{{$.scheduledTime.strftime('%Y')}}"):
        assert plain.fill({"x": text}) == {"x": text}
    assert plain.fill({"x": "[[CurrentTime.2006]]"}) == {"x": "2026"}


def test_a_value_that_is_put_in_is_not_looked_at_again() -> None:
    tricky = Macros("[[Index]]", MACROS.current, MACROS.scheduled, 1)
    assert tricky.fill({"x": "[[RunUUID]]"}) == {"x": "[[Index]]"}
