// Comforts of a text that is touched. The links in the text, and the form below it, do the same without.

const text = document.getElementById("text");
const panelOf = () => document.getElementById("panel");

if (text) {
  text.dataset.touchable = "";

  // Anywhere in a bracket is its opening mark, unless words are being selected.
  text.addEventListener("click", (event) => {
    if (event.target.closest("a") || !window.getSelection().isCollapsed) return;
    const bracket = event.target.closest(".bracket");
    const mark = bracket && bracket.querySelector("a.touch");
    if (mark) mark.click();
  });

  // Words that are selected are offered to be put in brackets. Offsets count characters, not UTF-16 units.
  const offset = (node, at) => {
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(node, at);
    return [...before.toString()].length;
  };
  let chosen = "";
  const choose = () => {
    const selection = window.getSelection();
    if (!("writer" in text.dataset) || selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return;
    const start = offset(range.startContainer, range.startOffset);
    const end = offset(range.endContainer, range.endOffset);
    const address = `?revision=${text.dataset.revision}&start=${start}&end=${end}`;
    if (address === chosen) return; // a click elsewhere, with the words still selected
    chosen = address;
    htmx.ajax("GET", address, { target: "#panel", select: "#panel", swap: "outerHTML" });
  };
  document.addEventListener("pointerup", () => setTimeout(choose, 0));
  document.addEventListener("keyup", (event) => {
    if (event.key === "Shift") choose();
  });

  // On a phone the panel is a sheet over the lower part of the page.
  const aboveTheSheet = (place) => {
    if (getComputedStyle(panelOf()).position === "fixed") place.scrollIntoView({ block: "start" });
  };

  // The bracket of the panel is marked, and the panel gets the focus, so that the keyboard goes on there.
  document.addEventListener("htmx:afterSwap", (event) => {
    const link = event.detail.requestConfig.elt;
    text.querySelectorAll(".touched").forEach((one) => one.classList.remove("touched"));
    if (link.classList.contains("touch") && link.parentElement.classList.contains("bracket")) {
      link.parentElement.classList.add("touched");
    }
    panelOf().focus({ preventScroll: true });
    aboveTheSheet(link);
  });

  // So is the bracket at which something was just done.
  const touched = text.querySelector(".touched");
  if (touched) aboveTheSheet(touched);

  // Escape closes the panel and leads back to the text.
  document.addEventListener("keydown", (event) => {
    const panel = panelOf();
    if (event.key !== "Escape" || !panel || !panel.classList.contains("panel")) return;
    const touched = text.querySelector(".touched > a.touch");
    text.querySelectorAll(".touched").forEach((one) => one.classList.remove("touched"));
    panel.replaceWith(Object.assign(document.createElement("div"), { id: "panel" }));
    if (touched) touched.focus();
  });
}
