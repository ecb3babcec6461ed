"""Tests that every text field is validated by `members.plain_text` or listed as filled by the site."""

from collections.abc import Iterator
from dataclasses import fields as fields_of
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django.test import Client, RequestFactory
from django.urls import get_resolver
from rest_framework import serializers

from issues.api.serializers.fields import ExactTextField, RequestPart
from issues.text.operations import Operation
from members.text_fields import LineField, PlainTextValidator
from members.text_inputs import LineInput, WholeTextInput
from tests.admin.conftest import desk as desk  # a fixture
from tests.admin.rows import address
from tests.factories import UserFactory

# Columns that the site itself creates or computes, from validated text or without any text from users.
MADE = {
    "Change": {"resource", "key", "digest", "scopes", "only"},
    "ChangeCounter": {"scope"},
    "StatusReport": {"digest", "recorded_names", "seals", "idempotency_key"},
    "ProposalStep": {"digest", "recorded_names", "seals", "idempotency_key"},
    "Revision": {"digest", "recorded_names", "seals", "idempotency_key", "performed"},
    "Measure": {"named", "opposing"},
    "Variant": {"text", "key", "opened_at"},
    # The text in operations is checked by `text_checks.require_operations`.
    "ChangeRequest": {"operation", "says", "stands_as", "idempotency_key", "decision_key"},
    # The text of an imported file is mapped by the reader for its format.
    "StagedImport": {"draft", "choices", "warnings", "visibility"},
    "StagedProvision": {"slug", "furniture", "by", "sentences", "problems", "unknown", "comments", "clashes"},
    "ImportedFile": {"sha256", "mapped"},
    "Webhook": {"secret", "rights"},
    "Alias": {"folded"},
    "Invitation": {"digest"},
    "AccessToken": {"digest"},
}
# Passwords are compared but not shown.
PASSWORDS = {"password", "password1", "password2"}
OURS = {"issues", "members", "jsi_tracker"}


def passes(validators: Any) -> bool:
    return any(isinstance(one, PlainTextValidator) for one in validators)


def uncovered_columns(models_of: Any) -> list[str]:
    """Return the text columns that are neither validated, limited to choices, nor created by the site."""
    return [
        f"{model.__name__}.{field.name}"
        for model in models_of
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not (field.choices or passes(field.validators))
        and field.name not in MADE.get(model.__name__, set())
    ]


def uncovered_inputs(form: Any) -> list[str]:
    """Return the text fields of a form that are not validated, except whole texts (see `text_checks`)."""
    return [
        f"{form.__module__}.{form.__name__}.{name}"
        for name, field in form.base_fields.items()
        if isinstance(field, forms.CharField)
        and not (passes(field.validators) or isinstance(field, WholeTextInput) or name in PASSWORDS)
    ]


def uncovered_sent(serializer: Any) -> list[str]:
    """Return the writable text fields of a serializer that are not validated."""
    found = []
    for name, field in serializer().fields.items():
        while hasattr(field, "child"):
            field = field.child
        words = isinstance(field, serializers.CharField | serializers.JSONField | serializers.DictField)
        closed = isinstance(field, serializers.SlugField | ExactTextField) or field.read_only
        if words and not closed and not passes(field.validators):
            found.append(f"{serializer.__name__}.{name}")
    return found


def below(kind: Any) -> Iterator[Any]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def of_ours(kind: Any) -> list[Any]:
    get_resolver().url_patterns  # noqa: B018 - every page, endpoint and form is loaded by its address
    found = {one for one in below(kind) if one.__module__.partition(".")[0] in OURS}
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def ours() -> list[Any]:
    return [model for app in ("issues", "members") for model in apps.get_app_config(app).get_models()]


def test_every_text_column_is_validated_or_filled_by_the_site() -> None:
    assert uncovered_columns(ours()) == []
    for model in ours():
        assert MADE.get(model.__name__, set()) <= {field.name for field in model._meta.concrete_fields}, model


def test_every_field_of_every_form_is_validated() -> None:
    walked = [form for form in of_ours(forms.BaseForm) if hasattr(form, "base_fields")]
    assert len(walked) > 15
    by_the_admin = {"members.admin.people.PersonForm"}  # guarded in the admin; see below
    found = [name for form in walked for name in uncovered_inputs(form) if name.rpartition(".")[0] not in by_the_admin]
    assert found == []


def _is_filled(registered: Any, request: Any) -> bool:
    """Return whether users fill in the form of a model."""
    return bool(registered.has_add_permission(request) or registered.has_change_permission(request))


@pytest.mark.django_db
def test_every_field_of_every_form_of_the_admin_is_validated() -> None:
    request = RequestFactory().get("/")
    request.user = UserFactory(is_staff=True, is_superuser=True)
    walked: list[Any] = []
    for model, registered in admin.site._registry.items():
        if model.__module__.partition(".")[0] not in OURS and model is not get_user_model():
            continue
        for row in (None, model()) if model is get_user_model() else (None,):
            holders = [registered, *registered.get_inline_instances(request)]
            for holder in holders:
                if holder is not registered and holder.has_add_permission(request, row):
                    walked.append(holder.get_formset(request, row).form)
                elif holder is registered and _is_filled(registered, request):
                    walked.append(registered.get_form(request, row, change=row is not None))
    assert len(walked) > 20
    assert [name for form in walked for name in uncovered_inputs(form)] == []


def test_every_field_sent_by_an_api_client_is_validated() -> None:
    walked = of_ours(RequestPart)
    assert len(walked) > 8
    assert [name for serializer in walked for name in uncovered_sent(serializer)] == []


def test_the_words_of_an_operation_are_in_a_single_validated_field() -> None:
    assert {one.name for one in fields_of(Operation) if one.type in (str, "str")} == {"act", "stance", "words"}


def test_a_new_unvalidated_field_is_detected() -> None:
    class Unguarded(forms.Form):
        note = forms.CharField()
        title = LineInput()

    class SentUnguarded(RequestPart):
        note = serializers.CharField()
        several = serializers.ListField(child=serializers.CharField())
        anything = serializers.JSONField()

    class Row(models.Model):
        note = models.TextField()
        title = LineField(max_length=10)
        values = models.JSONField()

        class Meta:
            app_label = "tests_of_text"
            managed = False

        def __str__(self) -> str:
            return self.title

    assert [name.rpartition(".")[2] for name in uncovered_inputs(Unguarded)] == ["note"]
    assert uncovered_sent(SentUnguarded) == ["SentUnguarded.note", "SentUnguarded.several", "SentUnguarded.anything"]
    assert uncovered_columns([Row]) == ["Row.note", "Row.values"]


@pytest.mark.django_db
def test_user_names_are_validated_in_the_admin(desk: Client) -> None:
    person = UserFactory(username="alice")
    page = desk.get(address(get_user_model(), "change", person.pk))
    sent = {name: page.context["adminform"].form.initial.get(name) or "" for name in ("username", "email")}
    answer = desk.post(address(get_user_model(), "change", person.pk), {**sent, "first_name": "A\u202elice"})
    assert "U+202E RIGHT-TO-LEFT OVERRIDE" in answer.content.decode()
    person.refresh_from_db()
    assert "\u202e" not in person.first_name
