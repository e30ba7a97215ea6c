"""What a command works with: the runtime of the county that the settings describe."""

from __future__ import annotations

from farmerline import runtime
from farmerline.config import read_settings
from farmerline.errors import Misconfigured
from farmerline.migrations import is_current
from farmerline.runtime import Runtime


def open_runtime(*, migrated: bool = True) -> Runtime:
    """The open county; raises ``Misconfigured``, also where the database has an older shape."""
    opened = runtime.open_runtime(read_settings())
    if migrated and not is_current(opened.database):
        raise Misconfigured("The database does not have the newest shape: run `farmerline migrate` first.")
    return opened
