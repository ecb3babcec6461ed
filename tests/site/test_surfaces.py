"""Tests that only the pages, the API and the admin handle requests and build URLs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SURFACES = ("issues/web", "issues/api", "issues/admin")
# django-filter passes the request to functions that return querysets, and `negotiation_of` reads an attribute set by
# middleware.
MAY_TAKE_REQUESTS = ("issues/filters/", "issues/access/visibility.py")
REQUESTS = {"HttpRequest", "Request", "WSGIRequest", "ASGIRequest"}
BELOW = sorted(
    path
    for path in (ROOT / "issues").rglob("*.py")
    if not path.relative_to(ROOT).as_posix().startswith((*(f"{name}/" for name in SURFACES), "issues/migrations/"))
)


def url_lookups(tree: ast.AST) -> Iterator[int]:
    """Yield the lines on which a module imports or calls a function that builds URLs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ("django.urls", "django.shortcuts"):
            if {"reverse", "reverse_lazy", "resolve_url", "redirect"} & {alias.name for alias in node.names}:
                yield node.lineno
        elif (isinstance(node, ast.Attribute) and ast.unparse(node) in ("urls.reverse", "urls.reverse_lazy")) or (
            isinstance(node, ast.Attribute) and node.attr == "build_absolute_uri"
        ):
            yield node.lineno


def requests_taken(tree: ast.AST) -> Iterator[int]:
    """Yield the lines of parameters annotated as HTTP requests."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            names = {part.id for part in ast.walk(node.annotation) if isinstance(part, ast.Name)}
            names |= {part.attr for part in ast.walk(node.annotation) if isinstance(part, ast.Attribute)}
            untyped = node.arg == "request" and names == {"Any"}
            if names & REQUESTS or untyped:
                yield node.lineno


@pytest.mark.parametrize("path", BELOW, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_below_the_surfaces_neither_look_up_urls_nor_take_requests(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert list(url_lookups(tree)) == []
    if not path.relative_to(ROOT).as_posix().startswith(MAY_TAKE_REQUESTS):
        assert list(requests_taken(tree)) == []


def test_the_checks_detect_violations() -> None:
    tree = ast.parse("from django.urls import reverse\ndef f(request: 'Any', other: http.HttpRequest) -> None: ...\n")
    assert list(url_lookups(tree)) == [1]
    assert list(requests_taken(tree)) == [2]
    assert list(requests_taken(ast.parse("def f(request: Any) -> None: ..."))) == [1]
