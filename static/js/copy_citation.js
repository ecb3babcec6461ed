// Adds a button that copies the text of an element with data-copy. Without this script, readers select the text or download it.
for (const element of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet no-print";
  button.textContent = element.dataset.copy;
  const status = document.createElement("span");
  status.className = "small";
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const text = element.textContent.trim();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard is not available on pages without TLS. The text is selected, so that the reader can copy it.
      getSelection().selectAllChildren(element);
      return;
    }
    status.textContent = ` ${element.dataset.copied}`;
  });
  const line = document.createElement("p");
  line.append(button, status);
  element.after(line);
}
