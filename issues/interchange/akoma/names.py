"""XML names of Akoma Ntoso 3.0 and of this site's namespace, which is defined in `docs/how-to/interchange.md`."""

AKN_NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
OWN_NAMESPACE = "urn:jsi-tracker:negotiation:1"
AKN = "{" + AKN_NAMESPACE + "}"
OWN = "{" + OWN_NAMESPACE + "}"
