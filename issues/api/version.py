"""The version of what the API answers: raised with each change of the schema, so that no old answer passes as new."""

VERSION = "1.0.0"
