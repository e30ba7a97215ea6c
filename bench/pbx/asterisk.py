"""Two Asterisks on loopback: the bureau's, with the configuration of deploy/asterisk, and one that plays the carrier.

The bureau's registers at the carrier with a password, as on a trunk; telephones are customers of the carrier.
"""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bench.pbx import bundle, tls

DEPLOYED = bundle.ROOT / "deploy" / "asterisk"
USER, PASSWORD = "bureau", "a-trunk-password-of-the-proof"
_EMPTY = "ccss cdr cel features acl udptl pjproject codecs dsp musiconhold".split()
_FOLDERS = ("run", "log", "spool", "lib", "db/keys", "data/sounds", "etc")
_APART = 3
"""A telephone takes the port after its own too, for TLS."""
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that is listened on, all free when they were asked for."""

    web: int
    api: int
    agi: int
    manager: int
    bureau: int
    carrier: int
    phones: tuple[int, ...]


def free_ports(phones: int) -> Ports:
    """Ports that nobody has now, below those that the machine gives away by itself; two for each phone."""
    first = random.randrange(11_000, 19_000)
    found = list(islice((port for port in range(first, 32_000, _APART) if _is_free(port)), 6 + 2 * phones))
    return Ports(*found[:6], tuple(found[6:]))


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as one:
                one.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


@dataclass(slots=True)
class Asterisk:
    """A running Asterisk; ``folder`` holds all its files."""

    root: Path
    folder: Path
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        configured = str(self.folder / "etc" / "asterisk.conf")
        self._process = bundle.start(
            bundle.command(self.root, "usr/sbin/asterisk", "-C", configured, "-f", "-n"), self.folder / "out"
        )

    def command(self, words: str) -> str:
        """One command of its console."""
        asked = ["usr/sbin/asterisk", "-C", str(self.folder / "etc" / "asterisk.conf"), "-rx", words]
        done = subprocess.run(
            bundle.command(self.root, *asked), capture_output=True, text=True, timeout=10, check=False
        )
        return done.stdout

    def wait(self, words: str, sign: str) -> None:
        """Until the command's answer holds the sign. Raises ``TimeoutError``."""
        until = time.monotonic() + _SECONDS
        while sign not in self.command(words):
            if time.monotonic() > until or (self._process and self._process.poll() is not None):
                raise TimeoutError(f"asterisk: {words!r} never said {sign!r}")
            time.sleep(0.2)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> None:
        if self._process is not None:
            bundle.end(self._process, 5)


def make_bureau(
    root: Path, folder: Path, ports: Ports, line: str, secret: str, sealed: tuple[Path, Path] | None = None
) -> Asterisk:
    """The bureau's switch: what deploy/asterisk says, and the four files that each county writes for itself. ``sealed``: a
    certificate and its key, for a trunk by TLS and SRTP."""
    etc = _begin(root, folder)
    for path in DEPLOYED.glob("*.conf"):
        shutil.copyfile(path, etc / path.name)
    pjsip = (etc / "local-pjsip.conf").read_text()
    for asked, given in {
        "0.0.0.0:5060": f"127.0.0.1:{ports.bureau}",
        "<user>": USER,
        "<number>": line,
        "<password>": PASSWORD,
        "match = <carrier's host>": "match = 127.0.0.1",
        "<carrier's host>": f"127.0.0.1:{ports.carrier}",
    }.items():
        pjsip = pjsip.replace(asked, given)
    if sealed:
        pjsip = tls.switch_on(pjsip, *sealed, f"127.0.0.1:{ports.bureau}")
    (etc / "local-pjsip.conf").write_text(pjsip)
    manager = (
        (etc / "local-manager.conf")
        .read_text()
        .replace("5038", str(ports.manager))
        .replace("<secret>", secret)
    )
    (etc / "local-manager.conf").write_text(manager)
    (etc / "local-globals.conf").write_text(f"FARMERLINE = 127.0.0.1:{ports.agi}\n")
    (etc / "rtp.conf").write_text("[general]\nrtpstart = 21000\nrtpend = 21999\n")
    return Asterisk(root, folder)


def make_carrier(
    root: Path, folder: Path, ports: Ports, line: str, phones: Iterable[tuple[str, int]],
    sealed: tuple[Path, Path] | None = None,
) -> Asterisk:  # fmt: skip
    """The carrier: the bureau's trunk by registration with a password, telephones by their numbers."""
    etc = _begin(root, folder)
    shutil.copyfile(DEPLOYED / "modules.conf", etc / "modules.conf")
    shutil.copyfile(DEPLOYED / "indications.conf", etc / "indications.conf")
    transport, endpoint = "", "transport = udp\n"
    if sealed:
        transport, endpoint = tls.carriers(*sealed, f"127.0.0.1:{ports.carrier}")
    pjsip = f"""[global]
type = global
endpoint_identifier_order = username,ip
[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{ports.carrier}
{transport}[{USER}]
type = auth
auth_type = digest
username = {USER}
password = {PASSWORD}
[{USER}]
type = aor
max_contacts = 1
remove_existing = yes
[{USER}]
type = endpoint
{endpoint}context = from-bureau
disallow = all
allow = alaw
dtmf_mode = rfc4733
direct_media = no
auth = {USER}
aors = {USER}
"""
    for number, port in phones:
        pjsip += f"""[{number}]
type = aor
contact = sip:{number}@127.0.0.1:{port}
[{number}]
type = endpoint
transport = udp
context = from-phones
disallow = all
allow = alaw
dtmf_mode = rfc4733
direct_media = no
aors = {number}
"""
    (etc / "pjsip.conf").write_text(pjsip)
    (etc / "extensions.conf").write_text(
        f"""[from-phones]
exten = {line},1,Dial(PJSIP/{line}@{USER},60)
 same = n,Hangup(${{HANGUPCAUSE}})
[from-bureau]
exten = _X.,1,Dial(PJSIP/${{EXTEN}},120)
 same = n,Hangup(${{HANGUPCAUSE}})
"""
    )
    (etc / "manager.conf").write_text("[general]\nenabled = no\n")
    (etc / "logger.conf").write_text("[general]\n[logfiles]\nmessages = warning,error\n")
    (etc / "rtp.conf").write_text("[general]\nrtpstart = 22000\nrtpend = 22999\n")
    (etc / "amd.conf").write_text("[general]\n")
    return Asterisk(root, folder)


def _begin(root: Path, folder: Path) -> Path:
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    data = root / "usr" / "share" / "asterisk"
    shutil.copytree(data / "documentation", folder / "data" / "documentation", dirs_exist_ok=True)
    etc = folder / "etc"
    (etc / "asterisk.conf").write_text(
        f"""[directories]
astetcdir => {etc}
astmoddir => {bundle.modules(root, "asterisk")}
astvarlibdir => {folder}/lib
astdbdir => {folder}/db
astkeydir => {folder}/db
astdatadir => {folder}/data
astagidir => {folder}/data
astspooldir => {folder}/spool
astrundir => {folder}/run
astlogdir => {folder}/log
"""
    )
    for name in _EMPTY:
        (etc / f"{name}.conf").touch()
    return etc
