"""Environment variables. Each may also be given as a file, as secret stores do: NAME_FILE holds the file's path."""

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    """The mapping of django-environ, but without trailing newlines and with errors that name the variable."""

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
    """Reads typed values from the environment; raises ImproperlyConfigured if a named file cannot be read."""

    ENVIRON = _Variables()
