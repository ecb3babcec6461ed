"""Rendering as JSON. Characters that cannot be encoded, or that would mislead a reader, are replaced by U+FFFD."""

from typing import Any

from rest_framework import renderers

from members.plain_text import is_sanitized_json, sanitize_json


class JSONRenderer(renderers.JSONRenderer):
    """A renderer for JSON in UTF-8."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Return the document as bytes."""
        try:
            document: bytes = super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:  # an unpaired surrogate
            document = b""
        if document and is_sanitized_json(document.decode()):
            return document
        cleaned: bytes = super().render(sanitize_json(data), accepted_media_type, renderer_context)
        return cleaned
