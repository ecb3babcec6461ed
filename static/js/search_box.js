// Moves the focus to the search box with “/” or Ctrl-K, and from the box through the results with the arrow keys.
// Without this script, readers reach the box and the results with the Tab key.
const box = document.getElementById("search-box");
const isTyping = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);

const focusBox = (event) => {
  event.preventDefault();
  box.focus();
  box.select();
};

const results = () => [...document.querySelectorAll("[data-result]")];

// Moves the focus by `step` results. Before the first result is the search box.
const move = (event, step) => {
  const links = results();
  const at = links.indexOf(document.activeElement);
  if (!links.length || (at < 0 && document.activeElement !== box)) return;
  event.preventDefault();
  const next = at + step;
  if (next < 0) box.focus();
  else links[Math.min(next, links.length - 1)].focus();
};

if (box) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "/" && plain && !isTyping(event.target)) focusBox(event);
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) focusBox(event);
    else if (event.key === "ArrowDown" && plain) move(event, 1);
    else if (event.key === "ArrowUp" && plain) move(event, -1);
  });
}
