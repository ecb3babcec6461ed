"""Accounts: what django-allauth does not know of delegations, and the pages around them."""
