"""Every timed thing stands on the timetable, once."""

from __future__ import annotations

from collections import Counter

from jobs.schedule import TIMETABLE
from tests.rules.source import modules

# The timetable itself, and what runs it.
_MACHINERY = {
    "jobs",
    "jobs.schedule",
    "jobs.runner",
    "jobs.cluster",
    "jobs.context",
    "jobs.fetching",
    "jobs.bell",
    "jobs.batch",
}


def test_every_name_stands_on_the_timetable_once() -> None:
    assert [name for name, times in Counter(entry.name for entry in TIMETABLE).items() if times > 1] == []


def test_every_function_stands_on_the_timetable_once() -> None:
    assert [run for run, times in Counter(entry.run for entry in TIMETABLE).items() if times > 1] == []


def test_every_job_module_has_something_on_the_timetable() -> None:
    timed = {entry.run.__module__ for entry in TIMETABLE}
    assert {module.name for module in modules("jobs")} - _MACHINERY - timed == set()
