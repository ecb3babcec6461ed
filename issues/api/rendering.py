"""Answers as JSON: what a string holds that no reader could carry, or that would mislead one, leaves as U+FFFD."""

import re
from typing import Any

from rest_framework import renderers

from members.plain_text import legible, written_out_encoded

# How JSON writes controls. It is found behind a backslash that is itself escaped, too: that costs a second look.
ESCAPED_CONTROL = re.compile(rb"\\(?:[bf]|u00[0189])")


class JSONRenderer(renderers.JSONRenderer):
    """JSON in UTF-8."""

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """Return the document."""
        try:
            said: bytes = super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:  # half of a character
            return self.render(legible(data), accepted_media_type, renderer_context)
        if ESCAPED_CONTROL.search(said) or written_out_encoded(said) is not said:
            said = super().render(legible(data), accepted_media_type, renderer_context)
        return said
