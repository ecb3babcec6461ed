// Adds a button after each link to an SVG drawing. The button converts the drawing to PNG in the browser and saves it.
for (const link of document.querySelectorAll("a[data-png]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link plain-link";
  button.textContent = link.dataset.png;
  button.setAttribute("aria-label", `${link.dataset.of}, ${link.dataset.png}`);
  button.addEventListener("click", async () => {
    const picture = new Image();
    picture.src = link.href;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    canvas.toBlob((blob) => {
      const file = document.createElement("a");
      file.href = URL.createObjectURL(blob);
      file.download = `${link.dataset.name}.png`;
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 1000);
    }, "image/png");
  });
  link.after(" · ", button);
}
