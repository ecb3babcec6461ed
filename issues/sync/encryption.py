"""Encryption with the site's secret key: a copy of the database, or of an answer, gives nothing away."""

import base64
import hashlib
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings


def _keys(purpose: str) -> Iterable[bytes]:
    """Yield the bytes that keys for `purpose` are made of: of the secret key, then of earlier ones."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield f"{purpose} {key}".encode()


def box(purpose: str) -> MultiFernet:
    """Return what encrypts with the secret key, and also reads what an earlier one has encrypted."""
    digests = (hashlib.sha256(key).digest() for key in _keys(purpose))
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(purpose: str, said: bytes, bound_to: str) -> str:
    """Return `said` as letters for addresses, always the same ones, that only `opened` reads, bound to the same words.

    AES-SIV (RFC 5297): it cannot be forged, and two sealings show nothing but whether they are the same.
    """
    key = hashlib.sha512(next(iter(_keys(purpose)))).digest()
    sealed = AESSIV(key).encrypt(said, [bound_to.encode()])
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def opened(purpose: str, sealed: str, bound_to: str) -> bytes | None:
    """Return what was sealed, None for anything that was not, or for somebody else."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    except ValueError:
        return None
    for key in _keys(purpose):
        try:
            return AESSIV(hashlib.sha512(key).digest()).decrypt(raw, [bound_to.encode()])
        except (InvalidTag, ValueError):
            continue
    return None
