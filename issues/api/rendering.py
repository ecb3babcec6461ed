"""Answers as JSON: what a string holds that no reader could carry, or that would mislead one, leaves as U+FFFD."""

from typing import Any

from rest_framework import renderers

from members.plain_text import is_written_out_json, legible


class JSONRenderer(renderers.JSONRenderer):
    """JSON in UTF-8."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Return the document."""
        try:
            document: bytes = super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:  # half of a character
            document = b""
        if document and is_written_out_json(document.decode()):
            return document
        cleaned: bytes = super().render(legible(data), accepted_media_type, renderer_context)
        return cleaned
