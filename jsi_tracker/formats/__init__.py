"""Date formats for each language. All other formats are Django's own."""
