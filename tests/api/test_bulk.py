"""Tests that the bulk download contains everything that the reader may see, in one state and with valid checksums."""

import csv
import hashlib
import io
import json
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from issues.access.roles import ANYBODY
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.actions.undo import undo_revision
from issues.models import Provision, Revision
from issues.sync import bulk_download
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.snapshots import snapshot
from tests.confidentiality import world
from tests.confidentiality.world import MARKER
from tests.factories import provision_with
from tests.people import secretariat

MANIFEST = "/api/v1/bulk/"


def log(slug: str, text: str = "") -> Revision:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    actor = secretariat()
    change = TextChange(provision, base_revision=current.number, edit=text or f"{current.text} More.")
    return changes.log(change, actor=actor)


def made(visibility: str = "group") -> None:
    world.make()
    world.hide(visibility)
    catch_up_everywhere()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anonymous", "delegate in the group", "secretariat"])
def test_every_file_in_the_manifest_matches_its_entry(role: str) -> None:
    made()
    browser = world.client(role)
    manifest = browser.get(MANIFEST).json()
    assert [one["type"] for one in manifest["files"]] == list(bulk_download.DOWNLOADED)
    for one in manifest["files"]:
        for extension, said in one["formats"].items():
            answer = browser.get(said["url"])
            body = answer.getvalue()
            assert answer.status_code == 200
            assert (len(body), hashlib.sha256(body).hexdigest()) == (said["bytes"], said["sha256"])
            if extension == "jsonl":
                assert len(body.splitlines()) == one["rows"]
            else:
                assert len(list(csv.DictReader(io.StringIO(body.decode())))) == one["rows"]
            assert (MARKER.encode() in body) <= (role != "anonymous")


@pytest.mark.django_db
def test_the_full_download_ends_with_a_manifest_of_its_content() -> None:
    made()
    body = Client().get("/api/v1/bulk/everything.jsonl").getvalue()
    before, last = body[: body.rstrip().rindex(b"\n") + 1], json.loads(body.splitlines()[-1])
    manifest = last["data"]
    assert last["type"] == "manifest"
    assert manifest["sha256"] == hashlib.sha256(before).hexdigest()
    assert manifest["bytes"] == len(before)
    lines = [json.loads(line) for line in before.splitlines()]
    assert sum(manifest["rows"].values()) == len(lines)
    assert manifest["rows"]["revision"] == sum(1 for one in lines if one["type"] == "revision")
    said = Client().get(MANIFEST).json()
    assert {name: said[name] for name in ("state", "cursor", "last_change")} == {
        name: manifest[name] for name in ("state", "cursor", "last_change")
    }
    answer = Client().get("/api/v1/changes/", {"after": manifest["cursor"]})
    assert answer.json()["results"] == []


@pytest.mark.django_db
def test_a_file_of_an_outdated_state_returns_a_conflict() -> None:
    made()
    address = Client().get(MANIFEST).json()["files"][-2]["formats"]["jsonl"]["url"]
    assert Client().get(address).status_code == 200
    log(MARKER)  # hidden from some readers, for whom the state is unchanged
    assert Client().get(address).status_code == 200
    log("open")
    answer = Client().get(address)
    assert answer.status_code == 409
    assert "Fetch the manifest again" in answer.content.decode()
    assert Client().get(address.partition("?")[0]).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nothing.jsonl", "everything.csv", "revision.xml", "everything.xlsx"])
def test_an_unknown_file_is_not_found(name: str) -> None:
    made()
    assert Client().get(f"/api/v1/bulk/{name}").status_code == 404


@pytest.mark.django_db
def test_no_cell_is_a_formula_and_lists_are_legible() -> None:
    made()
    Provision.objects.filter(slug="open").update(heading="=1+1")
    [row] = csv.DictReader(io.StringIO(Client().get("/api/v1/bulk/provision.csv").getvalue().decode()))
    assert row["heading"] == "'=1+1"
    groups = Client().get("/api/v1/bulk/small-group.csv").getvalue().decode()
    assert "A.1.a" in groups


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries: Any) -> None:
    made()
    for number in range(5):
        provision_with("It [shall] [not] act.", "It shall act.", slug=f"more-{number}")
    # One query for each of the 19 types of object, one for each to-many relation, and six for the labels of variants.
    with django_assert_max_num_queries(63):
        Client().get("/api/v1/bulk/everything.jsonl").getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_download_reflects_a_single_state_during_concurrent_writes() -> None:
    made("public")
    parts = Client().get("/api/v1/bulk/everything.jsonl").streaming_content
    first = next(iter(parts))

    def write() -> None:
        try:
            log("open")
        finally:
            connection.close()

    writer = Thread(target=write)
    writer.start()
    writer.join()
    body = first + b"".join(parts)
    lines = [json.loads(line) for line in body.splitlines()]
    assert {one["key"] for one in lines if one["type"] == "revision" and one["key"].startswith("open/")} == {
        "open/1",
        "open/2",
    }
    again = Client().get("/api/v1/bulk/everything.jsonl").getvalue()
    assert b'"open/3"' in again


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_does_not_block_writers_and_leaves_nothing_behind() -> None:
    made("public")
    with snapshot():
        assert list(
            bulk_download.items(bulk_download.DOWNLOADED["provision"], ANYBODY, Provision.objects.first().negotiation)
        )
    log("open")  # in a separate transaction
    assert not connection.in_atomic_block


def variants(browser: Client, path: str = "/api/v1/bulk/variant.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in browser.get(path).getvalue().splitlines()]


@pytest.mark.django_db
def test_variants_have_the_same_labels_and_permanent_addresses_as_in_the_rest_of_the_api() -> None:
    provision_with("It [CAN: shall] [not] act.", "It [CAN: shall] act.", slug="acts")
    rows = Client().get("/api/v1/variants/", {"state": "any"}).json()["results"]
    downloaded = variants(Client())
    assert len(downloaded) == 2
    names = ("label", "label_revision")
    path = {row["id"]: row["permalink"].partition("testserver")[2] for row in rows}
    expected = {(path[row["id"]], *(row[name] for name in names)) for row in rows}
    assert {
        (row["data"]["permalink"].removeprefix("http://localhost:8000"), *(row["data"][name] for name in names))
        for row in downloaded
    } == expected
    assert {row["key"] for row in downloaded} == {"acts/1-3", "acts/1-16"}
    [row, _other] = csv.DictReader(io.StringIO(Client().get("/api/v1/bulk/variant.csv").getvalue().decode()))
    assert row["key"] in ("acts/1-3", "acts/1-16")
    assert row["permalink"].endswith(f"/brackets/{row['key'].partition('/')[2]}/")


@pytest.mark.django_db
def test_keys_of_variants_survive_a_rebuild_and_remain_distinct_when_a_variant_is_resumed() -> None:
    provision_with("It [CAN: shall] act.", slug="acts")
    mistake = log("acts", "It shall act.")
    undo_revision(revision=mistake, actor=mistake.recorded_by)
    rows = variants(Client())
    assert len({row["key"] for row in rows}) == len(rows) == 2
    assert len({row["data"]["permalink"] for row in rows}) == 1
    call_command("rebuild_index", verbosity=0)
    assert variants(Client()) == rows
    for row in rows:
        page = Client().get(f"/provisions/acts/brackets/{row['key'].partition('/')[2]}/", follow=True)
        assert page.status_code == 200
        assert row["data"]["permalink"].endswith(page.request["PATH_INFO"])


@pytest.mark.django_db
def test_links_of_variants_do_not_depend_on_the_prefix_under_which_they_are_read() -> None:
    provision = provision_with("It [CAN: shall] act.", slug="acts")
    prefixed = f"/negotiations/{provision.negotiation.slug}/api/v1/bulk/variant.jsonl"
    assert variants(Client(), prefixed) == variants(Client())
