"""Accounts: customisations of django-allauth, invitations, sessions and access tokens."""
