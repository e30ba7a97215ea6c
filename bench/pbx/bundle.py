"""Asterisk and baresip in a folder of their own: pinned packages, fetched once, unpacked by anybody (no root, nothing installed).

The archive is the one that apt-get uses here; each file's SHA-256 is known beforehand (`packages.txt`). An archive drops a
version when it has a newer one: then the switch cannot be had until the list names the newer one.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "parts" / "switch"
PINS = Path(__file__).with_name("packages.txt")
_APT_HELPER = Path("/usr/lib/apt/apt-helper")
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_SECONDS = 120


MISSING = (
    "Asterisk and baresip are not here: ./run parts gets them, where the archive has the pinned versions"
)


class Missing(Exception):
    """The packages cannot be had here; says why."""


def pins() -> dict[str, str]:
    """SHA-256 by the path in the archive."""
    lines = [line.split() for line in PINS.read_text().splitlines() if line and not line.startswith("#")]
    return {path: digest for digest, path in lines}


def find() -> Path | None:
    """The folder with the programs, where they were unpacked before; asks nobody."""
    root = FOLDER / hashlib.sha256(PINS.read_bytes()).hexdigest()[:16]
    return root if root.is_dir() else None


def ready() -> Path:
    """The folder with the programs; fetched and unpacked where it is not there yet. Raises ``Missing``."""
    if (there := find()) is not None:
        return there
    if platform.machine() != "x86_64" or not _APT_HELPER.is_file() or not shutil.which("dpkg-deb"):
        raise Missing("the pinned packages are Debian's for amd64, and this machine has no apt for them")
    debs = FOLDER / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    _fetch(debs)
    with tempfile.TemporaryDirectory(dir=FOLDER) as made:
        fresh = Path(made) / "root"
        for path in pins():
            subprocess.run(
                ["dpkg-deb", "-x", str(debs / Path(path).name), str(fresh)], check=True, capture_output=True
            )
        root = FOLDER / hashlib.sha256(PINS.read_bytes()).hexdigest()[:16]
        if not root.exists():
            fresh.rename(root)
    return root


def command(root: Path, program: str, *arguments: str) -> list[str]:
    """How to start an unpacked program: by its own loader, with its own libraries."""
    libraries = root / _LIBRARIES
    return [
        str(libraries / "ld-linux-x86-64.so.2"),
        "--library-path",
        str(libraries),
        str(root / program),
        *arguments,
    ]


def modules(root: Path, program: str) -> Path:
    """Where the modules of ``asterisk`` or ``baresip`` are."""
    return root / (f"{_LIBRARIES}/asterisk/modules" if program == "asterisk" else "usr/lib/baresip/modules")


def _fetch(debs: Path) -> None:
    archive = _archive()
    lacking = {path: digest for path, digest in pins().items() if not _holds(debs / Path(path).name, digest)}
    words: list[str] = []
    for path, digest in lacking.items():
        words += [f"{archive}/{path}", str(debs / Path(path).name), f"SHA256:{digest}"]
    if not words:
        return
    try:
        done = subprocess.run(
            [str(_APT_HELPER), "-o", "APT::Sandbox::User=root", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1",
             "download-file", *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Missing("the archive that apt-get uses did not answer in time") from error
    if done.returncode:
        why = next((line for line in done.stderr.splitlines() if line.startswith("E:")), "no reason given")
        raise Missing(f"the archive that apt-get uses does not give the pinned packages ({why[:160]})")


def _archive() -> str:
    try:
        told = subprocess.run(
            ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
            capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False,
        ).stdout  # fmt: skip
    except OSError as error:
        raise Missing("there is no apt-get here") from error
    sites = [line.strip().rstrip("/") for line in told.splitlines() if "debian" in line]
    if not sites:
        raise Missing("apt-get knows no Debian archive here")
    return sites[0]


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def start(
    command: list[str], log: Path, settings: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A program on its way, its words in a file."""
    with log.open("wb") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=log.parent,
            env={**os.environ, **(settings or {})},
        )  # fmt: skip


def end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """End a program: asked first, then made."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.wait()


def main() -> int:
    """Get the programs and say their versions; 1, with the reason, where they cannot be had."""
    try:
        ready()
    except Missing as missing:
        print(missing)
        return 1
    names = ("/asterisk_", "/baresip-core_")
    print(
        ", ".join(
            path.rpartition("/")[2].split("+")[0].replace("_amd64.deb", "")
            for path in pins()
            if any(name in path for name in names)
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
