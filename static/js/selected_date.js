// Keeps the selected date while the reader follows links, by adding it to every link to another page of the site.
// Without this script, readers set the date in each page's own field.
const banner = document.querySelector("[data-day]");
if (banner) {
  const withoutDate = /^\/(negotiations\/[^/]+\/)?(accounts|admin|api|static|feeds|calendar\.ics)\b/;
  for (const link of document.querySelectorAll("a[href]")) {
    const url = new URL(link.href);
    const isAnchor = url.pathname === location.pathname && url.hash;
    if (url.origin !== location.origin || withoutDate.test(url.pathname) || isAnchor || banner.contains(link)) continue;
    if (!url.searchParams.has("as_of")) url.searchParams.set("as_of", banner.dataset.day);
    if (banner.dataset.knownAt && !url.searchParams.has("known_at")) url.searchParams.set("known_at", banner.dataset.knownAt);
    link.href = url;
  }
}
