"""The offline bundle holds the project, a wheel for each requirement, the installer, and the sums of all of it."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
from pathlib import Path

import pytest

from deploy import bundle
from tests.rules.source import ROOT

COMMITTED = {
    "run": ("#!/bin/sh\n", 0o755),
    "requirements.txt": ("# web\nFlask==3.1.3\nargon2-cffi==25.1.0\n\npypinyin==0.55.0\n", 0o644),
    "deploy/install.sh": ("#!/bin/sh\n./run install\n", 0o755),
    "farmerline/data/areas/places.tsv.gz": ("codes", 0o644),
}
WHEELS = (
    "flask-3.1.3-py3-none-any.whl", "argon2_cffi-25.1.0-py3-none-any.whl", "pypinyin-0.55.0-py2.py3-none-any.whl",
    "setuptools-84.0-py3-none-any.whl", "pip-26.0-py3-none-any.whl",
)  # fmt: skip


@pytest.fixture
def committed() -> bytes:
    """A small project as git hands it out."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, (body, mode) in COMMITTED.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(body), mode
            archive.addfile(member, io.BytesIO(body.encode()))
    return made.getvalue()


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in WHEELS:
        (folder / name).write_text(name)
    return folder


def test_the_archive_holds_the_project_the_wheels_and_their_sums(
    committed: bytes, wheels: Path, tmp_path: Path
) -> None:
    target = tmp_path / "farmerline.tar.gz"
    bundle.write(target, "farmerline-1", bundle.entries(committed, wheels, "linux-x86_64-cp311"))
    with tarfile.open(target) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    out = tmp_path / "out" / "farmerline-1"
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert found == {
        *COMMITTED,
        *(f"wheels/{name}" for name in WHEELS),
        "wheels/PLATFORM",
        "install.sh",
        "SHA256SUMS",
    }
    assert (out / "wheels" / "PLATFORM").read_text() == "linux-x86_64-cp311\n"
    runnable = {name for name in found if (out / name).stat().st_mode & stat.S_IXUSR}
    assert runnable == {"run", "install.sh", "deploy/install.sh"}
    for line in (out / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest


def test_a_requirement_without_its_wheel_is_named(committed: bytes, wheels: Path) -> None:
    (wheels / "argon2_cffi-25.1.0-py3-none-any.whl").rename(wheels / "argon2_cffi-24.0-py3-none-any.whl")
    (wheels / "pip-26.0-py3-none-any.whl").unlink()
    with pytest.raises(ValueError, match=r"argon2_cffi==25\.1\.0, pip"):
        bundle.entries(committed, wheels, "x")


def test_the_projects_own_requirements_are_read() -> None:
    found = bundle.pinned((ROOT / "requirements.txt").read_text())
    assert found["flask"] and found["python_calamine"]
    assert (ROOT / "deploy" / "install.sh").stat().st_mode & stat.S_IXUSR
