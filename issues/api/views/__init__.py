"""The endpoints, one file per subject. All of them read through `issues.queries`: what one may not see is not there."""
