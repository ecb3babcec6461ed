"""Read the status, a page of variants and a refusal with the client that was generated from the schema."""

import json
import sys

from tracker_client import AuthenticatedClient
from tracker_client.api.status import status
from tracker_client.api.text import variants_list
from tracker_client.models import PaginatedVariantList, Problem, Status, Variant
from tracker_client.models.variants_list_state import VariantsListState
from tracker_client.types import Unset


def summary(variant: Variant) -> str:
    """Return the label of a variant with the positions and the permanent link."""
    positions = [] if isinstance(variant.positions, Unset) else variant.positions
    names = [f"{position.member or position.grouping} {position.stance.value}" for position in positions]
    return f"{variant.label}: {', '.join(names)} ({variant.permalink})"


def main(base_url: str, token: str) -> None:
    """Print a summary of three responses as JSON."""
    client = AuthenticatedClient(base_url=base_url, token=token)
    document = status.sync(client=client)
    assert isinstance(document, Status)
    assert not isinstance(document.small_groups, Unset)
    page = variants_list.sync(client=client, state=VariantsListState.OPEN, page_size=1)
    assert isinstance(page, PaginatedVariantList)
    refusal = variants_list.sync(client=client, member=["NOBODY"])
    assert isinstance(refusal, Problem)
    groups = [(group.slug, group.stated and group.stated.status_slug.value) for group in document.small_groups]
    answer = {
        "groups": groups,
        "variants": [summary(variant) for variant in page.results],
        "next": page.next_,
        "refusal": (refusal.code.value, refusal.errors[0].field),
    }
    print(json.dumps(answer))


main(*sys.argv[1:])
