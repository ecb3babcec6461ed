"""Date formats for Spanish."""

DATE_FORMAT = r"j \d\e F \d\e Y"
SHORT_DATE_FORMAT = "j b Y"
YEAR_MONTH_FORMAT = r"F \d\e Y"
DATETIME_FORMAT = r"j \d\e F \d\e Y, H:i"
# The first is the format that browsers require in date inputs.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
