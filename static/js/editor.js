// Takes the reader of a diagnostic to its place in the text. The page works without it.
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
