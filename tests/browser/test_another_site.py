"""A page of another site draws a chart from the API."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

# Scripts and navigation are tested here. Other tests make the same queries on both databases.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("facts_on_disk"), pytest.mark.once]

PAGE = """<!doctype html><title>Analyst</title><svg id="chart" width="400" height="200"></svg><p id="refused"></p>
<script type="module">
const api = new URLSearchParams(location.search).get("api");
const status = await (await fetch(`${api}/api/v1/status/`)).json();
status.small_groups.forEach((group, at) => {
  const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  bar.setAttribute("y", at * 20); bar.setAttribute("height", 16);
  bar.setAttribute("width", 400 * (group.measured.clean_share ?? 0));
  document.querySelector("#chart").append(bar);
});
for (const options of [{credentials: "include"}, {headers: {Authorization: "Bearer x"}}, {method: "PUT"}]) {
  try { await fetch(`${api}/api/v1/status/`, options); }
  catch { document.querySelector("#refused").append("refused "); }
}
document.title = "done";
</script>"""


class Site(BaseHTTPRequestHandler):
    """A server of another origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture
def other_site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_of_another_site_can_draw_a_chart_but_cannot_use_the_readers_rights(
    page: Any, live_server: Any, other_site: str
) -> None:
    page.goto(f"{other_site}/?api={live_server.url}")
    page.wait_for_function("document.title === 'done'")
    widths = page.eval_on_selector_all("#chart rect", "bars => bars.map(bar => +bar.getAttribute('width'))")
    assert len(widths) == 10
    assert max(widths) == 400
    assert page.inner_text("#refused").split() == ["refused"] * 3
