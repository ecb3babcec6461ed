"""The bytes of what came in: kept as they came, with their digest, and with what was mapped when they were read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from issues.interchange.drafts import Draft
from issues.interchange.file_checks import require_size
from issues.models import ImportedFile, Negotiation, StagedImport


@dataclass(frozen=True)
class ReceivedFile:
    """A file, or a text that was pasted (`of_text`), as it came: what it is called, and its bytes."""

    name: str
    data: bytes

    @classmethod
    def from_text(cls, name: str, text: str) -> "ReceivedFile":
        """Return a pasted text."""
        return cls(name, text.encode("utf-8", "surrogatepass"))


def store(
    received: ReceivedFile,
    draft: Draft,
    *,
    negotiation: Negotiation,
    actor: AbstractBaseUser,
    staged: StagedImport | None = None,
) -> ImportedFile:
    """Keep what came in; returns the row. Raises Unreadable for more than settings.LONGEST_IMPORT bytes."""
    require_size(len(received.data))
    return ImportedFile.objects.create(
        staged=staged,
        negotiation=negotiation,
        name=received.name,
        data=received.data,
        sha256=hashlib.sha256(received.data).hexdigest(),
        mapped=draft.as_json()["mapped"],
        sent_by_id=actor.pk,
    )


def altered_files() -> Iterator[str]:
    """Yield the files whose bytes are not those that came in, each in a sentence."""
    for file in ImportedFile.objects.order_by("pk").iterator(chunk_size=1):
        if hashlib.sha256(file.data).hexdigest() != file.sha256:
            yield f"imported file {file.pk}, {file.name}: the bytes are not those that came in"
