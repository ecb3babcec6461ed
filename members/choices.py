"""The closed lists of the members app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Precision(models.TextChoices):
    """How exactly a date is known. A date known to the month or year is stored as its first day."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class Region(models.TextChoices):
    """Regions of the WTO's statistics."""

    AFRICA = "africa", _("Africa")
    ASIA = "asia", _("Asia")
    CIS = "cis", _("Commonwealth of Independent States, including certain associate and former member States")
    EUROPE = "europe", _("Europe")
    MIDDLE_EAST = "middle-east", _("Middle East")
    NORTH_AMERICA = "north-america", _("North America")
    SOUTH_AMERICA = "south-america", _("South and Central America and the Caribbean")


class DevelopmentStatus(models.TextChoices):
    """Development status; in the WTO a member declares itself to be developing."""

    DEVELOPED = "developed", _("Developed")
    DEVELOPING = "developing", _("Developing (self-declared)")
    LDC = "ldc", _("Least developed country")


class Language(models.TextChoices):
    """The WTO's languages, and codes that belong to none."""

    ANY = "", _("any")
    ENGLISH = "en", _("English")
    FRENCH = "fr", _("French")
    SPANISH = "es", _("Spanish")


class Role(models.TextChoices):
    """What a person does in a delegation. A facilitator is named on the small group, in `issues`."""

    DELEGATE = "delegate", _("Delegate")
    SECRETARIAT = "secretariat", _("Secretariat")
    ANALYST = "analyst", _("Analyst")
