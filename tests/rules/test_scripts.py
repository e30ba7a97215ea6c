"""The script a newcomer runs is plain POSIX shell, and what it promises is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch

import pytest

from tests.rules.source import PACKAGES, ROOT, files

_SHELL = shutil.which("dash") or "sh"
_SCRIPTS = ("run", "tests/parts/get.sh", "tests/parts/debs.sh")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("script", _SCRIPTS)
def test_a_script_is_posix_shell(script: str) -> None:
    assert (ROOT / script).read_text().startswith("#!/bin/sh\nset -eu\n") or "\nset -eu\n" in (
        ROOT / script
    ).read_text()
    assert run(_SHELL, "-n", script).returncode == 0


def test_help_names_every_command_and_needs_nothing_installed() -> None:
    said = run(_SHELL, "run", "help")
    assert said.returncode == 0
    for name in ("demo [--once]", "test", "serve", "lint", "bench", "crash", "chaos", "parts", "help"):
        assert f"./run {name}" in said.stdout


def test_an_unknown_command_is_refused_with_the_help() -> None:
    said = run(_SHELL, "run", "fly")
    assert said.returncode == 1
    assert "there is no 'fly'" in said.stderr
    assert "./run demo" in said.stderr


def test_both_doors_can_be_run() -> None:
    assert os.access(ROOT / "run", os.X_OK)
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "./run test" in (ROOT / ".ci" / "run").read_text()


def test_every_file_the_packages_read_is_installed_with_them() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    left = [
        str(path)
        for path in files(under=PACKAGES)
        if path.suffix not in (".py", ".pyc") and not any(fnmatch(path.name, pattern) for pattern in told)
    ]
    assert not left
