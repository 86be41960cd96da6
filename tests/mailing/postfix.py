"""A real Postfix of our own on loopback: its configuration, queue and log in one folder, no system's touched."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POSTFIX, SINK = "/usr/sbin/postfix", "/usr/sbin/smtp-sink"


def here() -> bool:
    """Whether this machine has one that we may start: Postfix wants to be root."""
    return Path(POSTFIX).exists() and Path(SINK).exists() and os.getuid() == 0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing answers at port {port}")


@contextmanager
def sink(folder: Path, *options: str) -> Iterator[int]:
    """Postfix's own smtp-sink; its port."""
    port = free_port()
    run = subprocess.Popen(
        [SINK, "-u", "nobody", *options, f"127.0.0.1:{port}", "1000"], cwd=folder
    )
    try:
        _await(port)
        yield port
    finally:
        run.terminate()
        run.wait()


@contextmanager
def postfix(folder: Path, relay: int) -> Iterator[int]:
    """A Postfix that takes mail on loopback and relays it to a port; its own port."""
    port = free_port()
    conf, queue, data = folder / "conf", folder / "queue", folder / "data"
    for made in (conf, queue, data):
        made.mkdir(parents=True)
    for parent in (folder, *folder.parents):  # its daemons run as another user
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    shutil.chown(data, "postfix")
    (conf / "main.cf").write_text(
        f"""compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
relayhost = [127.0.0.1]:{relay}
smtpd_peername_lookup = no
disable_dns_lookups = yes
multi_instance_enable = no
import_environment = MAIL_CONFIG
"""
    )
    told = Path("/usr/share/postfix/master.cf.dist").read_text()
    services = [line for line in told.splitlines() if line[:1] not in ("#", "")]
    lines, skip = [], False
    for line in services:
        if line[:1].isspace():
            if not skip:
                lines.append(line)
            continue
        fields = line.split()
        skip = fields[0] in ("maildrop", "uucp", "ifmail", "bsmtp", "scalemail-backend", "mailman")
        if skip:
            continue
        if fields[:2] == ["smtp", "inet"]:
            fields[0] = str(port)
        if len(fields) > 4:
            fields[4] = "n"
        lines.append(" ".join(fields))
    (conf / "master.cf").write_text("\n".join(lines) + "\npostlog unix-dgram n - n - 1 postlogd\n")
    run = subprocess.run(
        [POSTFIX, "-c", str(conf), "start"], capture_output=True, text=True, check=False
    )
    try:
        assert run.returncode == 0, run.stderr
        _await(port)
        yield port
    finally:
        subprocess.run([POSTFIX, "-c", str(conf), "stop"], capture_output=True, check=False)
