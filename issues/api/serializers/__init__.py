"""Serializers, one module per subject. Codes and slugs identify resources, and figures are the same as on the pages."""
