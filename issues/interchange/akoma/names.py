"""The names of Akoma Ntoso 3.0, and those of this site beside them; docs/how-to/interchange.md says what each means."""

AKN_NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
OWN_NAMESPACE = "urn:jsi-tracker:negotiation:1"
AKN = "{" + AKN_NAMESPACE + "}"
OWN = "{" + OWN_NAMESPACE + "}"
