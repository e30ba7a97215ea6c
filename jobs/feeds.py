"""Reading what listed sources publish, and the CSV folders of those that send files."""

from __future__ import annotations

import logging
from pathlib import Path

from farmerline.domain import feeds, submissions
from farmerline.domain.feeds import Source
from farmerline.domain.submissions import Found
from farmerline.errors import Refusal
from jobs import fetching
from jobs.context import Context
from jobs.fetching import May, Unreached
from jobs.links import agent_of

_log = logging.getLogger(__name__)


def read(context: Context, may: May = fetching.is_public) -> int:
    """Keep what is new of every listed source; returns how many pieces. A source that fails is tried again next time."""
    kept = 0
    for source in _sources(context):
        try:
            found = _fetch(source, context, may) if source.is_feed else _read_folder(source)
        except (Refusal, Unreached, OSError) as error:
            _log.warning("feed.failed source=%s why=%s", source.place[:80], error)
            continue
        for one in found:
            with context.database.write() as session:
                kept += submissions.keep(session, one, now=context.now())
    return kept


def has_work(context: Context) -> bool:
    """Whether any source is listed."""
    return bool(_sources(context))


def _sources(context: Context) -> list[Source]:
    file = context.settings.feeds
    return feeds.sources(file) if file is not None and file.is_file() else []


def _fetch(source: Source, context: Context, may: May) -> list[Found]:
    answer = fetching.get(source.place, agent=agent_of(context.settings), most=feeds.LARGEST, may=may)
    if answer.status != 200:
        raise Unreached(str(answer.status))
    return feeds.read_feed(answer.body, source)


def _read_folder(source: Source) -> list[Found]:
    folder, found = Path(source.place), []
    for file in sorted(folder.glob("*.csv")) + sorted(folder.glob("*.xlsx")):
        found += feeds.read_file(file.read_bytes()[: feeds.LARGEST], source)
    return found
