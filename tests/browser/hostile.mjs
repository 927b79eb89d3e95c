// Text that is meant to harm its reader, in a real browser: two public corpora in every field of stories, and every page
// that shows them. A payload has won if a dialog opens, a script of its own runs, something is asked for that the page
// does not need, or an element comes to be that no template has.

import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually, open } from "./browser.mjs";
import { startWithSeed } from "./casebook.mjs";

/** So many strings go into one story. */
const share = 300;

/** The folder of the corpora: beside one of the folders that this file is in. */
const corpora = async () => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, "shared/data/security");
    if (await access(found).then(() => true, () => false)) return found;
  }
  return null;
};

const strings = async (folder) => {
  const naughty = JSON.parse(await readFile(join(folder, "blns.json"), "utf8"));
  const attacks = (await readFile(join(folder, "xss-payload-list.txt"), "utf8")).split("\n");
  return [...naughty, ...attacks].map((text) => text.replaceAll("\0", "")).filter((text) => text.trim());
};

/** As one line of at most so many characters, without what a line may not hold. */
const line = (text, most) => [...text.replace(/\p{Cc}/gu, " ")].slice(0, most).join("").trim() || "-";

/** As many as fit. */
const joined = (texts, most) => texts.reduce((sum, text) => (sum.length + text.length < most ? `${sum} ${text}` : sum), "");

/** At most 64 KiB of Markdown, each string in a paragraph of its own. */
const paragraphs = (texts) => {
  const whole = texts.join("\n\n");
  return Buffer.byteLength(whole) <= 65_000 ? whole : Buffer.from(whole).subarray(0, 64_000).toString("utf8").replace(/\uFFFD+$/, "");
};

/** A story with each of the strings in its texts, and in one or another of its lists. */
const storyOf = (texts, number) => {
  const some = (from, most) => texts.slice(from, from + 50).map((text) => line(text, most));
  const long = paragraphs(texts);
  return {
    title: line(`${number} ${joined(texts, 150)}`, 160),
    organization: line(joined(texts.slice(20), 120), 120),
    duration: line(texts[0], 100),
    category: "security",
    summary: long,
    symptom: long,
    root_cause: long,
    remediation: `1. ${long}`,
    impact: long,
    lessons: long,
    contributing_factors: some(0, 300),
    timeline: texts.slice(0, 250).map((text, minute) => ({ at: `T+${minute + 1}`, text: text.slice(0, 2000) })),
    action_items: some(50, 300).map((text, at) => ({ text, owner: line(texts[100 + at] ?? "x", 100) })),
    references: some(150, 300).map((title, at) => ({ kind: "report", title, url: `https://example.com/${number}/${at}` })),
    checks: some(200, 300).slice(0, 20).map((means, at) => ({ command: line(texts[220 + at] ?? "x", 300), means })),
    rules: some(240, 160).slice(0, 10).map((name, at) => ({ kind: "metric", name: `${at} ${line(name, 100)}`, text: `alert: A\nexpr: up{job="n${number}-${at}"} == 0\n` })),
    note: line(texts[1] ?? "x", 200),
  };
};

/** Submits a story; what its fields refuse is left out, and counted. */
const submit = async (site, story) => {
  let left = 0;
  for (;;) {
    const answer = await fetch(`${site.url}/api/v1/stories`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(story),
    });
    const said = await answer.json();
    if (answer.status === 201) return { slug: said.slug, left };
    assert.equal(answer.status, 422, JSON.stringify(said).slice(0, 300));
    const rows = said.errors.map(({ field }) => /^([a-z_]+)\[(\d+)\]/.exec(field)).filter(Boolean);
    assert.ok(rows.length > 0, JSON.stringify(said.errors).slice(0, 300));
    for (const list of new Set(rows.map(([, list]) => list))) {
      const refused = new Set(rows.filter((row) => row[1] === list).map((row) => Number(row[2])));
      left += refused.size;
      story[list] = story[list].filter((_, at) => !refused.has(at));
    }
  }
};

/** What is on a page that no template puts there. */
const intruders = (page) =>
  page.evaluate(() => {
    const found = [];
    const note = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
    const never = "iframe, frame, frameset, object, embed, base, applet, audio, video, svg, math, style, template, portal, marquee, body link, body meta, body title";
    for (const element of document.querySelectorAll(never)) note("element", element);
    for (const script of document.scripts) {
      if (script.textContent.trim() || !new URL(script.src, location.href).pathname.startsWith("/static/")) note("script", script);
    }
    // As the browser reads it, which passes over tabs and line ends.
    const runs = (value) => URL.canParse(value, document.baseURI) && ["javascript:", "data:", "vbscript:", "blob:"].includes(new URL(value, document.baseURI).protocol);
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on") || name === "style" || name === "srcdoc") note(name, element);
        if (["href", "src", "action", "formaction", "srcset", "poster", "background"].includes(name) && runs(value)) note(name, element);
      }
    }
    for (const element of document.querySelectorAll("img")) {
      if (new URL(element.src, location.href).origin !== location.origin) note("picture", element);
    }
    return found;
  });

/** Begins to note everything by which a payload could show that it won. */
const guarded = async (world, site) => {
  const { page, context, close } = await open(world.browser, site);
  const harm = [];
  context.on("page", (other) => other !== page && harm.push(`a window opened: ${other.url()}`));
  page.on("dialog", (dialog) => {
    harm.push(`${dialog.type()}: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on("pageerror", (error) => harm.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) harm.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const address = new URL(request.url());
    const isOurs = address.origin === site.url;
    const isNeeded = request.isNavigationRequest() || /^\/(static\/|favicon\.ico$|stories\/new\/similar$|stories$|drafts\/)/.test(address.pathname);
    if (!isOurs || !isNeeded) harm.push(`asked for ${request.method()} ${request.url().slice(0, 200)}`);
  });
  return { page, harm, close };
};

/** Looks at the page that is open. */
const look = async (page, harm, what, expected) => {
  for (const intruder of await intruders(page)) harm.push(intruder);
  if (expected && new URL(page.url()).pathname !== expected) harm.push(`led to ${page.url().slice(0, 200)}`);
  assert.deepEqual(harm.splice(0), [], what);
};

const visit = async (page, harm, path) => {
  await page.goto(path, { waitUntil: "load" });
  await look(page, harm, path, new URL(path, page.url()).pathname);
};

/** Presses a button that leads to another page of ours, and looks at that. */
const press = async (page, harm, button, what) => {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.locator(button).first().click()]);
  await look(page, harm, what);
};

/** Everything that shows one story; its form, which is by far the largest page, of some. */
const lookAtStory = async (page, harm, slug, number) => {
  const paths = [`/stories/${slug}`, `/stories/${slug}/revisions`, `/api/v1/stories/${slug}`];
  if (number % 4 === 0) paths.push(`/stories/${slug}/edit`);
  for (const path of paths) await visit(page, harm, path);
  return paths.length;
};

/** What would be missed if the check could not see. */
const planted = {
  script: "<script>1</scr" + "ipt>",
  frame: "<iframe></iframe>",
  drawing: "<svg></svg>",
  handler: "<p onclick='1'></p>",
  address: "<a href='java\tscript:1'></a>",
  picture: "<img src='https://example.com/x.png'>",
  style: "<p style='color:red'></p>",
};

/** The words of a story as new ones, previewed by the form that works without scripts, too. */
const preview = async (world, site, story) => {
  const { page, close } = await open(world.browser, site, { javaScriptEnabled: false });
  await page.goto("/stories/new");
  await page.locator("#title").fill(story.title);
  for (const field of ["summary", "symptom", "root_cause", "remediation"]) await page.locator(`[name=${field}]`).first().fill(story[field]);
  await Promise.all([page.waitForNavigation(), page.locator("#preview-button").click()]);
  const html = await page.content();
  await close();
  return html;
};

/** Pastes what is meant to harm, to be matched. */
const match = async (page, harm, text) => {
  await page.goto("/");
  await page.locator("#evidence").fill(text);
  await press(page, harm, "form:has(#evidence) button:not([type=button])", `match: ${text.slice(0, 60)}`);
};

export const hostileTests = (world) => {
  test("the search for what a payload brings finds each thing that it looks for", async () => {
    const context = await world.browser.newContext();
    const page = await context.newPage();
    for (const [what, html] of Object.entries(planted)) {
      await page.goto("about:blank");
      await page.evaluate((html) => document.body.append(document.createRange().createContextualFragment(html)), html);
      assert.notDeepEqual(await intruders(page), [], what);
    }
    await context.close();
  });

  test("what is meant to harm its reader comes to nothing in a real browser", { timeout: 900_000 }, async (t) => {
    const folder = await corpora();
    if (!folder) return t.skip("there is no shared/data/security beside this folder or above it");
    const all = await strings(folder);
    const site = await startWithSeed();
    t.after(() => site.stop());
    const stories = Array.from({ length: Math.ceil(all.length / share) }, (_, n) => storyOf(all.slice(n * share, (n + 1) * share), n));
    const { page, harm, close } = await guarded(world, site);
    let pages = 0;
    let left = 0;
    for (const [number, story] of stories.entries()) {
      const saved = await submit(site, story);
      left += saved.left;
      pages += await lookAtStory(page, harm, saved.slug, number);
    }
    await eventually(10_000, "all stories in the search", async () => {
      const found = await (await fetch(`${site.url}/api/v1/search?q=&limit=1`)).json();
      return found.total >= stories.length;
    });
    const lists = ["/stories", "/stories?page=2", "/stories?sort=title", "/patterns", "/rules", "/about"];
    for (const path of lists) {
      await visit(page, harm, path);
      pages += 1;
    }
    for (let at = 0; at < all.length; at += 193) {
      await visit(page, harm, `/stories?${new URLSearchParams({ q: all[at].slice(0, 200) })}`);
      await match(page, harm, all.slice(at, at + 193).join("\n"));
      pages += 2;
    }
    for (const story of stories.slice(0, 3)) assert.doesNotMatch(await preview(world, site, story), /<(script|iframe|svg)(?![^>]*src="\/static\/)[\s>]/i);
    await close();
    t.diagnostic(`${all.length} strings in ${stories.length} stories, ${left} rows refused by their fields; ${pages + 3} pages looked at`);
  });
};
