"""Dates in French."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
YEAR_MONTH_FORMAT = "F Y"
DATETIME_FORMAT = "j F Y, H:i"
# The first is how a date field of a browser wants its value.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
