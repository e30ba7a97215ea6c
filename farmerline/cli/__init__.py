"""The command line: a thin group; each command's module is loaded only when it is used."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from farmerline.cli.language import language
from farmerline.errors import Misconfigured, Refusal
from farmerline.vault import Unsealable
from farmerline.words import say

COMMANDS = {
    "init": "farmerline.cli.init:init",
    "key": "farmerline.cli.keys:key",
    "keys": "farmerline.cli.keys:keys",
    "migrate": "farmerline.cli.schema:migrate",
    "areas": "farmerline.cli.areas:areas",
    "accounts": "farmerline.cli.accounts:accounts",
    "alerts": "farmerline.cli.alerts:alerts",
    "cost": "farmerline.cli.cost:cost",
    "understand": "farmerline.cli.understand:understand",
    "report": "farmerline.cli.report:report",
    "voice": "farmerline.cli.voice:voice",
    "cap": "farmerline.cli.cap:cap",
    "sheet": "farmerline.cli.sheet:sheet",
    "prices": "farmerline.cli.prices:prices",
    "tv": "farmerline.cli.tv:tv",
    "audit": "farmerline.cli.audit:audit",
    "serve": "farmerline.cli.serving:serve",
    "web": "farmerline.cli.serving:web",
    "worker": "farmerline.cli.serving:worker",
    "pbx": "farmerline.cli.switch:pbx",
    "move-to": "farmerline.cli.moving:move_to",
    "check": "farmerline.cli.serving:check",
    "jobs": "farmerline.cli.jobs:jobs",
    "run-job": "farmerline.cli.jobs:run_job",
    "backup": "farmerline.cli.recovery:backup",
    "restore": "farmerline.cli.recovery:restore",
    "upgrade": "farmerline.cli.upgrading:upgrade",
    "sms": "farmerline.cli.phone:sms",
    "dial": "farmerline.cli.phone:dial",
    "demo": "farmerline.cli.demo:demo",
    "demo-code": "farmerline.cli.demo:demo_code",
}
"""Each command's name, and where it is: ``module:name``."""


class LateGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        gc.disable()  # what is loaded stays: looking through it meanwhile is a fifth of a start
        try:
            found: click.Command = getattr(import_module(module), attribute)
        finally:
            gc.enable()
        return found


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="farmerline", message="farmerline %(version)s")
def farmerline() -> None:
    """The farm line: a county's line to its farmers."""


def main(args: Sequence[str] | None = None, **values: Any) -> None:
    """Run a command. A wrong setting ends with 2, something refused with 1, each with one line on standard error."""
    try:
        ended = farmerline.main(
            args=list(args) if args is not None else None, standalone_mode=False, **values
        )
    except click.exceptions.Abort:
        click.echo(err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Misconfigured as error:
        click.echo(f"farmerline: {error}", err=True)
        sys.exit(2)
    except Unsealable:
        click.echo("farmerline: the keys in FARMERLINE_VAULT_KEYS do not open this database.", err=True)
        sys.exit(2)
    except Refusal as refusal:
        click.echo(f"farmerline: {say(language(), refusal.sentence, **refusal.values)}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # the reader (head, less) has gone: leave quietly
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    sys.exit(ended if isinstance(ended, int) else 0)
