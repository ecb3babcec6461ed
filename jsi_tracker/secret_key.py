"""Generate the secret key on a development machine, and check its strength in production."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

# The thresholds in Django's deployment check security.W009.
MIN_LENGTH = 50
MIN_DISTINCT_CHARACTERS = 5
INSECURE_PREFIX = "django-insecure-"


def local_secret_key(path: Path) -> str:
    """Return the key stored in `path`. If the file does not exist, it is created, readable only by its owner.

    Two processes that start at the same time obtain the same key, because each process links a draft to `path` and only
    the first link succeeds.
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
    """Return `key`. Raises ImproperlyConfigured if the key could be guessed."""
    weak = len(key) < MIN_LENGTH or len(set(key)) < MIN_DISTINCT_CHARACTERS or key.startswith(INSECURE_PREFIX)
    if weak:
        raise ImproperlyConfigured(
            f"SECRET_KEY is missing or weak: production requires at least {MIN_LENGTH} random characters. "
            "Generate one with: python -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return key
