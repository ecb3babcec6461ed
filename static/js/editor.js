// Comforts of the editor. The page works without them.

// Takes the reader of a diagnostic to its place in the text.
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

// Checks what was typed before the scripts had come, what the browser kept from an earlier visit, or a correction.
window.addEventListener("load", () => {
  const field = document.getElementById("id_text");
  const corrects = document.getElementById("id_corrects");
  if (field && (field.value !== field.defaultValue || (corrects && corrects.value))) htmx.trigger(field, "check");
});

// Why something was not checked is said in the place of the check: the session has ended, or nothing answers.
let isRenewed = false;
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "check") return;
  if (detail.xhr.status < 400) isRenewed = false;
  else if (detail.xhr.responseText.startsWith('<div id="check"')) detail.shouldSwap = true;
});
for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, ({ detail }) => {
    const check = document.getElementById("check");
    if (detail.target.id !== "check" || detail.xhr.responseText.startsWith('<div id="check"')) return;
    const notice = Object.assign(document.createElement("p"), { className: "notice bad" });
    notice.textContent = document.getElementById("change").dataset.unchecked;
    notice.setAttribute("role", "alert");
    check.replaceChildren(notice);
  });
}

// Who has signed in again in another tab, as before, goes on here with the token of that session.
document.addEventListener("htmx:afterSwap", () => {
  const check = document.getElementById("check");
  if (isRenewed || !check?.dataset.token || check.dataset.account !== document.body.dataset.account) return;
  isRenewed = true;
  document.querySelector("#change [name=csrfmiddlewaretoken]").value = check.dataset.token;
  htmx.trigger("#id_text", "check");
});
