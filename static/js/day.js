// Whoever reads as of a day stays on that day: every link of the page to another page of the site takes it along.
// Without this script the date field of each page does the same by hand.
const banner = document.querySelector("[data-day]");
if (banner) {
  const elsewhere = /^\/(negotiations\/[^/]+\/)?(accounts|admin|api|static|feeds|calendar\.ics)\b/;
  for (const link of document.querySelectorAll("a[href]")) {
    const address = new URL(link.href);
    const here = address.pathname === location.pathname && address.hash;
    if (address.origin !== location.origin || elsewhere.test(address.pathname) || here || banner.contains(link)) continue;
    if (!address.searchParams.has("as_of")) address.searchParams.set("as_of", banner.dataset.day);
    if (banner.dataset.knownAt && !address.searchParams.has("known_at")) address.searchParams.set("known_at", banner.dataset.knownAt);
    link.href = address;
  }
}
