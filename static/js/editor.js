// Two comforts of the editor. The page works without them.

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
