// Every page in every state worth looking at: the same list is walked by the tests of the whole site and by the pictures.

import { certificate, fill, fillRule, longPaste, longProof, mixed, proof, proven, publish, seen, similar, small, strains, unheardOf } from "./library.mjs";

const go = (path) => async (page) => {
  await page.goto(path);
};

const match = (evidence) => async (page) => {
  await page.goto("/");
  await page.locator("#evidence").fill(evidence);
  await Promise.all([page.waitForURL(() => true), page.getByRole("button", { name: "Find known failures" }).click()]);
  await page.locator("#outcome").waitFor();
};

/** Saves the story that is open in the form. */
const save = async (page) => {
  await page.locator("#save").click();
  await page.waitForLoadState();
};

/** Writes the stories that the states need. */
const prepare = async (site, openPage) => {
  const known = { certificate: await publish(site, certificate), small: await publish(site, small("Quorvex")) };
  known.proven = await publish(site, proven);
  for (const [name, story] of Object.entries(strains)) known[name] = await publish(site, story);
  const { page, close } = await openPage();
  for (const [change, note] of [
    [(summary) => summary.replace("74 minutes", "74 minutes and one very long phone call"), "The phone call belongs to the story"],
    [(summary) => summary.replace("Every call between services failed", "Calls between most services failed"), "Not every one: batch jobs went on"],
  ]) {
    await page.goto(`${known.certificate}/edit`);
    await page.locator("#summary").fill(change(await page.locator("#summary").inputValue()));
    await page.locator("#note").fill(note);
    await save(page);
  }
  await close();
  return known;
};

const loveholidays = "/stories/loveholidays-gke-pod-ip-exhaustion";

/** Every state: a name for the test and the picture, the status, and how one gets there. */
const states = (known) => [
  { name: "match-empty", visit: go("/") },
  { name: "match-results", visit: match(seen) },
  { name: "match-long-paste", visit: match(longPaste()) },
  { name: "match-proven", visit: match(proof) },
  { name: "match-proven-long", visit: match(longProof()) },
  { name: "match-mixed", visit: match(mixed) },
  { name: "match-nothing-known", visit: match(unheardOf) },
  { name: "match-nothing-given", status: 422, visit: async (page) => {
      await page.goto("/");
      await page.getByRole("button", { name: "Find known failures" }).click();
      await page.waitForLoadState();
    } },
  { name: "stories", visit: go("/stories") },
  { name: "stories-filtered", visit: go("/stories?q=nodes&technology=kubernetes&category=capacity") },
  { name: "stories-filters-open", visit: async (page) => {
      await page.goto("/stories?technology=kubernetes");
      const summary = page.locator("details.facets > summary");
      if (await summary.isVisible()) await summary.click();
    } },
  { name: "stories-nothing-found", visit: go("/stories?q=qwertzuiopblorft&category=storage") },
  { name: "stories-typing", visit: async (page) => {
      await page.goto("/stories");
      await page.locator("#browse-query").pressSequentially("kubernetes nod");
      await page.waitForURL(/q=kubernetes\+nod$/);
    } },
  { name: "stories-typing-filtered", visit: async (page) => {
      await page.goto("/stories?technology=kubernetes");
      await page.locator("#browse-query").pressSequentially("addresses");
      await page.waitForURL(/q=addresses/);
      await page.keyboard.press("ArrowDown");
    } },
  { name: "stories-typing-nothing", visit: async (page) => {
      await page.goto("/stories");
      await page.locator("#browse-query").pressSequentially("qwertzuiopblorft");
      await page.waitForURL(/q=qwertzuiopblorft$/);
    } },
  { name: "patterns", visit: go("/patterns") },
  { name: "patterns-found", visit: go("/patterns?q=addresses") },
  { name: "story", visit: go(loveholidays) },
  { name: "story-of-ones-own", visit: go(known.certificate) },
  { name: "story-just-saved", visit: go(`${known.small}?saved=1`) },
  { name: "story-without-end", visit: go(known["a-word-without-end"]) },
  { name: "story-arabic", visit: go(known.arabic) },
  { name: "story-chinese", visit: go(known.chinese) },
  { name: "story-earlier", visit: go(`${known.certificate}/revisions/1`) },
  { name: "pattern", visit: go("/patterns/pod-ip-range-exhausted") },
  { name: "revisions", visit: go(`${known.certificate}/revisions`) },
  { name: "revisions-one", visit: go(`${known.small}/revisions`) },
  { name: "diff", visit: go(`${known.certificate}/revisions/1..3`) },
  { name: "form-new", visit: go("/stories/new") },
  { name: "form-started", visit: async (page) => {
      await match(unheardOf)(page);
      await page.getByRole("button", { name: /Start a story/ }).click();
      await page.locator("#symptom").waitFor();
    } },
  { name: "form-similar", visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, { title: similar.title, symptom: similar.symptom });
      await page.locator(".similar-list li").first().waitFor();
      await page.getByRole("button", { name: "Link this pattern" }).first().click();
    } },
  { name: "form-similar-none", visit: async (page) => {
      await page.goto("/stories/new");
      await page.locator("#title").fill(unheardOf);
      await page.getByText("Nothing like this is here yet.").waitFor();
    } },
  { name: "form-errors", status: 422, visit: async (page) => {
      await page.goto("/stories/new");
      await page.locator("#title").fill("A story with things that are not right yet");
      await page.locator("#symptom").fill("Something was slow.");
      const when = page.locator("details", { has: page.locator("#started_at") });
      await when.locator("summary").click();
      await page.locator("#started_at").fill("last Friday");
      await save(page);
    } },
  { name: "form-duplicate", status: 409, visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, small("Quorvex"));
      await save(page);
      await page.locator("#similar").waitFor();
    } },
  { name: "form-preview", visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, { title: certificate.title, summary: certificate.summary, symptom: certificate.symptom, root_cause: certificate.root_cause });
      await page.locator("#preview-button").click();
      await page.locator("#preview").waitFor();
    } },
  { name: "form-rules", visit: async (page) => {
      await page.goto("/stories/new");
      await fillRule(page, certificate.rules[0]);
    } },
  { name: "form-rules-tried", visit: async (page) => {
      await page.goto("/stories/new");
      const rule = certificate.rules[0];
      await fillRule(page, { ...rule, text: rule.text.replace(/ {2}window: 30s\n| {6}count: 3\n/g, "") });
      await page.locator("#try-button").click();
      await page.locator("#trial").waitFor();
    } },
  { name: "form-rules-refused", status: 422, visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, small("Prandovex"));
      const rule = certificate.rules[0];
      await fillRule(page, { ...rule, text: rule.text.replace(/ {2}window: 30s\n| {6}count: 3\n/g, "") });
      await save(page);
      await page.locator("#complaints").waitFor();
    } },
  { name: "form-rules-secret", status: 409, visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, small("Drindovex"));
      await fillRule(page, { ...certificate.rules[0], fires_on: ["login failed for mallory, password=Tr0ub4dor-and-three"] });
      await save(page);
      await page.locator("#secrets").waitFor();
    } },
  { name: "edit-reaches-further", status: 409, visit: async (page) => {
      await page.goto(`${known.proven}/edit`);
      await page.locator("#rules-0-text").fill("set:\n  match:\n    - value: answered by another instance of payment\n");
      await save(page);
      await page.locator("#blast").waitFor();
    } },
  { name: "edit", visit: go(`${known.certificate}/edit`) },
  { name: "edit-without-end", visit: go(`${known["a-word-without-end"]}/edit`) },
  { name: "conflict", status: 409, visit: async (page) => {
      await page.goto(`${known.arabic}/edit`);
      await page.locator("#technologies").fill("postgresql, patroni");
      const other = await page.context().newPage();
      await other.goto(`${known.arabic}/edit`);
      await other.locator("#severity").selectOption((await other.locator("#severity").inputValue()) === "sev2" ? "sev1" : "sev2");
      await save(other);
      await other.close();
      await page.locator("#remediation").fill("1. تم توسيع القرص إلى 900 GiB.\n2. أضيف تنبيه عند امتلاء 80% من القرص.");
      await save(page);
      await page.locator("#conflict").waitFor();
    } },
  { name: "conflict-contested", status: 409, visit: async (page) => {
      await page.goto(`${known.certificate}/edit`);
      const other = await page.context().newPage();
      await other.goto(`${known.certificate}/edit`);
      const lessons = await other.locator("#lessons").inputValue();
      await other.locator("#lessons").fill(`${lessons}\n- Theirs ${Date.now()}: the runbook named the right command.`);
      await other.locator("#severity").selectOption((await other.locator("#severity").inputValue()) === "sev2" ? "sev1" : "sev2");
      await save(other);
      await other.close();
      await page.locator("#lessons").fill(`${lessons}\n- Mine: nobody had tried the restart before.`);
      await page.locator("#severity").selectOption("sev3");
      await save(page);
      await page.locator("#conflict").waitFor();
    } },
  { name: "drafts", visit: async (page) => {
      for (const title of ["Deployments hang after the node pool was upgraded", ""]) {
        await page.goto("/stories/new");
        await page.locator("#title").fill(title);
        await page.locator("#save-draft").click();
        await page.waitForURL(/\/drafts\//);
      }
      await page.goto("/drafts");
    } },
  { name: "draft-in-review", visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, small("Ulvexin"));
      await page.locator("#hand-in").click();
      await page.waitForURL(/\/drafts\//);
    } },
  { name: "about", visit: go("/about") },
  { name: "not-found", status: 404, visit: go("/stories/no-such-story") },
  { name: "not-a-page", status: 404, visit: go("/nowhere") },
];

/** What those see whose browser runs no scripts, where that is something else. */
const withoutScripts = [
  { name: "stories-scripts-off", visit: async (page) => {
      await page.goto("/stories?technology=kubernetes");
      await page.locator("#browse-query").fill("addresses");
      await page.keyboard.press("Enter");
      await page.waitForURL(/q=addresses/);
    } },
  { name: "form-scripts-off", visit: go("/stories/new") },
  { name: "form-similar-scripts-off", visit: async (page) => {
      await page.goto("/stories/new");
      await fill(page, { title: similar.title, symptom: similar.symptom });
      await page.getByRole("button", { name: "Find similar stories" }).click();
      await page.locator(".similar-list li").first().waitFor();
    } },
];

/** What a server shows that accepts nothing. */
const readOnly = [
  { name: "read-only-refused", status: 403, visit: go("/stories/new") },
  { name: "read-only-match", visit: match(unheardOf) },
  { name: "read-only-story", visit: go(loveholidays) },
];

export { prepare, readOnly, states, withoutScripts };
