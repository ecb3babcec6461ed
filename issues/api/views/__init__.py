"""The endpoints, one file per subject. All read through `access.visibility`: what one may not see is not there."""
