"""What a command works with: the runtime of the county that the settings describe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from farmerline import runtime
from farmerline.config import read_settings
from farmerline.errors import Misconfigured
from farmerline.migrations import is_current
from farmerline.runtime import Runtime


def open_runtime(*, migrated: bool = True) -> Runtime:
    """The open county; raises ``Misconfigured``, also where the database is out of reach or has an older shape."""
    with answering():
        opened = runtime.open_runtime(read_settings())
        current = not migrated or is_current(opened.database)
    if not current:
        opened.database.close()
        raise Misconfigured("The database does not have the newest shape: run `farmerline migrate` first.")
    return opened


@contextmanager
def answering() -> Iterator[None]:
    """Raises ``Misconfigured`` where the database is out of reach."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise Misconfigured(
            f"The database does not answer ({type(error).__name__}); look at FARMERLINE_DATABASE_URL."
        ) from error
