"""Date formats for French."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j N Y"
YEAR_MONTH_FORMAT = "F Y"
DATETIME_FORMAT = "j F Y, H:i"
# The first is the format that browsers require in date inputs.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
