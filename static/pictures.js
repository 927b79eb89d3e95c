// Pictures in the form: chosen, pasted or dropped, sent with progress, and put where the cursor was.
// Without this file a link leads to a page that does the same.

const form = document.getElementById("story-form");
const control = document.getElementById("picture-control");

const MOST_MIB = 8;
const TYPES = ["image/png", "image/jpeg", "image/webp"];
const SILENT = /!\[\s*\]\(\/pictures\/[0-9a-f-]{36}/;
const HINT = "Write between the brackets what the picture shows, for those who do not see it.";

/** Fields of Markdown. A summary is shown in lists, where there is no room; lists of lines and code take no pictures. */
const takesPictures = (element) =>
  element instanceof HTMLTextAreaElement && element.matches(".field-prose:not(.field-code):not([name=summary], [name=contributing_factors])");

/* ---------- what is said ---------- */

const said = document.createElement("p");
said.className = "visually-hidden";
said.setAttribute("role", "status");
control.append(said);

const element = (name, className, text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};

/** The place below a field for its button and for what is said about its pictures. Rows are cloned: it is found, not kept. */
const toolsOf = (field) => {
  const found = field.parentElement.querySelector(":scope > .picture-tools");
  if (found !== null) return found;
  const tools = element("div", "picture-tools");
  field.after(tools);
  return tools;
};

const say = (field, className, text) => {
  const tools = toolsOf(field);
  tools.querySelector(`.${className}`)?.remove();
  if (text !== "") tools.append(element("p", className, text));
};

const complain = (field, words) => {
  say(field, "field-complaint", words);
  said.textContent = words;
};

/* ---------- sending ---------- */

const refusal = (request) => {
  try {
    const { error } = JSON.parse(request.responseText);
    if (typeof error === "string") return error;
  } catch {
    // A page: what it says is for somebody who sees all of it.
  }
  if (request.status === 401) return "You are logged out. Log in in another tab and add the picture again; what you wrote is still here.";
  if (request.status === 0) return "The server could not be reached. What you wrote is still here; add the picture again in a moment.";
  return `The picture was not taken (status ${request.status}). What you wrote is still here.`;
};

const send = (file, progress) =>
  new Promise((resolve, reject) => {
    const body = new FormData();
    body.set("csrf", form.elements.csrf.value);
    body.set("picture", file);
    const request = new XMLHttpRequest();
    request.open("POST", control.dataset.send);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 120_000;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText));
      else reject(new Error(refusal(request)));
    });
    request.send(body);
  });

/* ---------- into the text ---------- */

/** A paragraph of its own where the cursor was; the cursor goes between the brackets. */
const insert = (field, markdown, before) => {
  const at = field.value.startsWith(before) ? before.length : field.selectionStart;
  const [head, tail] = [field.value.slice(0, at), field.value.slice(at)];
  const above = head === "" || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
  const below = tail === "" || tail.startsWith("\n\n") ? "" : tail.startsWith("\n") ? "\n" : "\n\n";
  field.setRangeText(above + markdown + below, at, at);
  const cursor = at + above.length + markdown.indexOf("[") + 1;
  field.focus();
  field.setSelectionRange(cursor, cursor);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

const add = async (field, file) => {
  say(field, "field-complaint", "");
  if (file.type !== "" && !TYPES.includes(file.type)) {
    complain(field, `${file.name} is no picture in PNG, JPEG or WebP.`);
    return;
  }
  if (file.size > MOST_MIB * 2 ** 20) {
    complain(field, `${file.name} is larger than ${MOST_MIB} MiB. Make it smaller.`);
    return;
  }
  const before = field.value.slice(0, field.selectionStart);
  const waiting = element("label", "picture-progress", `Adding ${file.name} `);
  const progress = document.createElement("progress");
  waiting.append(progress);
  toolsOf(field).append(waiting);
  said.textContent = `Adding ${file.name}`;
  try {
    const { markdown } = await send(file, progress);
    insert(field, markdown, before);
    said.textContent = `${file.name} is in the text. ${HINT}`;
  } catch (error) {
    complain(field, `${file.name}: ${error.message}`);
  } finally {
    waiting.remove();
  }
};

const addAll = async (field, files) => {
  for (const file of files) await add(field, file);
};

/* ---------- choosing, pasting, dropping ---------- */

for (const field of form.querySelectorAll(".field > textarea.field-prose")) {
  if (!takesPictures(field)) continue;
  const label = form.querySelector(`label[for="${field.id}"]`)?.firstChild?.textContent.trim() ?? "";
  const button = element("button", "button button-small picture-add", "Add a picture");
  button.type = "button";
  button.setAttribute("aria-label", `Add a picture to ${label}`);
  toolsOf(field).prepend(button);
}

form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest(".picture-add") : null;
  const field = button?.closest(".field")?.querySelector("textarea");
  if (!takesPictures(field)) return;
  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = TYPES.join(",");
  chooser.multiple = true;
  chooser.addEventListener("change", () => addAll(field, chooser.files));
  chooser.click();
});

form.addEventListener("paste", (event) => {
  // What is copied from a document comes as text and as a picture of it: the text is meant.
  if (!takesPictures(event.target) || event.clipboardData.types.includes("text/plain")) return;
  const files = [...event.clipboardData.files];
  if (files.length === 0) return;
  event.preventDefault();
  addAll(event.target, files);
});

const isDrop = (event) => takesPictures(event.target) && event.dataTransfer.types.includes("Files");

form.addEventListener("dragover", (event) => {
  if (!isDrop(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  event.target.classList.add("picture-over");
});

for (const name of ["dragleave", "drop", "dragend"])
  form.addEventListener(name, (event) => event.target.classList?.remove("picture-over"));

form.addEventListener("drop", (event) => {
  if (!isDrop(event)) return;
  event.preventDefault();
  addAll(event.target, [...event.dataTransfer.files]);
});

/* ---------- pictures without words ---------- */

form.addEventListener("input", (event) => {
  const field = event.target;
  if (!takesPictures(field)) return;
  const shown = field.parentElement.querySelector(":scope > .picture-tools > .picture-silent") !== null;
  const silent = SILENT.test(field.value);
  if (silent !== shown) say(field, "picture-silent", silent ? HINT : "");
});

for (const part of control.querySelectorAll("[data-with-scripts]")) part.hidden = false;
for (const part of control.querySelectorAll("[data-without-scripts]")) part.hidden = true;
