// Copy buttons: data-copy-target names the element whose text is copied. Without scripts the buttons stay hidden.

const said = document.createElement("div");
said.className = "visually-hidden";
said.setAttribute("role", "status");
document.body.append(said);

const copy = async (button) => {
  const source = document.getElementById(button.dataset.copyTarget);
  if (!source) return;
  const text = source instanceof HTMLTextAreaElement || source instanceof HTMLInputElement ? source.value : source.textContent;
  const label = button.dataset.label ?? (button.dataset.label = button.textContent);
  try {
    await navigator.clipboard.writeText(text.replace(/\n$/, ""));
    button.textContent = "Copied";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    button.textContent = "Selected: press Ctrl+C";
  }
  said.textContent = button.textContent;
  setTimeout(() => {
    button.textContent = label;
    said.textContent = "";
  }, 2500);
};

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy-target]") : null;
  if (button) copy(button);
});

for (const button of document.querySelectorAll("[data-copy-target]")) button.hidden = false;
