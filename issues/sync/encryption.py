"""Encryption with the site's secret key, which protects values stored in the database or sent to clients."""

import base64
import hashlib
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings


def fernet_for(purpose: str) -> MultiFernet:
    """Return a Fernet instance that encrypts with the secret key, and decrypts with the secret key or its fallbacks."""
    digests = (hashlib.sha256(key).digest() for key in _key_material(purpose))
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(purpose: str, content: bytes, context: str) -> str:
    """Return `content` as an encrypted and authenticated URL-safe string.

    The string can be decrypted by `unseal` with the same `purpose` and `context`. Because AES-SIV (RFC 5297) is
    deterministic, equal contents yield equal strings.
    """
    key = hashlib.sha512(next(_key_material(purpose))).digest()
    sealed = AESSIV(key).encrypt(content, [context.encode()])
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(purpose: str, sealed: str, context: str) -> bytes | None:
    """Return the content of a sealed string, or None if it is invalid or was sealed for another purpose or context."""
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    except ValueError:
        return None
    for key in _key_material(purpose):
        try:
            return AESSIV(hashlib.sha512(key).digest()).decrypt(raw, [context.encode()])
        except (InvalidTag, ValueError):
            continue
    return None


def _key_material(purpose: str) -> Iterator[bytes]:
    """Yield the material for the keys of `purpose`, first from the secret key and then from its fallbacks."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield f"{purpose} {key}".encode()
