"""The endpoints, one module per subject. All of them read through `access.visibility`."""
