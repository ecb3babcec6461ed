// In forms that upload a file or start a long operation, refuses a file that is too large before it is sent, shows that
// work is in progress, and prevents the button from being pressed twice.
for (const input of document.querySelectorAll("input[data-most]")) {
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    input.reportValidity();
  });
}
for (const button of document.querySelectorAll("button[data-working]")) {
  const progress = document.getElementById(button.dataset.working);
  button.form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    progress.hidden = false;
    // The button is disabled only after submission, because the browser does not send the value of a disabled button.
    setTimeout(() => { button.disabled = true; });
  });
  // The browser's Back button restores the page with the button still disabled.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    progress.hidden = true;
    button.disabled = false;
  });
}
