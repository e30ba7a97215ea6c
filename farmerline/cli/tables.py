"""Tables on standard output: as wide as the terminal; wide enough not to fold where a file or another program reads."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

_FILE_WIDTH = 160


def print_table(table: Table) -> None:
    """Words are printed as they are, without rich's own marks."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    console.print(table)
