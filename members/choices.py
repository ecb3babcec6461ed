"""Choices for the fields of this app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Precision(models.TextChoices):
    """The precision of a date. A date known only to the month or year is stored as the first day of that period."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class Region(models.TextChoices):
    """The regions used in WTO statistics."""

    AFRICA = "africa", _("Africa")
    ASIA = "asia", _("Asia")
    CIS = "cis", _("Commonwealth of Independent States, including certain associate and former member States")
    EUROPE = "europe", _("Europe")
    MIDDLE_EAST = "middle-east", _("Middle East")
    NORTH_AMERICA = "north-america", _("North America")
    SOUTH_AMERICA = "south-america", _("South and Central America and the Caribbean")


class DevelopmentStatus(models.TextChoices):
    """The development status of a member. In the WTO, members declare themselves to be developing countries."""

    DEVELOPED = "developed", _("Developed")
    DEVELOPING = "developing", _("Developing (self-declared)")
    LDC = "ldc", _("Least developed country")


class Language(models.TextChoices):
    """The official languages of the WTO. ANY is used for codes, which belong to no language."""

    ANY = "", _("any")
    ENGLISH = "en", _("English")
    FRENCH = "fr", _("French")
    SPANISH = "es", _("Spanish")


class Role(models.TextChoices):
    """The role of a user in a negotiation. Facilitators are recorded with their small groups in `issues`."""

    DELEGATE = "delegate", _("Delegate")
    SECRETARIAT = "secretariat", _("Secretariat")
    ANALYST = "analyst", _("Analyst")
