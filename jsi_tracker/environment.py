"""The environment, where each variable may also be given as a file: NAME_FILE, as secrets are handed out."""

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    """What django-environ does, without the line end that every editor adds, and with errors that name the variable."""

    def __getitem__(self, key: str) -> str:
        file = self.env.get(f"{key}_FILE")
        if not file:
            return str(self.env[key])
        if self.env.get(key):
            raise ImproperlyConfigured(f"{key} and {key}_FILE are both set: keep one of them.")
        try:
            return str(super().__getitem__(key)).strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE cannot be read: {error}") from None


class Environment(environ.FileAwareEnv):
    """Reads settings; raises ImproperlyConfigured where a file that is named is not there."""

    ENVIRON = _Variables()
