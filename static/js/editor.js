// Additions to the text editor. The page works without them.

// A click on a diagnostic selects the characters to which it refers.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-start]");
  if (!link) return;
  event.preventDefault();
  const field = document.getElementById("id_text");
  // Offsets count characters; the field counts UTF-16 units.
  const units = (count) => [...field.value].slice(0, count).join("").length;
  field.focus();
  field.setSelectionRange(units(Number(link.dataset.start)), units(Number(link.dataset.end)));
});

// Checks text that was typed before this script loaded or was restored by the browser, and the text of a correction.
window.addEventListener("load", () => {
  const field = document.getElementById("id_text");
  const corrects = document.getElementById("id_corrects");
  if (field && (field.value !== field.defaultValue || corrects?.value)) htmx.trigger(field, "check");
});

// If a check fails because the session has ended or the server does not respond, shows the reason in place of the result.
let isRenewed = false;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "check") return;
  if (detail.xhr.status < 400) isRenewed = false;
  else if (detail.xhr.responseText.startsWith('<div id="check"')) detail.shouldSwap = true;
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    const check = document.getElementById("check");
    if (detail.target.id !== "check" || detail.xhr.responseText.startsWith('<div id="check"')) return;
    const notice = Object.assign(document.createElement("p"), { className: "notice bad" });
    notice.textContent = document.getElementById("change").dataset.unchecked;
    notice.setAttribute("role", "alert");
    check.replaceChildren(notice);
  });
}

// If the person has signed in again with the same account in another tab, the form uses the new session's token.
document.addEventListener("htmx:afterSwap", () => {
  const check = document.getElementById("check");
  if (isRenewed || !check?.dataset.token || check.dataset.account !== document.body.dataset.account) return;
  isRenewed = true;
  document.querySelector("#change [name=csrfmiddlewaretoken]").value = check.dataset.token;
  htmx.trigger("#id_text", "check");
});
