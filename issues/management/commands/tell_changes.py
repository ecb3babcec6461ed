"""`manage.py tell_changes`: the former name of `publish_changes`, retained for scripts that call it."""

from issues.management.commands.publish_changes import Command

__all__ = ["Command"]
