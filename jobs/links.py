"""Looking at the links once a week, one after the other, with an honest name."""

from __future__ import annotations

from importlib.metadata import version

from farmerline.config import Settings
from farmerline.domain import links
from jobs import fetching
from jobs.context import Context
from jobs.fetching import May, Unreached

_ENOUGH = 2048
_FINE = frozenset({401, 403, 405, 429})
"""The page is there, and does not want to be looked at by a machine."""


def look(context: Context, may: May = fetching.is_public) -> int:
    """Look at what is due; returns how many. A demo county looks nowhere."""
    if context.settings.is_demo and may is fetching.is_public:
        return 0
    with context.database.read() as session:
        found = links.due(session, now=context.now())
    for link_id, address in found:
        fault = _fault(address, agent_of(context.settings), may)
        with context.database.write() as session:
            links.note(session, link_id, fault, now=context.now())
    return len(found)


def has_work(context: Context) -> bool:
    """Whether a link is due."""
    with context.database.read() as session:
        return bool(links.due(session, now=context.now()))


def agent_of(settings: Settings) -> str:
    """Who asks, in the words of a user agent: the program, and where the county's service is found."""
    return f"farmerline/{version('farmerline')} (+{settings.public_url})"


def _fault(address: str, agent: str, may: May) -> str:
    try:
        status = fetching.get(address, agent=agent, most=_ENOUGH, may=may).status
    except Unreached as error:
        return str(error)
    return "" if status < 400 or status in _FINE else str(status)
