"""One archive that installs with no network on the same kind of machine: ``./run bundle``.

It holds the project's committed files (with place codes, fonts and the demo), the packages of requirements.txt as wheels, and
``install.sh``. ``python deploy/bundle.py fits`` says whether a Python can use the wheels of the bundle it stands in.
"""

from __future__ import annotations

import hashlib
import io
import platform
import re
import subprocess
import sys
import tarfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ("setuptools>=77", "pip")
"""What installing the project itself takes, beside its requirements."""
_MODE = {True: 0o755, False: 0o644}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive: its path below the archive's folder, its bytes, whether it is run."""

    path: str
    body: bytes
    runs: bool = False


def this_platform() -> str:
    """The kind of machine and of Python that the wheels of this one are for: ``linux-x86_64-cp311``."""
    return f"{sys.platform}-{platform.machine()}-cp{sys.version_info.major}{sys.version_info.minor}"


def pinned(requirements: str) -> dict[str, str]:
    """Name and version of each requirement, the name as wheels write it."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)$", requirements, re.MULTILINE)
    return {_normal(name): version for name, version in found}


def missing(requirements: str, wheels: Path) -> list[str]:
    """The requirements that no wheel of the folder fills."""
    there = {tuple(path.name.split("-")[:2]) for path in wheels.glob("*.whl")}
    known = {(_normal(name), version) for name, version in there}
    wanted = pinned(requirements)
    helpers = {_normal(re.split("[><=]", helper)[0]) for helper in HELPERS}
    lacking = [f"{name}=={version}" for name, version in wanted.items() if (name, version) not in known]
    return lacking + sorted(helpers - {name for name, _version in known})


def entries(committed: bytes, wheels: Path, where: str) -> list[Entry]:
    """All files of the archive: the committed ones (a tar), the wheels, the installer, and the sums of all.

    Raises ``ValueError`` naming the requirements that have no wheel.
    """
    with tarfile.open(fileobj=io.BytesIO(committed)) as archive:
        found = [
            Entry(member.name, body.read(), bool(member.mode & 0o100))
            for member in archive
            if member.isfile() and (body := archive.extractfile(member)) is not None
        ]
    files = {entry.path: entry for entry in found}
    if lacking := missing(files["requirements.txt"].body.decode(), wheels):
        raise ValueError(f"no wheel for: {', '.join(lacking)}")
    found += [Entry(f"wheels/{path.name}", path.read_bytes()) for path in sorted(wheels.glob("*.whl"))]
    found.append(Entry("wheels/PLATFORM", f"{where}\n".encode()))
    found.append(Entry("install.sh", files["deploy/install.sh"].body, runs=True))
    sums = "".join(f"{hashlib.sha256(entry.body).hexdigest()}  {entry.path}\n" for entry in found)
    return [*found, Entry("SHA256SUMS", sums.encode())]


def write(target: Path, folder: str, found: list[Entry]) -> None:
    """Write the archive; it gets its name once it is whole."""
    part = target.with_name(f"{target.name}.part")
    with tarfile.open(part, "w:gz", compresslevel=6) as archive:
        for entry in found:
            member = tarfile.TarInfo(f"{folder}/{entry.path}")
            member.size, member.mode = len(entry.body), _MODE[entry.runs]
            archive.addfile(member, io.BytesIO(entry.body))
    part.replace(target)


def main(arguments: list[str]) -> int:
    """``fits``: whether this Python is the one that the wheels here are for; else make the bundle and print its file."""
    if arguments == ["fits"]:
        return int((ROOT / "wheels" / "PLATFORM").read_text().strip() != this_platform())
    if not (ROOT / ".git").exists():
        print("bundle: this is no git checkout; a bundle is made of committed files", file=sys.stderr)
        return 1
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    place = ROOT / "var" / "bundle"
    wheels = place / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    for old in wheels.glob("*.whl"):
        old.unlink()
    committed = subprocess.run(
        ["git", "archive", "--format=tar", "HEAD"], cwd=ROOT, check=True, capture_output=True
    )
    _get_wheels(wheels)
    try:
        found = entries(committed.stdout, wheels, this_platform())
    except ValueError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    target = place / f"farmerline-{version}-{this_platform()}.tar.gz"
    write(target, f"farmerline-{version}", found)
    print(target)
    return 0


def _get_wheels(wheels: Path) -> None:
    """Every package as a wheel; what comes as source is built here, where there are tools and a network."""
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "-w", wheels, "-r", ROOT / "requirements.txt", *HELPERS], check=True)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
