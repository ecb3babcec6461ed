"""Tests that only the secretariat and the facilitator of a small group import, within their rights."""

from typing import Any

import pytest

from issues.access.permissions import Refused
from issues.access.roles import reader_of
from issues.access.visibility import visible_imports
from issues.interchange import log_import, review
from issues.models import Provision
from issues.models.choices import Finding
from tests import people
from tests.factories import DelegationFactory, FacilitatorFactory, SmallGroupFactory, UserFactory, provision_with
from tests.interchange.imports import REV1, rows, staged

pytestmark = pytest.mark.django_db

UNNAMED = """Article 1: Transparency

Each Party shall [promptly] publish its measures.

Article 2: Spam

Each Party [CAN propose: shall] act against spam.

Article 3: Source code

No Party shall ask for source code [of others].
"""


@pytest.fixture
def facilitator(place: Any) -> Any:
    group = SmallGroupFactory(slug="circle")
    group.sub_issues.add(place)
    return FacilitatorFactory(small_group=group, user=UserFactory())


def test_a_facilitator_can_import_only_for_their_own_group(
    secretariat: Any, record: list[Provision], facilitator: Any
) -> None:
    elsewhere = provision_with("No Party shall ask for code.", heading="Source code", position=9)
    user, group = facilitator.user, facilitator.small_group
    found = staged(UNNAMED, user, small_group=group)
    assert rows(found)[2] == ("Article 3: Source code", "new", "")
    assert found.visibility == "group"
    review.accept_without_problems(found)
    log_import.log(found, user)
    new = Provision.objects.get(heading="Article 3: Source code")
    assert new.sub_issue == record[0].sub_issue
    assert elsewhere.revisions.count() == 1
    third = found.provisions.get(position=3)
    assert third.revision is not None
    with pytest.raises(Refused, match="Choose the small group"):
        staged(REV1, user)
    with pytest.raises(Refused, match="not a facilitator of this"):
        staged(REV1, user, small_group=SmallGroupFactory(slug="other"))


def test_an_import_by_a_facilitator_records_no_position_unlike_one_by_the_secretariat(
    secretariat: Any, record: list[Provision], facilitator: Any
) -> None:
    found = staged(REV1, facilitator.user, small_group=facilitator.small_group)
    review.accept_without_problems(found)
    with pytest.raises(
        log_import.NotLogged, match=("This change would attribute to Canada a position that it has not taken")
    ):
        log_import.log(found, facilitator.user)
    assert found.provisions.exclude(note="").get().heading == "Article 1: Transparency"
    review.accept_without_problems(found)
    assert len(log_import.log(found, secretariat)) == len(rows(found))


def test_a_user_without_permission_to_import_is_refused_and_sees_nothing(
    secretariat: Any, record: list[Provision], facilitator: Any
) -> None:
    found = staged(REV1, secretariat)
    of_group = staged(REV1, secretariat, small_group=facilitator.small_group)
    colleague = DelegationFactory(role="secretariat", member=None).user
    delegate = people.delegate("CAN")
    other = FacilitatorFactory(small_group=SmallGroupFactory(), user=UserFactory()).user
    assert set(visible_imports(reader_of(colleague))) == {found, of_group}
    assert set(visible_imports(reader_of(facilitator.user))) == {of_group}
    for nobody in (delegate, other):
        assert not visible_imports(reader_of(nobody)).exists()
    with pytest.raises(Refused, match="imported by the secretariat"):
        staged(REV1, delegate)
    assert Finding.NEW in {row.finding for row in of_group.provisions.all()}
