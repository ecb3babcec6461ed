"""Tests that the default settings are safe and that unsafe settings are refused."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from jsi_tracker.secret_key import local_secret_key, require_strong
from jsi_tracker.servers import databases_with_replicas

ROOT = Path(__file__).resolve().parents[2]
STRONG = "kq3v9Zr_7TxW1mB5yL8nD2hG6jF4sP0aCeUiOoXwQRtYVbNM-_zk"


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` with only the given environment."""
    bare = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "jsi_tracker.settings", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env={**bare, **environment}, cwd=ROOT, capture_output=True, text=True, check=False)


def setting(name: str, **environment: str) -> str:
    answer = python(f"from django.conf import settings; print(settings.{name})", **environment)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def test_by_default_debug_is_off_and_only_this_machine_is_served() -> None:
    assert setting("DEBUG") == "False"
    assert setting("ALLOWED_HOSTS") == "['localhost', '127.0.0.1', '[::1]']"
    assert setting("PRODUCTION") == "False"


def test_a_host_other_than_this_machine_turns_production_on() -> None:
    assert setting("PRODUCTION", ALLOWED_HOSTS="tracker.example", SECRET_KEY=STRONG) == "True"
    assert setting("SESSION_COOKIE_SECURE", ALLOWED_HOSTS="tracker.example", SECRET_KEY=STRONG) == "True"
    assert setting("PRODUCTION", ALLOWED_HOSTS="tracker.example", PRODUCTION="0") == "False"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing or weak"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing or weak"),
        ({"SECRET_KEY": "x" * 80}, "SECRET_KEY is missing or weak"),
        ({"SECRET_KEY": "django-insecure-" + STRONG}, "SECRET_KEY is missing or weak"),
        ({"SECRET_KEY": STRONG, "DEBUG": "1"}, "DEBUG would show settings and source"),
        ({"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS to the host names"),
    ],
)
def test_production_refuses_insecure_settings(environment: dict[str, str], said: str) -> None:
    answer = python("from django.conf import settings; settings.DEBUG", PRODUCTION="1", **environment)
    assert answer.returncode != 0
    assert said in answer.stderr


def test_the_local_secret_key_is_generated_once_outside_git_and_readable_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "secret_key"
    key = local_secret_key(path)
    assert require_strong(key) == key
    assert local_secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ignored = subprocess.run(["git", "check-ignore", "-q", "var/secret_key"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_a_weak_key_is_reported_with_advice() -> None:
    with pytest.raises(ImproperlyConfigured, match="Generate one with"):
        require_strong("weak")


def test_check_deploy_passes_with_production_settings() -> None:
    code = "from django.core.management import execute_from_command_line as run; "
    code += "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
    answer = python(code, ALLOWED_HOSTS="tracker.example", SECRET_KEY=STRONG)
    assert answer.returncode == 0, answer.stderr


def test_demonstration_users_are_never_created_in_production() -> None:
    code = "from django.core.management import execute_from_command_line as run; run(['manage.py', 'demo_users'])"
    answer = python(code, ALLOWED_HOSTS="tracker.example", SECRET_KEY=STRONG)
    assert answer.returncode != 0
    assert "cannot be created in production" in answer.stderr


def test_sqlite_waits_for_locks_and_postgresql_is_configured_by_url() -> None:
    assert "IMMEDIATE" in setting("DATABASES['default']['OPTIONS']")
    url = "postgresql://alice:secret@db.example:5433/jsi"
    assert setting("DATABASES['default']['ENGINE']", DATABASE_URL=url) == "django.db.backends.postgresql"
    assert setting("DATABASES['default']['HOST']", DATABASE_URL=url) == "db.example"


def test_replicas_require_postgresql_and_are_not_installed_without_a_setting(settings: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        databases_with_replicas({"ENGINE": "django.db.backends.sqlite3"}, ["postgresql://one/jsi"])
    primary = {"ENGINE": "django.db.backends.postgresql"}
    databases = databases_with_replicas(primary, ["postgresql://one/jsi", "postgresql://two/jsi"])
    assert [databases[alias]["HOST"] for alias in ("replica1", "replica2")] == ["one", "two"]
    assert databases["default"]["OPTIONS"] == {"connect_timeout": 2}
    assert settings.DATABASE_ROUTERS == []
    assert not [one for one in settings.MIDDLEWARE if "replicas" in one]


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    read = re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "jsi_tracker" / "settings.py").read_text())
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    documented = re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)
    assert len(set(read)) > 5
    assert sorted(documented) == sorted(set(read))
