"""The closed lists of the members app."""

from django.db import models


class Precision(models.TextChoices):
    """How exactly a date is known. A date known to the month or year is stored as its first day."""

    DAY = "day", "day"
    MONTH = "month", "month"
    YEAR = "year", "year"


class Region(models.TextChoices):
    """Regions of the WTO's statistics."""

    AFRICA = "africa", "Africa"
    ASIA = "asia", "Asia"
    CIS = "cis", "Commonwealth of Independent States, including certain associate and former member States"
    EUROPE = "europe", "Europe"
    MIDDLE_EAST = "middle-east", "Middle East"
    NORTH_AMERICA = "north-america", "North America"
    SOUTH_AMERICA = "south-america", "South and Central America and the Caribbean"


class DevelopmentStatus(models.TextChoices):
    """Development status; in the WTO a member declares itself to be developing."""

    DEVELOPED = "developed", "Developed"
    DEVELOPING = "developing", "Developing (self-declared)"
    LDC = "ldc", "Least developed country"


class Language(models.TextChoices):
    """The WTO's languages, and codes that belong to none."""

    ANY = "", "any"
    ENGLISH = "en", "English"
    FRENCH = "fr", "French"
    SPANISH = "es", "Spanish"


class Role(models.TextChoices):
    """What a person does in a delegation. A facilitator is named on the small group, in `issues`."""

    DELEGATE = "delegate", "Delegate"
    SECRETARIAT = "secretariat", "Secretariat"
    ANALYST = "analyst", "Analyst"
