"""Links to pages, each with a route and its arguments. The web layer registers the function that resolves them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PageLink:
    """A page of the site, given by the name of its route, the arguments of the route, a query and a fragment."""

    route: str
    args: tuple[str, ...] = ()
    fragment: str = ""
    query: tuple[tuple[str, str], ...] = ()


_path_of: Callable[[PageLink], str] | None = None


def resolve_page_links_with(path_of: Callable[[PageLink], str]) -> None:
    """Set the function that turns links into paths. The web layer calls this function once, when the site starts."""
    global _path_of
    _path_of = path_of


def path_of(link: PageLink) -> str:
    """Return the path of a page, including the prefix of the negotiation to which the request belongs."""
    assert _path_of is not None, "resolve_page_links_with has not been called"
    return _path_of(link)
