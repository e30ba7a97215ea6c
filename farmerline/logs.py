"""Logs: one line an event, with ids, never with words or numbers of people. Times in UTC."""

from __future__ import annotations

import logging
import time


def set_up(level: int = logging.INFO) -> None:
    """Send every log of this process to standard error."""
    handler = logging.StreamHandler()
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("apscheduler", "twilio", "jieba", "urllib3", "procrastinate", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # a line for each request that waits its turn would make the waiting longer
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
