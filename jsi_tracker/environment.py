"""Read environment variables. Instead of NAME, NAME_FILE may contain the path of a file that holds the value."""

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class _Variables(FileAwareMapping):
    """The mapping of django-environ, with values stripped of white space and errors that name the variable."""

    def __getitem__(self, key: str) -> str:
        file = self.env.get(f"{key}_FILE")
        if not file:
            return str(self.env[key])
        if self.env.get(key):
            raise ImproperlyConfigured(f"{key} and {key}_FILE are both set. Unset one of them.")
        try:
            return str(super().__getitem__(key)).strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE cannot be read: {error}") from None


class Environment(environ.FileAwareEnv):
    """A reader of typed values from the environment.

    Raises ImproperlyConfigured if a file cannot be read or if both NAME and NAME_FILE are set.
    """

    ENVIRON = _Variables()
