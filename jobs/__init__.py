"""Everything timed: the timetable, the jobs it names, and the sending of what was promised."""
