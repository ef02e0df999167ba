"""A throw-away PostgreSQL server for one run of the tests: made in a temporary folder, stopped and removed after.

PostgreSQL refuses to run as root, so root hands the folder and the processes to an ordinary user.
"""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

USER = "zhurnal"
# Nothing here outlives the run, so nothing waits for the disk.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60 -c jit=off"

EMPTY = """DO $$ DECLARE r record; BEGIN
  SET LOCAL lock_timeout = '3s';
  SET LOCAL session_replication_role = replica;  -- past the triggers that keep history, in no particular order of tables
  FOR r IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration' LOOP
    EXECUTE format('DELETE FROM %I', r.name);
  END LOOP;
  PERFORM setval(quote_ident(sequencename), 1, false) FROM pg_sequences
    WHERE last_value IS NOT NULL AND sequencename NOT LIKE 'schema_migration%'; END $$"""
SHAPE = """SELECT 'migration', name FROM schema_migration UNION ALL SELECT relkind::text, relname FROM pg_class
  WHERE relnamespace = 'public'::regnamespace UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"""


class Cluster:
    """`with Cluster() as cluster: cluster.create("copy", template="original")`, which answers the copy's URL."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="zhurnal-pg-"))
        self.port = free_port()
        self._identity = _ordinary_user(self.folder) if os.getuid() == 0 else {}
        self._run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"{OPTIONS} -p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name):
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def create(self, name, template="template0"):
        """A new database, copied whole from `template`, which nobody may be connected to."""
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, url):
        """Remove a database, whoever is still connected to it."""
        self._sql(f'DROP DATABASE "{_name(url)}" WITH (FORCE)')

    def _run(self, tool, *arguments):
        done = subprocess.run(
            [_binary(tool), "-D", str(self.folder / "data"), *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._identity,
        )
        if done.returncode:
            raise RuntimeError(f"{tool} failed:\n{done.stdout}")

    def _sql(self, statement):
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def emptied(connection, shape):
    """Take every row out of a migrated database, over a connection of its own, in a tenth of the time of a new copy; True when
    it is again as `shape_of` found it new, False when a test changed more than rows or still holds a lock."""
    try:
        connection.execute(EMPTY)
        return shape_of(connection) == shape
    except psycopg.Error:
        return False


def shape_of(connection):
    """Everything of a database but its rows."""
    return connection.execute(SHAPE).fetchall()


def _name(url):
    return url.rpartition("/")[2]


def _ordinary_user(folder):
    """How to start a process as somebody who is not root, after giving them the folder."""
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    owner = names.get("postgres") or names["nobody"]
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _binary(tool):
    """Debian keeps the server's tools off the PATH; the newest version wins."""
    found = glob.glob(f"/usr/lib/postgresql/*/bin/{tool}")
    newest = max(found, key=lambda path: int(path.split("/")[4]), default=None)
    return newest or shutil.which(tool) or tool


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
