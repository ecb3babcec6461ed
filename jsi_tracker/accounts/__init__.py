"""Accounts, with customizations of django-allauth, invitations, sessions and access tokens."""
