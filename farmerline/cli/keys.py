"""``farmerline key``: a fresh key."""

from __future__ import annotations

import click

from farmerline.vault import make_key


@click.command()
def key() -> None:
    """Print a fresh key: 32 random bytes in base64, for FARMERLINE_VAULT_KEYS, _INDEX_KEY or _WEB_KEY."""
    click.echo(make_key())
