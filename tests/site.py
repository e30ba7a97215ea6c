"""Pages for a real browser: the application on a port of its own, in threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator


@contextmanager
def open_site(app: Any) -> Iterator[str]:
    """Serves the application until the block ends; gives its address, without a slash at its end."""
    server = make_server("127.0.0.1", 0, whole(app), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def bring_session(page: Any, site: str, client: Any) -> None:
    """Let the page be the person who is signed in at this test client."""
    page.context.clear_cookies()
    for cookie in client._cookies.values():
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])


def whole(app: Any) -> Any:
    """The application with each answer read and closed before it is sent.

    Werkzeug's server does not close an answer when the browser hangs up early: it reads what the browser still sends
    before it closes, and that reading fails. The file of a picture then stayed open until the collector came by.
    """

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as parts:
            return [b"".join(parts)]

    return answer


__all__ = ["open_site", "whole"]
