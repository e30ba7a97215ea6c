"""FastAGI's door: Asterisk connects for each channel that it hands over."""

from __future__ import annotations

import logging
import socketserver
from collections.abc import Callable
from threading import Thread
from typing import BinaryIO, cast

from channels.switch.agi import BadAnswer, HungUp, Leg

_log = logging.getLogger(__name__)


class Door(socketserver.ThreadingTCPServer):
    """A thread a channel. ``serve`` gets each."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], serve: Callable[[Leg], None]) -> None:
        self.serve = serve
        super().__init__(address, _Channel)

    def start(self) -> None:
        Thread(target=self.serve_forever, args=(0.2,), name="fastagi", daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Channel(socketserver.StreamRequestHandler):
    server: Door
    disable_nagle_algorithm = True

    def handle(self) -> None:
        try:
            self.server.serve(Leg(cast(BinaryIO, self.rfile), cast(BinaryIO, self.wfile)))
        except (HungUp, ConnectionError):
            return
        except BadAnswer as error:
            _log.error("switch.bad_answer answer=%s", error)
        except Exception as error:  # one call's failure is not the others'
            _log.error("switch.call_broke error=%s", type(error).__name__, exc_info=True)
