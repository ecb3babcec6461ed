// Opens the panel of a bracket beside the text. Without this script, the links in the text and the form below the text do the same.

const text = document.getElementById("text");
const panelOf = () => document.getElementById("panel");

if (text) {
  text.dataset.touchable = "";

  // A click anywhere in a bracket counts as a click on its opening mark, unless the reader is selecting words.
  text.addEventListener("click", (event) => {
    if (event.target.closest("a") || !window.getSelection().isCollapsed) return;
    const bracket = event.target.closest(".bracket");
    bracket?.querySelector("a.touch")?.click();
  });

  // Offers to put selected words in brackets. Offsets count characters, not UTF-16 units.
  const offset = (node, at) => {
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(node, at);
    return [...before.toString()].length;
  };
  let lastSelection = "";
  const offerSelection = () => {
    const selection = window.getSelection();
    if (!("writer" in text.dataset) || selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return;
    const start = offset(range.startContainer, range.startOffset);
    const end = offset(range.endContainer, range.endOffset);
    const query = `?revision=${text.dataset.revision}&start=${start}&end=${end}`;
    if (query === lastSelection) return; // a click elsewhere, with the same words still selected
    lastSelection = query;
    htmx.ajax("GET", query, { target: "#panel", select: "#panel", swap: "outerHTML" });
  };
  document.addEventListener("pointerup", () => setTimeout(offerSelection, 0));
  document.addEventListener("keyup", (event) => {
    if (event.key === "Shift") offerSelection();
  });

  // On a phone, the panel is a sheet over the lower part of the page.
  const scrollAboveSheet = (element) => {
    if (getComputedStyle(panelOf()).position === "fixed") element.scrollIntoView({ block: "start" });
  };

  // Marks the panel's bracket and moves the focus to the panel for keyboard users.
  document.addEventListener("htmx:afterSwap", (event) => {
    const link = event.detail.requestConfig.elt;
    text.querySelectorAll(".touched").forEach((bracket) => bracket.classList.remove("touched"));
    if (link.classList.contains("touch") && link.parentElement.classList.contains("bracket")) {
      link.parentElement.classList.add("touched");
    }
    panelOf().focus({ preventScroll: true });
    scrollAboveSheet(link);
  });

  // The server marks the bracket that was changed last.
  const changedBracket = text.querySelector(".touched");
  if (changedBracket) scrollAboveSheet(changedBracket);

  // Escape closes the panel and returns the focus to the text.
  document.addEventListener("keydown", (event) => {
    const panel = panelOf();
    if (event.key !== "Escape" || !panel?.classList.contains("panel")) return;
    const openedFrom = text.querySelector(".touched > a.touch");
    text.querySelectorAll(".touched").forEach((bracket) => bracket.classList.remove("touched"));
    panel.replaceWith(Object.assign(document.createElement("div"), { id: "panel" }));
    openedFrom?.focus();
  });
}
