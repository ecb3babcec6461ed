"""Refuse files whose content does not match their name, or that would exhaust the server's memory.

The format is determined from the first bytes and the name. An archive is unpacked only after its declared sizes have
been checked. Most refusal messages tell the sender how to solve the problem.
"""

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORD_PART = "word/document.xml"
# Parts up to this size (in bytes) may have any compression ratio, because a page of spaces is harmless.
_SMALL_PART = 1_000_000
_MOST_TIMES = 200


class Unreadable(Exception):
    """Raised when a file is refused. The message gives the reason and, in most cases, a remedy."""


def require_size(size: int) -> None:
    """Raise Unreadable for a file of more than settings.LONGEST_IMPORT bytes."""
    if size > settings.LONGEST_IMPORT:
        raise Unreadable(
            _("The file is %(size)s MB; the limit is %(most)s MB. Split the file or remove its images.")
            % {"size": f"{size / 1e6:.0f}", "most": f"{settings.LONGEST_IMPORT / 1e6:.0f}"}
        )


def require_length(characters: int) -> None:
    """Raise Unreadable for a text of more than settings.LONGEST_IMPORTED_TEXT characters."""
    if characters > settings.LONGEST_IMPORTED_TEXT:
        raise Unreadable(
            _("The text has more than %(most)s characters. Split it and import the parts separately.")
            % {"most": f"{settings.LONGEST_IMPORTED_TEXT:,}"}
        )


def detect_format(name: str, data: bytes) -> str:
    """Return "docx", "html", "akn", "md" or "txt", according to the first bytes and then the name.

    Raises Unreadable for .doc, PDF, RTF and encrypted files, for images and other archives, and for files that are too
    large.
    """
    require_size(len(data))
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if data.startswith(_OLE):
        raise Unreadable(_ole(data))
    if data.startswith(b"PK"):
        return "docx"
    for start, message in _OTHERS:
        if data.startswith(start):
            raise Unreadable(str(message))
    if ending in ("docx", "docm", "dotx", "doc", "odt"):
        raise Unreadable(
            _("“%(name)s” is not a valid Word document or is incomplete. Save it again in Word as .docx.")
            % {"name": name}
        )
    return _text_kind(ending, data)


def _ole(data: bytes) -> str:
    if _ENCRYPTED in data:
        return _("The file is password-protected. Open it in Word, remove the password and save it as .docx.")
    return _("This file is in an older format (.doc, .xls, .msg). Save its text in Word as .docx.")


_PICTURE = gettext_lazy("This is an image. Send the text itself, as .docx or plain text.")
_PACKED = gettext_lazy("This is a compressed file. Unpack it and send the contents.")
_OTHERS: tuple[tuple[bytes, Any], ...] = (
    (
        b"%PDF",
        gettext_lazy(
            "A PDF does not record where paragraphs end. Copy the text, paste it and tick “Copied from a PDF”."
        ),
    ),
    (b"{\\rtf", gettext_lazy("This is an RTF file. Open it in Word and save it as .docx.")),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"\x1f\x8b", _PACKED),
    (b"7z\xbc\xaf", _PACKED),
    (b"Rar!", _PACKED),
)


def _text_kind(ending: str, data: bytes) -> str:
    if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(
            _("This is not a text file: it contains null characters. Send it as .docx or as plain text in UTF-8.")
        )
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<akomantoso" in start:
        return "akn"
    if ending in ("htm", "html", "xhtml") or start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if ending == "xml" or start.startswith(b"<?xml"):
        raise Unreadable(_("The only XML format accepted is Akoma Ntoso. Send the text as .docx or plain text."))
    return "md" if ending in ("md", "markdown") else "txt"


def require_word(data: bytes) -> None:
    """Raise Unreadable unless `data` is a Word document without macros and of bounded size when unpacked."""
    require_package(data, _require_plain_word)


def require_package(data: bytes, require: Callable[[zipfile.ZipFile], None] = lambda packed: None) -> None:
    """Raise Unreadable unless `data` is an Office package of bounded unpacked size without XML entities.

    Once the size has been checked, the function `require` is called for further checks.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _require_bounded(packed)
            require(packed)
            _require_no_entities(packed)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(
            _("The file is damaged or incomplete. Send it again, or save it again in Word as .docx.")
        ) from error


def _require_bounded(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    whole = sum(part.file_size for part in parts)
    tight = any(
        part.file_size > _SMALL_PART and part.file_size > _MOST_TIMES * max(part.compress_size, 1) for part in parts
    )
    if len(parts) > settings.MOST_PARTS_IMPORTED or whole > settings.LONGEST_IMPORT_UNPACKED or tight:
        raise Unreadable(_("The file is far too large when unpacked. Copy the text into a new Word document."))
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("The file is password-protected. Remove the password and save it as .docx."))


def _require_plain_word(packed: zipfile.ZipFile) -> None:
    names = {part.filename for part in packed.infolist()}
    if "[Content_Types].xml" not in names or _WORD_PART not in names:
        raise Unreadable(_("This archive is not a Word document. Send the .docx itself."))
    if any(name.lower().endswith("vbaproject.bin") for name in names) or (
        b"macroenabled" in packed.read("[Content_Types].xml").lower()
    ):
        raise Unreadable(
            _(
                "The file was not opened because it contains macros. Save it in Word as .docx, which cannot contain "
                "macros."
            )
        )


def _require_no_entities(packed: zipfile.ZipFile) -> None:
    for part in packed.infolist():
        if part.filename.endswith((".xml", ".rels")):
            require_no_entities(packed.read(part))


def require_no_entities(xml: bytes) -> None:
    """Raise Unreadable for XML with a document type declaration, in which entities could be defined."""
    plain = xml if not xml.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in xml[:4] else _decoded(xml)
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Unreadable(
            _(
                "The file was not opened because it defines XML entities, which word processors never do. Save it "
                "again as .docx."
            )
        )


def _decoded(xml: bytes) -> bytes:
    return xml.decode("utf-16", "replace").encode("utf-8", "replace")
