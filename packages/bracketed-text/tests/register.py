"""The register of names that the engine's tests read heads with."""

from bracketed_text import Name, Register

CODES = [
    "CAN",
    "JPN",
    "BRA",
    "CHN",
    "EU",
    "USA",
    "US",
    "IDN",
    "AUS",
    "AU",
    "NZ",
    "CL",
    "PE",
    "SG",
    "MY",
    "MX",
    "VN",
    "BN",
    "CA",
    "JP",
    "KEN",
    "NGA",
]
REGISTER = Register(
    [
        *((code, Name(code)) for code in CODES),
        ("Canada", Name("CAN")),
        ("Korea, Republic of", Name("KOR")),
        ("Trinidad and Tobago", Name("TTO")),
        ("AFRICAN GROUP", Name("AFRICAN GROUP", ("KEN", "NGA"))),
    ]
)
