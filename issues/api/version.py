"""The version of the API's responses. Raise it with every change to the schema, so that older ETags do not match."""

VERSION = "1.0.17"
