"""The stories that show the service at work; each has a stable id and promises that must hold."""

from __future__ import annotations

from collections.abc import Callable

from farmerline.demo.stage import Stage
from farmerline.demo.stories import no_spaces, old_yang, spoken_post, stop, stranger

STORIES: dict[str, Callable[[Stage], None]] = {
    "old-yang": old_yang.play,
    "no-spaces": no_spaces.play,
    "stop": stop.play,
    "stranger": stranger.play,
    "spoken-post": spoken_post.play,
}
"""In the order in which they are played."""
