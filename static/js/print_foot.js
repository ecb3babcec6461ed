// Completes the foot of printed sheets with the page's address and the day of printing. Margin boxes (print.css) cannot
// read the document, so they receive the texts as custom properties. Browsers without margin boxes print the list at the
// end of the page instead. Without this script, the list has neither the address nor the day of printing.
const foot = document.getElementById("print-foot");
if (foot) {
  const address = document.createElement("li");
  foot.prepend(address);
  addEventListener("beforeprint", () => {
    const { lang, style, dataset } = document.documentElement;
    // English dates have the day before the month, as on the pages.
    const today = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long" }).format(new Date());
    foot.querySelector("[data-printed]").textContent = foot.dataset.printed.replace("DAY", today);
    address.textContent = location.href.split("#")[0];
    if (!("CSSMarginRule" in window)) return;
    const [first, ...notes] = [...foot.children].map((item) => item.textContent.trim().replace(/\s+/g, " "));
    // JSON escapes quotation marks and backslashes in the same way as CSS.
    style.setProperty("--print-address", JSON.stringify(first));
    style.setProperty("--print-notes", JSON.stringify(notes.join(" · ")));
    dataset.printFoot = "margin";
  });
}
