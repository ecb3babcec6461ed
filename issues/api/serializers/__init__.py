"""What the API says of each thing, one file per subject. Codes and slugs are addresses; figures are those of pages."""
