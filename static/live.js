// What changes while one types: the results of a list, and the stories that resemble the one being written.
// Everything works without this file: by pressing Enter, by following the links, and by the button beside the form.

/** Longer than this an answer may take before the page shows that it is waited for. */
const patience = 300;

/** The part of an answer that has this id; the server sends that part alone, or a whole page with it. */
const fetchPart = async (id, address, options) => {
  // Not kept: the whole page has the same address.
  const response = await fetch(address, { cache: "no-store", ...options });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.getElementById(id);
  if (!response.ok || part === null) throw new Error(`status ${response.status}`);
  return document.adoptNode(part);
};

/**
 * Asks for the part with this id and puts it in the place of the old one, so that only the newest question is ever
 * answered. `shown` and `failed` are told afterwards.
 */
const live = ({ id, pause, shown, failed }) => {
  const part = () => document.getElementById(id);
  let waiting = 0;
  let asking = null;

  const cancel = () => {
    clearTimeout(waiting);
    asking?.abort();
    asking = null;
  };

  /** Puts the new part in place. What was open stays open, and what had the focus keeps it, if it is still there. */
  const put = (fresh, holder) => {
    const old = part();
    const held = holder ?? (old.contains(document.activeElement) ? document.activeElement : null);
    for (const { id } of old.querySelectorAll("details[open][id]")) {
      const again = fresh.querySelector(`#${CSS.escape(id)}`);
      if (again !== null) again.open = true;
    }
    old.replaceWith(fresh);
    if (held === null) return null;
    const key = held.dataset.key;
    const again = key === undefined ? null : fresh.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const near = "[tabindex='-1']";
    const stop = again?.checkVisibility() ? again : (fresh.querySelector(near) ?? fresh.closest(near));
    stop?.focus({ preventScroll: true });
    return stop;
  };

  const ask = async ({ address, options, holder, ...question }) => {
    cancel();
    const own = (asking = new AbortController());
    const slow = setTimeout(() => part().classList.add("is-waiting"), patience);
    try {
      const fresh = await fetchPart(id, address, { ...options, signal: own.signal });
      if (asking === own) shown(fresh, { address, stop: put(fresh, holder), ...question });
    } catch {
      if (asking === own) failed();
    } finally {
      clearTimeout(slow);
      if (asking === own || asking === null) part().classList.remove("is-waiting");
    }
  };

  /** Asks once nobody has typed for a moment. The answer that is on its way is still welcome until then. */
  const askSoon = (question) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask(question()), pause);
  };

  return { ask, askSoon, cancel };
};

/** Says something to those who cannot see what changed, once it has stopped changing; troubles are said at once, and shown. */
const voice = (region) => {
  let waiting = 0;
  const say = (words) => {
    clearTimeout(waiting);
    region.classList.add("visually-hidden");
    waiting = setTimeout(() => (region.textContent = words), 700);
  };
  const complain = (words) => {
    clearTimeout(waiting);
    region.textContent = words;
    region.classList.remove("visually-hidden");
  };
  return { say, complain };
};

/** Calls back when somebody has typed, but not in the middle of a character that takes several keys. */
const onTyping = (field, act) => {
  field.addEventListener("input", (event) => event.isComposing || act());
  field.addEventListener("compositionend", act);
};

/* ---------- a list ---------- */

const liveList = (form) => {
  const box = form.elements.q;
  const browse = form.closest(".browse");
  const { say, complain } = voice(document.getElementById("browse-said"));
  const found = () => document.getElementById("found");
  const here = () => location.pathname + location.search;

  /** The address of what the box and the chosen filters ask for. */
  const asked = () => {
    const pairs = [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== "");
    const query = new URLSearchParams(pairs).toString();
    return query === "" ? form.getAttribute("action") : `${form.getAttribute("action")}?${query}`;
  };

  const wordsOf = (address) => new URL(address, location.href).searchParams.get("q") ?? "";

  // The address whose results are shown, and the one that Back is to lead to. Typing changes only the first.
  let shown = here();
  let settled = here();

  const results = live({
    id: "found",
    pause: 150,
    shown: (fresh, { address, stop, isTyped, isFollowed }) => {
      shown = address;
      if (isTyped) history.replaceState(null, "", address);
      if (isFollowed) bringIntoView(stop);
      document.title = fresh.dataset.title;
      say(fresh.dataset.said);
    },
    failed: () => complain("No answer from the server just now. These are still the results from before."),
  });

  /** Whoever went to another page of the results begins at its top; whoever chose a filter stays beside it. */
  const bringIntoView = (stop) => {
    const list = found().querySelector(".browse-results");
    const { top, bottom } = list.getBoundingClientRect();
    if (stop !== null && top < 0 && (list.contains(stop) || bottom < innerHeight / 2)) list.scrollIntoView();
  };

  const options = { headers: { "X-Fragment": "results" } };

  onTyping(box, () => {
    if (asked() !== shown) results.askSoon(() => ({ address: asked(), options, isTyped: true }));
    else {
      results.cancel();
      say(found().dataset.said);
    }
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = asked();
    if (address !== settled) {
      // While one typed, the address of the moment took the place of the last search: it gets its entry back.
      history.replaceState(null, "", settled);
      history.pushState(null, "", address);
      settled = address;
    }
    results.ask({ address, options, isTyped: true });
    // On a phone the keyboard would cover what was found.
    if (matchMedia("(pointer: coarse)").matches) box.blur();
  });

  browse.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("#found a[href]") : null;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link === null || !isPlain || link.pathname !== location.pathname) return;
    event.preventDefault();
    const address = link.pathname + link.search;
    if (address !== here()) history.pushState(null, "", address);
    settled = address;
    box.value = wordsOf(address);
    results.ask({ address, options, holder: link, isFollowed: true });
  });

  addEventListener("popstate", () => {
    settled = here();
    box.value = wordsOf(here());
    if (here() !== shown) results.ask({ address: here(), options });
    else results.cancel();
  });

  browse.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    // The box, then the titles from top to bottom.
    const stops = [box, ...found().querySelectorAll(".hit-title a")];
    const at = stops.indexOf(event.target);
    if (at < 0) return;
    const steps = { ArrowDown: stops[at + 1], ArrowUp: stops[at - 1], Escape: at > 0 ? box : undefined };
    if (steps[event.key] !== undefined) {
      event.preventDefault();
      steps[event.key].focus();
    } else if (event.key === "Escape" && box.value !== "") {
      event.preventDefault();
      box.value = "";
      box.dispatchEvent(new Event("input"));
    }
  });
};

/* ---------- beside the form ---------- */

const liveSimilar = (panel) => {
  const form = panel.closest("form");
  const { title, symptom } = form.elements;
  const { say, complain } = voice(panel.querySelector("[role=status]"));
  const tickOf = (slug) => form.querySelector(`input[type=checkbox][name=patterns][value="${CSS.escape(slug)}"]`);

  /** What a log begins with tells enough; nobody waits for a megabyte. */
  const asked = () => ({
    address: panel.dataset.similar,
    options: {
      method: "POST",
      body: new URLSearchParams([
        ["title", title.value],
        ["symptom", symptom.value.slice(0, 20_000)],
        ...new FormData(form).getAll("patterns").map((slug) => ["patterns", slug]),
      ]),
    },
  });

  const similar = live({
    id: "similar-found",
    pause: 400,
    shown: (fresh) => say(fresh.dataset.said),
    failed: () => complain("Similar stories cannot be looked up just now. What you write is not touched by that."),
  });

  const askSoon = () => similar.askSoon(asked);
  for (const field of [title, symptom]) onTyping(field, askSoon);
  // A draft was put back: no field in particular.
  form.addEventListener("input", (event) => event.target === form && askSoon());

  panel.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[name=link_pattern]") : null;
    const tick = button === null ? null : tickOf(button.value);
    // A pattern that has no box here is for the server.
    if (tick === null) return;
    event.preventDefault();
    tick.checked = !tick.checked;
    tick.closest("details").open = true;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
    say(tick.checked ? "The pattern is linked" : "The pattern is no longer linked");
  });

  form.addEventListener("change", (event) => {
    if (event.target.name !== "patterns") return;
    for (const button of panel.querySelectorAll("button[name=link_pattern]")) {
      const isLinked = tickOf(button.value)?.checked ?? false;
      for (const words of button.querySelectorAll("[data-when]")) words.hidden = (words.dataset.when === "on") !== isLinked;
    }
  });

  panel.querySelector(".similar-ask").hidden = true;
  if (title.value !== "" || symptom.value !== "") similar.ask(asked());
};

const list = document.getElementById("browse-form");
if (list !== null) liveList(list);
const panel = document.querySelector("[data-similar]");
if (panel !== null) liveSimilar(panel);
