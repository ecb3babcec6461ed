"""The endpoints, one module per subject. All read through `access.visibility`, which leaves out what is not visible."""
