"""Serializers, one module per subject. Codes and slugs identify resources; figures are the same as on the pages."""
