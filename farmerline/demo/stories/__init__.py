"""The stories that show the service at work; each has a stable id and promises that must hold."""

from __future__ import annotations

from collections.abc import Callable

from farmerline.demo.stage import Stage
from farmerline.demo.stories import (
    false_alarm,
    hear_first,
    no_spaces,
    old_yang,
    orange_506,
    red_at_night,
    spoken_post,
    stop,
    stranger,
)

STORIES: dict[str, Callable[[Stage], None]] = {
    "old-yang": old_yang.play,
    "no-spaces": no_spaces.play,
    "stop": stop.play,
    "stranger": stranger.play,
    "spoken-post": spoken_post.play,
    "hear-first": hear_first.play,
    "orange-506": orange_506.play,
    "false-alarm": false_alarm.play,
    "red-at-night": red_at_night.play,
}
"""In the order in which they are played."""
