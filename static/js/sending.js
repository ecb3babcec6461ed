// Forms that send a file, or start what takes a while: says beforehand that a file is too large, shows what is being
// done, and keeps the button from being pressed twice.
for (const input of document.querySelectorAll("input[data-most]")) {
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    input.reportValidity();
  });
}
for (const button of document.querySelectorAll("button[data-working]")) {
  const shown = document.getElementById(button.dataset.working);
  button.form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    shown.hidden = false;
    // Behind the sending itself: a button that cannot be pressed would not be sent.
    setTimeout(() => { button.disabled = true; });
  });
  // Who comes back by the browser's button finds the page as it was kept.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    shown.hidden = true;
    button.disabled = false;
  });
}
