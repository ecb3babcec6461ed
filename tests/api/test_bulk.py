"""Tests that the bulk download contains everything that the reader may see, in one state and with valid checksums."""

import csv
import hashlib
import io
import json
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from issues.access.roles import ANYBODY
from issues.actions import changes
from issues.actions.edits import TextChange
from issues.models import Provision
from issues.sync import bulk_download
from issues.sync.catch_up import catch_up_everywhere
from issues.sync.snapshots import snapshot
from tests.confidentiality import world
from tests.confidentiality.world import MARKER
from tests.factories import provision_with
from tests.people import secretariat

MANIFEST = "/api/v1/bulk/"


def log(slug: str) -> None:
    provision = Provision.objects.get(slug=slug)
    current = provision.revisions.latest("number")
    actor = secretariat()
    changes.log(TextChange(provision, base_revision=current.number, edit=f"{current.text} More."), actor=actor)


def made(visibility: str = "group") -> None:
    world.make()
    world.hide(visibility)
    catch_up_everywhere()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["anonymous", "delegate in the group", "secretariat"])
def test_every_file_of_the_manifest_is_what_the_manifest_says(role: str) -> None:
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
def test_everything_ends_with_a_manifest_of_what_stands_before_it() -> None:
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
def test_a_file_of_a_state_that_has_moved_on_is_a_conflict() -> None:
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
def test_a_file_that_is_not_there_is_not_found(name: str) -> None:
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
    # One query for each of the 19 types of object and one for each to-many relation.
    with django_assert_max_num_queries(57):
        Client().get("/api/v1/bulk/everything.jsonl").getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_download_is_of_one_state_although_somebody_writes_meanwhile() -> None:
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
def test_a_snapshot_holds_up_no_writer_and_leaves_nothing_behind() -> None:
    made("public")
    with snapshot():
        assert list(
            bulk_download.items(bulk_download.DOWNLOADED["provision"], ANYBODY, Provision.objects.first().negotiation)
        )
    log("open")  # in a separate transaction
    assert not connection.in_atomic_block
