// The form, where scripts run: rows without a round trip, a draft that is kept while it is written, a warning before
// leaving, the preview in place, Ctrl+S. Everything works without this file, through the same buttons.

const form = document.getElementById("story-form");
const status = document.getElementById("draft-status");
const key = `casebook.draft.${form.dataset.draft}`;
// Fields that belong to this very page, and must not come back from an older one.
const ofThisPage = new Set([
  "csrf", "id", "base", "draft", "draft_version", "tab", "intent", "action", "duplicate_ok", "secrets_ok", "blast_ok",
]);

/* ---------- what has been written ---------- */

const written = () => [...new FormData(form)].filter(([name, value]) => !ofThisPage.has(name) && typeof value === "string");
const asText = () => JSON.stringify(written());

const atFirst = asText();
// What came back from the server with something wrong is not saved anywhere yet.
let saved = form.dataset.returned === undefined ? atFirst : null;
let leaving = false;

/* ---------- rows ---------- */

// Lists stand in the form, and the lists of a rule in its row. The ids in a row begin with those of its list:
// `rules-0-text`, and in it `rules-0-fires_on-1`.
const outer = (list) => list.parentElement.closest(".row");
const placeOf = (row) => [...row.parentElement.children].indexOf(row);
const rowsOf = (list) => [...list.children];
const innerLists = (row) => [...row.querySelectorAll("[data-list]")];

const renumber = (list) => {
  const name = list.dataset.list;
  const rule = outer(list);
  const before = rule === null ? name : `rules-${placeOf(rule)}-${name}`;
  const path = rule === null ? name : `rules:${placeOf(rule)}:${name}`;
  const add = list.parentElement.querySelector(":scope > .row-add, :scope > .row-buttons > .row-add[id^=add-]");
  if (add !== null && rule !== null) {
    add.id = `add-${before}`;
    add.value = `add:${path}`;
  }
  rowsOf(list).forEach((row, place) => {
    const rename = (id) => id.replace(rule === null ? /^[a-z_]+-\d+/ : /^rules-\d+-[a-z_]+-\d+/, `${before}-${place}`);
    for (const control of row.querySelectorAll("[id]:not(.row-add)")) control.id = rename(control.id);
    for (const label of row.querySelectorAll("label[for]")) label.htmlFor = rename(label.htmlFor);
    for (const control of row.querySelectorAll("[aria-describedby]"))
      control.setAttribute("aria-describedby", control.getAttribute("aria-describedby").split(" ").map(rename).join(" "));
    const owner = row.querySelector(`:scope > [name=${name}_rule]`);
    if (owner !== null) owner.value = String(placeOf(rule));
    const remove = row.querySelector(":scope > .row-remove");
    remove.value = `remove:${path}:${place}`;
    const noun = remove.getAttribute("aria-label").replace(/ \d+$/, "");
    remove.setAttribute("aria-label", `${noun} ${place + 1}`);
    const legend = row.querySelector(":scope > legend");
    legend.textContent = legend.textContent.replace(/\d+$/, String(place + 1));
    innerLists(row).forEach(renumber);
  });
};

const empty = (row) => {
  for (const list of innerLists(row)) for (const more of rowsOf(list).slice(1)) more.remove();
  for (const complaint of row.querySelectorAll(".field-complaint")) complaint.remove();
  for (const wrong of [row, ...row.querySelectorAll(".field-wrong")]) wrong.classList.remove("field-wrong");
  for (const control of row.querySelectorAll("input, textarea, select")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    control.removeAttribute("autofocus");
    if (control instanceof HTMLSelectElement) control.selectedIndex = 0;
    else if (!control.name.endsWith("_rule")) control.value = "";
  }
};

const addRow = (list) => {
  const row = list.lastElementChild.cloneNode(true);
  empty(row);
  list.append(row);
  renumber(list);
  return row;
};

const firstControl = (row) => row.querySelector("input:not([type=hidden]), textarea, select");

const most = (list) => ({ timeline: 500, fires_on: 20, silent_on: 20 })[list.dataset.list] ?? 50;

/** The list that a button adds to or removes from: `add:timeline`, `remove:rules:0:fires_on:1`. */
const listOf = (name, rule, inner) => {
  const list = form.querySelector(`[data-list="${CSS.escape(name ?? "")}"]`);
  if (list === null || inner === undefined) return list;
  return list.children[Number(rule)]?.querySelector(`[data-list="${CSS.escape(inner)}"]`) ?? null;
};

form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[name=action]") : null;
  if (button === null) return;
  const [verb, name, rule, inner] = button.value.split(":");
  const list = listOf(name, rule, inner);
  if (list === null) return;
  if (verb === "add" && list.children.length < most(list)) {
    event.preventDefault();
    firstControl(addRow(list)).focus();
    changed();
  } else if (verb === "remove") {
    event.preventDefault();
    const row = button.closest(".row");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    if (next === null) {
      empty(row);
      firstControl(row).focus();
    } else {
      row.remove();
      renumber(list);
      firstControl(next).focus();
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
      const { id, draft, draft_version: version, tab } = form.elements;
      const of = { id: id.value, draft: draft.value, version: version.value, tab: tab.value };
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), ...of, fields }));
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

/** Keeps what is written in this browser; false where it does not keep anything. */
const keepHere = () => store.write(written());

/** Says what is kept here, and why not elsewhere. */
const sayHere = (why) => {
  const kept = keepHere()
    ? `Draft kept in this browser at ${clock.format(new Date())}`
    : "This browser does not keep drafts. Save before you leave.";
  status.textContent = why + kept;
};

/* On the server, for those whose drafts it keeps. One save at a time; what is written meanwhile is saved after it. */

const isKeptThere = form.dataset.autosave !== undefined;
let saving = false;
let retry = 0;

/** What the browser lets a page send that is being left, in bytes. */
const parting = 60_000;

const troubles = {
  401: "You are logged out. ",
  403: "The server did not take it from this page. ",
  413: "It is too long for the server. ",
  507: "The server has no room. ",
};

const keepThere = async ({ keepalive = false } = {}) => {
  if (saving) return;
  const now = asText();
  const body = new URLSearchParams([...new FormData(form)].filter(([name, value]) => name !== "action" && typeof value === "string"));
  if (keepalive && body.toString().length > parting) return;
  saving = true;
  clearTimeout(retry);
  try {
    const response = await fetch(form.dataset.autosave, { method: "POST", body, keepalive, credentials: "same-origin" });
    if (response.status === 204) {
      form.elements.draft_version.value = response.headers.get("draft-version");
      saved = now;
      store.forget();
      status.textContent = `Draft saved at ${clock.format(new Date())}`;
    } else if (response.status === 409) {
      sayHere(`${await response.text()} `);
    } else {
      sayHere(troubles[response.status] ?? "The server cannot save it just now. ");
      // Whoever logs in again in another tab, or a server that comes back, finds it waiting.
      if (response.status === 401 || response.status >= 500) retry = setTimeout(keepThere, 10_000);
    }
  } catch {
    sayHere("The server cannot be reached. ");
    retry = setTimeout(keepThere, 3_000);
  } finally {
    saving = false;
  }
  // Written while it was on its way.
  if (saved === now && asText() !== saved) changed();
};

const keep = (how) => {
  clearTimeout(waiting);
  waiting = 0;
  follow();
  if (offered) {
    status.textContent = "An older draft waits above. Once you restore or discard it, this one is kept too.";
    return;
  }
  if (asText() === saved) {
    store.forget();
    if (!isKeptThere) status.textContent = "";
  } else if (!isKeptThere) {
    sayHere("");
  } else {
    // Here first: that cannot fail on the way.
    keepHere();
    keepThere(how);
  }
};

/** Two seconds after the last keystroke. */
const changed = () => {
  clearTimeout(waiting);
  waiting = setTimeout(keep, 2_000);
};

const restore = (fields) => {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  const resize = (list, wanted) => {
    const rows = Math.max(1, wanted);
    while (list.children.length < Math.min(rows, most(list))) addRow(list);
    while (list.children.length > rows) list.lastElementChild.remove();
    renumber(list);
  };
  for (const list of form.querySelectorAll("[data-list]")) {
    if (outer(list) !== null) continue;
    const name = `${list.dataset.list}_`;
    resize(list, Math.max(0, ...[...values].filter(([field]) => field.startsWith(name)).map(([, all]) => all.length)));
  }
  // The rows of rules are all there now; each has lists of its own.
  for (const list of form.querySelectorAll("[data-list]")) {
    const rule = outer(list);
    if (rule === null) continue;
    const owners = values.get(`${list.dataset.list}_rule`) ?? [];
    resize(list, owners.filter((owner) => owner === String(placeOf(rule))).length);
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

/** The same draft as before, so that the server has one of it and not two. */
const goOnWith = ({ draft, version, tab }) => {
  if (form.elements.draft.value === draft) return;
  form.elements.draft.value = draft;
  form.elements.draft_version.value = version;
  form.elements.tab.value = tab;
  if (isKeptThere) form.dataset.autosave = `/drafts/${encodeURIComponent(draft)}/save`;
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
      if (typeof draft.draft === "string") goOnWith(draft);
      done();
      changed();
      // Whoever follows what is written looks at all of it.
      form.dispatchEvent(new Event("input"));
      follow();
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
const savedCookie = /(?:^|; )(__Host-)?casebook-saved=([0-9a-f-]{36})(?:;|$)/.exec(document.cookie);
if (savedCookie !== null) {
  const [, prefix = "", saved] = savedCookie;
  if (store.read()?.id === saved) store.forget();
  document.cookie = `${prefix}casebook-saved=; Path=/; Max-Age=0; SameSite=Lax${prefix === "" ? "" : "; Secure"}`;
}

const draft = store.read();
if (draft !== null && JSON.stringify(draft.fields) !== atFirst) {
  // A form that came back with something wrong holds what was written last: the draft is older than it.
  if (form.dataset.returned === undefined) offer(draft);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);

/* ---------- the steps ---------- */

const words = { empty: "nothing written yet", begun: "begun", done: "filled in" };
const steps = [...form.querySelectorAll(".step")];

/** Whether anything is written in a field or a list; what a menu begins with is not writing. */
const says = (name) => {
  const controls = [...form.elements].filter((control) => control.name === name || control.name.startsWith(`${name}_`));
  return controls.some((control) => {
    if (control.type === "hidden" || control instanceof HTMLButtonElement) return false;
    if (control.type === "checkbox") return control.checked;
    if (control instanceof HTMLSelectElement && control.closest(".row") !== null) return false;
    return control.value.trim() !== "";
  });
};

const follow = () => {
  for (const step of steps) {
    const names = step.dataset.fields.split(" ");
    const required = names.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1));
    const asked = required.length > 0 ? required : names;
    const written = asked.filter(says).length;
    const progress = written === 0 ? "empty" : required.length === 0 || written === required.length ? "done" : "begun";
    step.className = `step step-${progress}`;
    step.querySelector("[data-progress]").textContent = `, ${words[progress]}`;
  }
};
form.addEventListener("change", follow);

// A step that is folded away opens when somebody goes there.
for (const step of steps)
  step.addEventListener("click", () => {
    const details = document.querySelector(`${step.hash} > details`);
    if (details !== null) details.open = true;
  });

/* ---------- leaving ---------- */

form.addEventListener("submit", (event) => {
  const verb = event.submitter?.value ?? "save";
  if (["preview", "try", "mask", "similar", "draft"].includes(verb) || event.submitter?.name === "link_pattern" || verb.startsWith("aid:") || verb.startsWith("add:") || verb.startsWith("remove:")) {
    leaving = true;
    return;
  }
  // Until the server says that it has it; not as a draft besides, which would come after what it becomes.
  clearTimeout(waiting);
  clearTimeout(retry);
  if (asText() !== saved) keepHere();
  leaving = true;
});

addEventListener("beforeunload", (event) => {
  if (waiting !== 0) keep();
  if (!leaving && asText() !== (saved ?? "")) event.preventDefault();
});
// A tab that is put aside may never come back, and a phone does not say when it closes one.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && !leaving && asText() !== saved) keep();
});
addEventListener("pagehide", () => {
  if (!leaving && isKeptThere && asText() !== saved) keep({ keepalive: true });
});
addEventListener("online", () => {
  if (isKeptThere && asText() !== saved) keep();
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

/** Puts a part of the page that the server would answer with into this page. */
const bringIn = async (pressed, action, part) => {
  const body = new URLSearchParams(new FormData(form));
  body.set("action", action);
  pressed.disabled = true;
  try {
    const response = await fetch(form.getAttribute("action"), { method: "POST", body, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const place = page.getElementById(`${part}-place`);
    if (!response.ok || place === null) throw new Error(`status ${response.status}`);
    document.getElementById(`${part}-place`).replaceWith(document.adoptNode(place));
    const fresh = document.getElementById(part);
    fresh?.scrollIntoView({ block: "start" });
    fresh?.focus({ preventScroll: true });
  } catch {
    status.textContent = "The preview could not be fetched. What you wrote is still here.";
  } finally {
    pressed.disabled = false;
  }
};

document.getElementById("preview-button").addEventListener("click", (event) => {
  event.preventDefault();
  bringIn(event.currentTarget, "preview", "preview");
});
