"""Settings, the state of the database at the start, and serving: a wrong value is one clear line."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import models as m
from app import create_app
from tests.cluster import free_port

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name, value", [
    ("PORT", "eighty"), ("PORT", "70000"), ("HOST", "everywhere"), ("SECRET_KEY", "short"), ("DATABASE_URL", "mysql://x"),
    ("SCHOOL_TIMEZONE", "Mars/Base"), ("SCHOOL_TIMEZONE", "../etc/passwd"), ("MAIL_USE_TLS", "maybe"), ("MAIL_PORT", "-1"),
    ("MAIL_DEFAULT_SENDER", "nobody"), ("PROXIES", "many")])
def test_a_wrong_setting_stops_the_start_with_one_line(url, tmp_path, name, value):
    with pytest.raises(SystemExit) as stop:
        create_app({"INSTANCE": tmp_path, "DATABASE_URL": url, name: value})
    assert stop.value.code.startswith(f"{name}: ") and "\n" not in stop.value.code


def test_secrets_are_not_repeated_in_the_line(url, tmp_path):
    with pytest.raises(SystemExit) as stop:
        create_app({"INSTANCE": tmp_path, "DATABASE_URL": url, "SECRET_KEY": "opensesame"})
    assert "opensesame" not in stop.value.code


def test_settings_come_from_the_file_and_the_environment_wins(url, tmp_path, monkeypatch):
    (tmp_path / "settings.env").write_text("# school\nPORT=9000\nMAIL_SERVER='mail.school.ru'\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "9100")
    app = create_app({"INSTANCE": tmp_path, "DATABASE_URL": url})
    assert (app.config["PORT"], app.config["MAIL_SERVER"]) == (9100, "mail.school.ru")


def test_an_unknown_name_in_the_file_is_told(url, tmp_path):
    (tmp_path / "settings.env").write_text("PROT=9000\n")
    with pytest.raises(SystemExit, match="PROT"):
        create_app({"INSTANCE": tmp_path, "DATABASE_URL": url})


def test_the_secret_key_is_made_once_and_kept_private(url, tmp_path):
    keys = {create_app({"INSTANCE": tmp_path, "DATABASE_URL": url}).config["SECRET_KEY"] for _ in range(2)}
    assert len(keys) == 1
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_database_that_cannot_be_opened_is_one_line(tmp_path):
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    for url in (f"sqlite:///{tmp_path}/broken.db", "postgresql://nobody@127.0.0.1:1/nowhere"):
        with pytest.raises(SystemExit) as stop:
            create_app({"INSTANCE": tmp_path, "DATABASE_URL": url})
        assert stop.value.code.startswith("DATABASE_URL: ") and "\n" not in stop.value.code


def test_an_empty_database_gets_its_tables_at_the_start(tmp_path):
    create_app({"INSTANCE": tmp_path, "DATABASE_URL": f"sqlite:///{tmp_path}/new.db"})
    assert m.schema_state() == "current"
    m.db.close()


def test_a_newer_schema_refuses_to_start(db, url, tmp_path):
    db.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01 00:00:00')")
    with pytest.raises(SystemExit) as stop:
        create_app({"INSTANCE": tmp_path, "DATABASE_URL": url})
    assert "newer version" in stop.value.code and "\n" not in stop.value.code


def test_an_older_schema_waits_for_migrate_and_serves_nothing_meanwhile(db, url, tmp_path, monkeypatch):
    shutil.copytree(m.MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "migrations" / "0999_later.py").write_text("def up(migrator, db):\n    pass\n")
    monkeypatch.setattr(m, "MIGRATIONS", tmp_path / "migrations")
    app = create_app({"INSTANCE": tmp_path, "DATABASE_URL": url})
    assert app.test_client().get("/login").status_code == 503
    assert app.test_client().get("/health").status_code == 200
    assert app.test_cli_runner().invoke(args=["migrate"]).output == "applied 0999_later\n"


def test_python_app_serves_and_tells_the_one_time_code(tmp_path):
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/own.db", "INSTANCE": str(tmp_path)}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert f"http://127.0.0.1:{port}" in server.stdout.readline()
        line = server.stdout.readline()
        path = re.search(r"http\S+(/setup/\?code=\w{10})", line)[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as page:
            assert path.split("=")[1] in page.read().decode()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)
        server.stdout.close()


def test_a_port_in_use_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = {**os.environ, "PORT": str(taken.getsockname()[1]), "DATABASE_URL": f"sqlite:///{tmp_path}/own.db",
                       "INSTANCE": str(tmp_path)}
        done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("HOST, PORT: ") and done.stderr.count("\n") == 1
