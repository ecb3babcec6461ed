"""Tests that files with misleading or excessive content are refused, with a reason, in bounded time."""

import io
import struct
import time
import tracemalloc
import zipfile
from typing import Any

import pytest

from issues.interchange.file_checks import Unreadable
from issues.interchange.readers import read_file, read_pasted
from tests.interchange.documents import Sheet, changed

pytestmark = pytest.mark.django_db

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
WORD = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>'
FETCHES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512


def sheet() -> bytes:
    one = Sheet()
    one.text("Each Party shall act.")
    return one.saved()


def bomb() -> bytes:
    return changed(sheet(), "word/media/blank.xml", b" " * 50_000_000)


def many_parts() -> bytes:
    out = io.BytesIO(sheet())
    with zipfile.ZipFile(out, "a") as package:
        for number in range(3000):
            package.writestr(f"word/part{number}.txt", "")
    return out.getvalue()


def lying() -> bytes:
    """Return a package whose directory understates the size of a part."""
    data = bytearray(changed(sheet(), "word/big.xml", b"<a>" + b" " * 5_000_000 + b"</a>"))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


REFUSED = {
    "a zip bomb": ("bomb.docx", bomb, "far too large when unpacked"),
    "thousands of parts": ("parts.docx", many_parts, "far too large when unpacked"),
    "a part that is larger than its directory says": ("lying.docx", lying, "damaged"),
    "entities that grow": (
        "laughs.docx",
        lambda: changed(sheet(), "word/document.xml", (LAUGHS + WORD.format("&i;")).encode()),
        "defines XML entities",
    ),
    "an entity that fetches a file": (
        "fetches.docx",
        lambda: changed(sheet(), "word/document.xml", (FETCHES + WORD.format("&f;")).encode()),
        "defines XML entities",
    ),
    "entities in UTF-16": (
        "wide.docx",
        lambda: changed(sheet(), "word/comments.xml", (FETCHES + "<a>&f;</a>").encode("utf-16")),
        "defines XML entities",
    ),
    "macros": ("macro.docm", lambda: changed(sheet(), "word/vbaProject.bin", b"macro"), "macros"),
    "a password": ("secret.docx", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "an old .doc": ("old.doc", lambda: OLE, "older format"),
    "a file that was cut off": ("short.docx", lambda: sheet()[:-2000], "damaged or incomplete"),
    "half a file": ("half.docx", lambda: sheet()[:4000], "damaged or incomplete"),
    "a wrong ending": ("text.docx", lambda: b"Each Party shall act.", "not a valid Word document"),
    "an archive that is no document": (
        "some.docx",
        lambda: changed(archive(), "a.txt", b"a"),
        "not a Word document",
    ),
    "a PDF": ("text.pdf", lambda: b"%PDF-1.7 ...", "Copy the text"),
    "RTF": ("text.rtf", lambda: b"{\\rtf1 text}", "RTF"),
    "an image": ("text.txt", lambda: b"\x89PNG\r\n\x1a\n", "an image"),
    "null characters": ("text.txt", lambda: b"Each\0Party", "null characters"),
    "another encoding": ("text.txt", lambda: "Côte d’Ivoire".encode("latin-1", "replace"), "not valid UTF-8"),
    "other XML": ("text.xml", lambda: b"<?xml version='1.0'?><a/>", "Akoma Ntoso"),
    "entities in Akoma Ntoso": ("text.xml", lambda: (LAUGHS + "<akomaNtoso>&i;</akomaNtoso>").encode(), "entities"),
    "XML that nests without end": (
        "deep.docx",
        lambda: changed(sheet(), "word/document.xml", b"<a>" * 100_000),
        "damaged",
    ),
    "nothing": ("empty.txt", lambda: b"", "no text"),
}


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("readme.txt", "hello")
    return out.getvalue()


@pytest.mark.parametrize("what", REFUSED)
def test_a_hostile_file_is_refused_with_a_reason_in_limited_time_and_memory(what: str) -> None:
    name, make, said = REFUSED[what]
    data = make()
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(Unreadable, match=said):
        read_file(name, data)
    taken, (_, most) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 5
    assert most < 60_000_000


def test_a_file_of_200_mb_is_refused_without_being_read(settings: Any) -> None:
    settings.LONGEST_IMPORT = 1000
    with pytest.raises(Unreadable, match="the limit is"):
        read_file("long.txt", b"a" * 1001)
    with pytest.raises(Unreadable, match="the limit is"):
        read_pasted("a" * 1001)


def test_an_overlong_text_is_refused_in_every_format(settings: Any) -> None:
    settings.LONGEST_IMPORTED_TEXT = 100
    long = Sheet()
    long.text("a" * 101)
    for name, data in (("a.docx", long.saved()), ("a.txt", b"a" * 101), ("a.html", b"<html><p>" + b"a" * 101)):
        with pytest.raises(Unreadable, match="more than 100 characters"):
            read_file(name, data)


def test_an_endlessly_nested_page_is_refused_but_a_long_list_is_read() -> None:
    began = time.monotonic()
    for nested in (b"<div>" * 100_000, b"<b><i>" * 50_000, b"<ul><li>" * 50_000):
        with pytest.raises(Unreadable, match="nested too deeply"):
            read_file("deep.html", b"<html>" + nested + b"words")
    listed = read_file("list.html", b"<html><ol>" + b"<li>a" * 50_000 + b"</ol>")
    assert listed.paragraphs[-1].number == "50000."
    assert time.monotonic() - began < 20


def test_scripts_and_styles_of_a_page_are_not_imported() -> None:
    page = b"<html><style>p{}</style><script>alert(1)</script><p onclick='x()'>Each <b>Party</b></p><iframe src=x>"
    assert [one.text for one in read_file("page.html", page).paragraphs] == ["Each Party"]
