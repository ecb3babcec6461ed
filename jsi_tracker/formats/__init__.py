"""Date formats for each language; for other formats, Django's own apply. Date inputs of browsers send ISO 8601."""
