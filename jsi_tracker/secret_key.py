"""Where the site's secret key comes from, and when one is too weak to serve with."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

# The thresholds of Django's own deployment check security.W009.
SHORTEST = 50
FEWEST_DISTINCT = 5
INSECURE_PREFIX = "django-insecure-"


def local_secret_key(path: Path) -> str:
    """Return the key kept in `path`, made on first use, readable by its owner alone.

    Two processes that start together end with the same key: the file is linked into place, and
    the second link fails.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(get_random_secret_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def require_strong(key: str) -> str:
    """Return `key`, or raise ImproperlyConfigured where it could be guessed."""
    weak = len(key) < SHORTEST or len(set(key)) < FEWEST_DISTINCT or key.startswith(INSECURE_PREFIX)
    if weak:
        raise ImproperlyConfigured(
            f"SECRET_KEY is missing or weak: production wants at least {SHORTEST} random characters. "
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return key
