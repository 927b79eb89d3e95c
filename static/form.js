// The form, where scripts run: rows without a round trip, a draft that survives a closed tab, a warning before
// leaving, the preview in place, Ctrl+S. Everything works without this file, through the same buttons.

const form = document.getElementById("story-form");
const status = document.getElementById("draft-status");
const key = `casebook.draft.${form.dataset.draft}`;
// Fields that belong to this very page, and must not come back from an older one.
const ofThisPage = new Set(["csrf", "id", "base", "action", "duplicate_ok"]);

/* ---------- what has been written ---------- */

const written = () => [...new FormData(form)].filter(([name, value]) => !ofThisPage.has(name) && typeof value === "string");
const asText = () => JSON.stringify(written());

const atFirst = asText();
// What came back from the server with something wrong is not saved anywhere yet.
let saved = form.dataset.returned === undefined ? atFirst : null;
let leaving = false;

/* ---------- rows ---------- */

const renumber = (list) => {
  const name = list.dataset.list;
  [...list.children].forEach((row, place) => {
    const rename = (id) => id.replace(/-\d+-/, `-${place}-`);
    for (const control of row.querySelectorAll("[id]")) control.id = rename(control.id);
    for (const label of row.querySelectorAll("label[for]")) label.htmlFor = rename(label.htmlFor);
    for (const control of row.querySelectorAll("[aria-describedby]"))
      control.setAttribute("aria-describedby", control.getAttribute("aria-describedby").split(" ").map(rename).join(" "));
    const remove = row.querySelector(".row-remove");
    remove.value = `remove:${name}:${place}`;
    const noun = remove.getAttribute("aria-label").replace(/ \d+$/, "");
    remove.setAttribute("aria-label", `${noun} ${place + 1}`);
    const legend = row.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+$/, String(place + 1));
  });
};

const empty = (row) => {
  for (const complaint of row.querySelectorAll(".field-complaint")) complaint.remove();
  for (const wrong of row.querySelectorAll(".field-wrong")) wrong.classList.remove("field-wrong");
  for (const control of row.querySelectorAll("input, textarea, select")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    control.removeAttribute("autofocus");
    if (control instanceof HTMLSelectElement) control.selectedIndex = 0;
    else control.value = "";
  }
};

const addRow = (list) => {
  const row = list.lastElementChild.cloneNode(true);
  empty(row);
  list.append(row);
  renumber(list);
  return row;
};

const most = (list) => (list.dataset.list === "timeline" ? 500 : 50);

form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[name=action]") : null;
  if (button === null) return;
  const [verb, name] = button.value.split(":");
  const list = form.querySelector(`[data-list="${CSS.escape(name ?? "")}"]`);
  if (list === null) return;
  if (verb === "add" && list.children.length < most(list)) {
    event.preventDefault();
    addRow(list).querySelector("input, textarea, select").focus();
    changed();
  } else if (verb === "remove") {
    event.preventDefault();
    const row = button.closest(".row");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (next === null) {
      empty(row);
      row.querySelector("input, textarea, select").focus();
    } else {
      row.remove();
      renumber(list);
      next.querySelector("input, textarea, select").focus();
    }
    changed();
  }
});

/* ---------- the draft ---------- */

const store = {
  read() {
    try {
      const draft = JSON.parse(localStorage.getItem(key) ?? "null");
      return Array.isArray(draft?.fields) && typeof draft.at === "number" ? draft : null;
    } catch {
      return null;
    }
  },
  write(fields) {
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), id: form.elements.id.value, fields }));
      return true;
    } catch {
      return false;
    }
  },
  forget() {
    try {
      localStorage.removeItem(key);
    } catch {
      // Without storage there is nothing to forget.
    }
  },
};

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });

let waiting = 0;
let offered = false;

const keep = () => {
  waiting = 0;
  if (offered) {
    status.textContent = "An older draft waits above. Once you restore or discard it, this one is kept too.";
    return;
  }
  const now = asText();
  if (now === saved) {
    store.forget();
    status.textContent = "";
  } else if (store.write(JSON.parse(now))) {
    status.textContent = `Draft kept in this browser at ${clock.format(new Date())}`;
  } else {
    status.textContent = "This browser does not keep drafts. Save before you leave.";
  }
};

const changed = () => {
  if (waiting === 0) waiting = setTimeout(keep, 1500);
};

const restore = (fields) => {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const list of form.querySelectorAll("[data-list]")) {
    const name = `${list.dataset.list}_`;
    const rows = Math.max(1, ...[...values].filter(([field]) => field.startsWith(name)).map(([, all]) => all.length));
    while (list.children.length < Math.min(rows, most(list))) addRow(list);
    while (list.children.length > rows) list.lastElementChild.remove();
    renumber(list);
  }
  const used = new Map();
  for (const control of form.elements) {
    if (control.name === "" || ofThisPage.has(control.name) || control instanceof HTMLButtonElement) continue;
    if (control instanceof HTMLInputElement && control.type === "checkbox") {
      control.checked = (values.get(control.name) ?? []).includes(control.value);
    } else if (!(control instanceof HTMLFieldSetElement) && control.type !== "hidden") {
      const place = used.get(control.name) ?? 0;
      used.set(control.name, place + 1);
      control.value = values.get(control.name)?.[place] ?? "";
    }
  }
  for (const details of form.querySelectorAll("details")) {
    const filled = [...details.querySelectorAll("input, textarea, select")].some((control) =>
      control.type === "checkbox" ? control.checked : control instanceof HTMLSelectElement ? control.selectedIndex > 0 : control.value !== "",
    );
    if (filled) details.open = true;
  }
};

const button = (label, quiet, act) => {
  const element = document.createElement("button");
  element.type = "button";
  element.className = quiet ? "button button-quiet" : "button";
  element.textContent = label;
  element.addEventListener("click", act);
  return element;
};

const offer = (draft) => {
  offered = true;
  const place = document.createElement("section");
  place.className = "form-notice draft-offer";
  place.setAttribute("aria-label", "A draft");
  const words = document.createElement("p");
  words.textContent = `There is a draft from ${day.format(new Date(draft.at))} that was not saved.`;
  const done = () => {
    offered = false;
    place.remove();
  };
  place.append(
    words,
    button("Restore it", false, () => {
      restore(draft.fields);
      // The same submission as before: published twice, it is one story.
      if (!form.elements.base.value && typeof draft.id === "string" && draft.id !== "") form.elements.id.value = draft.id;
      done();
      changed();
      form.querySelector("input[type=text]").focus();
    }),
    button("Discard it", true, () => {
      store.forget();
      done();
    }),
  );
  form.before(place);
};

// The server says which story it saved last: its draft has done its work.
const savedCookie = /(?:^|; )casebook-saved=([0-9a-f-]{36})(?:;|$)/.exec(document.cookie);
if (savedCookie !== null) {
  if (store.read()?.id === savedCookie[1]) store.forget();
  document.cookie = "casebook-saved=; Path=/; Max-Age=0; SameSite=Lax";
}

const draft = store.read();
if (draft !== null && JSON.stringify(draft.fields) !== atFirst) {
  // A form that came back with something wrong holds what was written last: the draft is older than it.
  if (form.dataset.returned === undefined) offer(draft);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);

/* ---------- leaving ---------- */

form.addEventListener("submit", (event) => {
  const verb = event.submitter?.value ?? "save";
  if (verb === "preview" || verb.startsWith("add:") || verb.startsWith("remove:")) {
    leaving = true;
    return;
  }
  keep();
  leaving = true;
});

addEventListener("beforeunload", (event) => {
  if (waiting !== 0) keep();
  if (!leaving && asText() !== (saved ?? "")) event.preventDefault();
});
addEventListener("pageshow", () => {
  leaving = false;
});

/* ---------- keys and preview ---------- */

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    form.requestSubmit(document.getElementById("save"));
  }
});

document.getElementById("preview-button").addEventListener("click", async (event) => {
  event.preventDefault();
  const pressed = event.currentTarget;
  const body = new URLSearchParams(new FormData(form));
  body.set("action", "preview");
  pressed.disabled = true;
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("preview-place");
    if (!response.ok || fresh === null) throw new Error(`status ${response.status}`);
    document.getElementById("preview-place").replaceWith(document.adoptNode(fresh));
    const preview = document.getElementById("preview");
    preview?.scrollIntoView({ block: "start" });
    preview?.focus({ preventScroll: true });
  } catch {
    status.textContent = "The preview could not be fetched. What you wrote is still here.";
  } finally {
    pressed.disabled = false;
  }
});
