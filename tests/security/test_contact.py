"""Tests of the security contact."""

import datetime
from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_site_names_the_contact_for_vulnerabilities(client: Client, settings: Any) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "security@tracker.example"
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert said["Contact"] == "mailto:security@tracker.example"
    assert said["Canonical"] == "http://testserver/.well-known/security.txt"
    assert datetime.datetime.fromisoformat(said["Expires"]) > datetime.datetime.now(datetime.UTC)
    settings.SECURITY_CONTACT = "https://tracker.example/security"
    assert b"Contact: https://tracker.example/security\n" in client.get("/.well-known/security.txt").content
