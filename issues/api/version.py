"""Version of the API's responses; raised with every change of the schema, so that older ETags no longer match."""

VERSION = "1.0.1"
