"""Date formats for each language; for other formats, Django's own apply. Browsers' date inputs send ISO 8601."""
