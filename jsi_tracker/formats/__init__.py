"""How each language writes dates; Django's own formats hold for the rest. The browser's date field sends ISO 8601."""
