// Keys for those who like them: / or Ctrl+K goes to the search, ? lists the keys, Ctrl+Enter sends the evidence.
// Everything works without this file. The switch in the list turns the single-letter keys off.

const off = "casebook.keys.off";
// A list has a search of its own, which goes before that of the header.
const searches = [".browse-search input[type=search]", "[data-search]"].flatMap((search) => [...document.querySelectorAll(search)]);
const visibleSearch = () => searches.find((input) => input.checkVisibility({ visibilityProperty: true }));

const keysAreOn = () => {
  try {
    return localStorage.getItem(off) === null;
  } catch {
    return true;
  }
};

const isTyping = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select") || target.closest("dialog") !== null);

const showState = () => document.documentElement.classList.toggle("has-keys", keysAreOn());

const row = (list, keys, meaning) => {
  const term = document.createElement("dt");
  keys.forEach((key, index) => {
    if (index > 0) term.append(" ");
    const element = document.createElement("kbd");
    element.textContent = key;
    term.append(element);
  });
  const description = document.createElement("dd");
  description.textContent = meaning;
  list.append(term, description);
};

const buildDialog = () => {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = "Keys";
  const list = document.createElement("dl");
  list.className = "key-list";
  row(list, ["/", "Ctrl K"], "Search the stories or the patterns");
  row(list, ["↓", "↑"], "From the search through what it found, and back");
  row(list, ["Ctrl Enter"], "Send the evidence, from its box");
  row(list, ["?"], "This list");
  row(list, ["Esc"], "Close; back to the search; there, clear it or leave it");
  const form = document.createElement("form");
  form.method = "dialog";
  const choice = document.createElement("p");
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = keysAreOn();
  box.addEventListener("change", () => {
    try {
      if (box.checked) localStorage.removeItem(off);
      else localStorage.setItem(off, "1");
    } catch {
      box.checked = true;
    }
    showState();
  });
  label.append(box, " Listen to / and ?");
  choice.append(label);
  const close = document.createElement("button");
  close.className = "button button-quiet";
  close.textContent = "Close";
  form.append(choice, close);
  dialog.append(title, list, form);
  document.body.append(dialog);
  return dialog;
};

let dialog = null;

const focusSearch = (search) => {
  search.focus();
  search.select();
};

document.addEventListener("keydown", (event) => {
  // A list takes keys for its results.
  if (event.defaultPrevented) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && event.key === "Enter" && event.target instanceof HTMLElement) {
    const form = event.target.closest("form[data-send-with-keys]");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && visibleSearch()) {
    event.preventDefault();
    focusSearch(visibleSearch());
    return;
  }
  if (event.key === "Escape" && searches.includes(event.target)) {
    event.target.blur();
    return;
  }
  if (command || event.altKey || event.isComposing || isTyping(event.target) || !keysAreOn()) return;
  if (event.key === "/" && visibleSearch()) {
    event.preventDefault();
    focusSearch(visibleSearch());
  } else if (event.key === "?") {
    event.preventDefault();
    dialog ??= buildDialog();
    dialog.showModal();
  }
});

document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLElement && event.target.closest("[data-show-keys]")) {
    dialog ??= buildDialog();
    dialog.showModal();
  }
});

for (const button of document.querySelectorAll("[data-show-keys]")) button.hidden = false;
showState();
