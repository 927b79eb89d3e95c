// The aids to writing, where scripts run: the panel beside the rules and the chat log are answered in place, lines are
// chosen by dragging, with Shift or with the arrow keys. Without this file the buttons send the whole form.

const form = document.getElementById("story-form");
const status = document.getElementById("draft-status");

/** Sends the form as it stands to one of the aids, and gives the parts of the answer. */
const ask = async (path, action, pressed) => {
  const body = new URLSearchParams(new FormData(form));
  body.set("action", action);
  if (pressed !== null) pressed.disabled = true;
  try {
    const response = await fetch(path, { method: "POST", body, headers: { "X-Fragment": "aid" }, credentials: "same-origin" });
    if (!response.ok && response.status !== 422) throw new Error(`status ${response.status}`);
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    status.textContent = "The server did not answer. What you wrote is still here.";
    return null;
  } finally {
    if (pressed !== null) pressed.disabled = false;
  }
};

const panel = () => document.getElementById("rules-aid");
const lines = () => [...panel().querySelectorAll("[name=evidence_line]")];

/** The fields of a form that scripts have filled have to be told apart from those that nobody touched. */
const fill = (field, value) => {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

/** The last row of a list, made new where it holds something already. */
const freeRow = (name) => {
  const list = form.querySelector(`[data-list="${name}"]`);
  const isFree = (row) => [...row.querySelectorAll("input:not([type=hidden]), textarea")].every((field) => field.value === "");
  if (!isFree(list.lastElementChild)) document.getElementById(`add-${name}`)?.click();
  return isFree(list.lastElementChild) ? list.lastElementChild : null;
};

/* ---------- rules ---------- */

const help = async (action, pressed) => {
  const answer = await ask("/aids/rule", action, pressed);
  const fresh = answer?.getElementById("rules-aid");
  if (fresh == null) return;
  const scrolled = panel().querySelector(".aid-lines")?.scrollTop ?? 0;
  panel().replaceWith(document.adoptNode(fresh));
  const shown = panel().querySelector(".aid-lines");
  if (shown !== null) shown.scrollTop = scrolled;
  const offer = document.getElementById("rules-offer");
  if (offer !== null) {
    offer.focus({ preventScroll: true });
    offer.scrollIntoView({ block: "nearest" });
  } else if (action === "aid:suggest") {
    document.getElementById("aid-suggest")?.focus();
  } else {
    (lines()[0] ?? document.getElementById("evidence")).focus({ preventScroll: true });
  }
};

const adopt = (offer) => {
  const row = freeRow("rules");
  if (row === null) {
    status.textContent = "A story takes no more rules. Remove one before another is added.";
    return;
  }
  fill(row.querySelector("[name=rules_kind]"), "log");
  fill(row.querySelector("[name=rules_text]"), offer.querySelector("code").textContent);
  fill(row.querySelector("[name=fires_on_text]"), offer.dataset.example);
  const name = row.querySelector("[name=rules_name]");
  fill(name, offer.dataset.name);
  offer.remove();
  for (const line of lines()) line.checked = false;
  name.focus();
  name.select();
};

/* ---------- lines ---------- */

let last = null;
let dragging = null;

const chooseTo = (line, checked) => {
  const all = lines();
  const [from, to] = [all.indexOf(last ?? line), all.indexOf(line)].sort((a, b) => a - b);
  for (const between of all.slice(Math.max(from, 0), to + 1)) between.checked = checked;
};

const lineAt = (target) => (target instanceof Element ? target.closest(".aid-line")?.querySelector("input") ?? null : null);

form.addEventListener("pointerdown", (event) => {
  const line = event.button === 0 && event.pointerType === "mouse" ? lineAt(event.target) : null;
  if (line === null || event.shiftKey) return;
  dragging = { from: line, checked: !line.checked, moved: false };
});

form.addEventListener("pointerover", (event) => {
  const line = dragging === null ? null : lineAt(event.target);
  if (line === null || (line === dragging.from && !dragging.moved)) return;
  dragging.moved = true;
  last = dragging.from;
  chooseTo(line, dragging.checked);
  getSelection()?.removeAllRanges();
});

addEventListener("pointerup", () => {
  // The click that follows, if any, belongs to the drag.
  setTimeout(() => (dragging = null));
});

form.addEventListener("click", (event) => {
  const line = lineAt(event.target);
  if (line !== null) {
    if (dragging?.moved) {
      event.preventDefault();
    } else if (event.shiftKey && last !== null && event.target !== line) {
      event.preventDefault();
      chooseTo(line, last.checked);
      line.focus();
      getSelection()?.removeAllRanges();
    } else if (event.target === line) {
      if (event.shiftKey && last !== null) chooseTo(line, line.checked);
      last = line;
    }
    return;
  }
  const pressed = event.target instanceof Element ? event.target.closest("button[name=action][value^='aid:']") : null;
  if (pressed === null) return;
  if (pressed.value === "aid:chat") {
    event.preventDefault();
    chat(pressed);
  } else if (pressed.value === "aid:adopt") {
    event.preventDefault();
    adopt(document.getElementById("rules-offer"));
  } else {
    event.preventDefault();
    help(pressed.value, pressed);
  }
});

form.addEventListener("keydown", (event) => {
  const line = event.target instanceof HTMLInputElement && event.target.name === "evidence_line" ? event.target : null;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (line === null || step === undefined) return;
  event.preventDefault();
  const all = lines();
  const next = all[all.indexOf(line) + step];
  if (next === undefined) return;
  if (event.shiftKey) {
    line.checked = true;
    next.checked = true;
  }
  last = next;
  next.focus();
});

form.addEventListener("input", (event) => {
  if (event.target instanceof Element && event.target.id === "evidence") {
    // What is shown below is of another text now.
    for (const stale of panel().querySelectorAll(".aid-tried, .aid-choice, .aid-offer, .aid-note")) stale.remove();
    if (event.inputType === "insertFromPaste") help("aid:try", null);
  }
});

/* ---------- a chat log ---------- */

/** More rows than this are put in by the server, with the whole page. */
const most = 60;

const chat = async (pressed) => {
  const answer = await ask("/aids/timeline", "aid:chat", pressed);
  const told = answer?.getElementById("chat-answer");
  if (told == null) return;
  const rows = [...answer.querySelectorAll(".chat-rows > li")];
  if (rows.length > most) {
    pressed.disabled = false;
    form.requestSubmit(pressed);
    return;
  }
  for (const { dataset } of rows) {
    const row = freeRow("timeline");
    if (row === null) break;
    fill(row.querySelector("[name=timeline_at]"), dataset.at);
    fill(row.querySelector("[name=timeline_text]"), dataset.text);
  }
  if (rows.length > 0) fill(document.getElementById("chat"), told.dataset.left);
  document.getElementById("chat-place").replaceChildren(document.adoptNode(told));
  pressed.focus();
};
