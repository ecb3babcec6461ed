"""Store the bytes of each imported file unchanged, with a digest and the list of characters mapped during reading."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from issues.interchange.drafts import Draft
from issues.interchange.file_checks import require_size
from issues.models import ImportedFile, Negotiation, StagedImport


@dataclass(frozen=True)
class ReceivedFile:
    """The name and content of a file as received."""

    name: str
    data: bytes

    @classmethod
    def from_text(cls, name: str, text: str) -> "ReceivedFile":
        """Return a pasted text in the form of a file."""
        return cls(name, text.encode("utf-8", "surrogatepass"))


def store(
    received: ReceivedFile,
    draft: Draft,
    *,
    negotiation: Negotiation,
    actor: AbstractBaseUser,
    staged: StagedImport | None = None,
) -> ImportedFile:
    """Store a received file and return its row. Raises Unreadable for more than settings.LONGEST_IMPORT bytes."""
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
    """Yield a report on each stored file whose bytes no longer match their digest."""
    for file in ImportedFile.objects.order_by("pk").iterator(chunk_size=1):
        if hashlib.sha256(file.data).hexdigest() != file.sha256:
            yield f"imported file {file.pk}, {file.name}: the stored bytes differ from the bytes received"
