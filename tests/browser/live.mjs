// What changes while one types: results, and the stories that resemble the one being written.

import assert from "node:assert/strict";
import { test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { eventually } from "./browser.mjs";
import { fill, similar, small, unheardOf } from "./library.mjs";

const box = (page) => page.locator("#browse-query");
const titles = (page) => page.locator(".hit-title a");
const address = (page) => new URL(page.url()).pathname + new URL(page.url()).search;
const focusedHref = (page) => page.evaluate(() => document.activeElement.getAttribute("href"));
const focusedId = (page) => page.evaluate(() => document.activeElement.id);

/** Waits until the page has this address, and shows what it asks for. */
const shows = (page, wanted) => {
  const asked = new URL(wanted, "http://localhost").searchParams;
  const words = asked.get("q");
  const filters = [...asked.keys()].filter((name) => !["q", "sort", "page"].includes(name)).length;
  return eventually(10_000, `the results of ${wanted}`, async () => {
    if (address(page) !== wanted || (await page.locator(".chip").count()) !== filters) return false;
    return (await page.title()).startsWith(words === null ? "Stories" : `${words} – `);
  });
};

/** Waits until the list shows so many results. */
const counts = (page, words) => page.locator(".results-total strong", { hasText: new RegExp(`^${words}$`) }).waitFor();

/** Holds answers back: each request for a part of a page waits until it is let go, or fails. */
const holdBack = async (page, pattern) => {
  const held = [];
  await page.route(pattern, async (route) => {
    if (route.request().isNavigationRequest()) return route.continue();
    const decision = await new Promise((decide) => held.push({ url: decodeURIComponent(route.request().url()), decide }));
    // A question that was dropped takes no answer any more.
    return (decision === "fail" ? route.abort("failed") : route.continue()).catch(() => {});
  });
  return {
    /** The request whose address has these words, once it is there. */
    asked: async (words) => {
      let found;
      await eventually(10_000, `a question with ${words}`, () => (found = held.find(({ url }) => url.includes(words))) !== undefined);
      return found;
    },
    count: () => held.length,
  };
};

export const listTests = (world) => {
  test("results, address and title follow what is typed, and focus and caret stay where they are", async () => {
    const { page, troubles, close } = await world.open();
    await page.goto("/stories");
    const entries = await page.evaluate(() => history.length);
    await page.evaluate(() => (window.isTheSamePage = true));
    await box(page).pressSequentially("webhok");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("o");
    await shows(page, "/stories?q=webhook");
    await counts(page, "1 story");
    assert.match(await titles(page).first().textContent(), /webhook/);
    assert.equal(await page.title(), "webhook – Stories – Casebook");
    assert.equal(await focusedId(page), "browse-query");
    assert.equal(await box(page).evaluate((input) => input.selectionStart), 6);
    assert.equal(await page.evaluate(() => history.length), entries, "typing leaves no trail of entries");
    assert.ok(await page.evaluate(() => window.isTheSamePage), "the page is not loaded again");
    await box(page).fill("");
    await shows(page, "/stories");
    await counts(page, "[0-9]+ stories");
    assert.deepEqual(troubles, []);
    await close();
  });

  test("chosen filters hold while one types", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories?technology=gke&sort=title");
    await box(page).pressSequentially("webhook");
    await shows(page, "/stories?q=webhook&technology=gke&sort=title");
    assert.equal(await page.locator(".chip").count(), 1);
    await close();
  });

  test("an answer that comes late never takes the place of a newer one", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories");
    const answers = await holdBack(page, "**/stories?q=*");
    await box(page).pressSequentially("redis");
    const old = await answers.asked("q=redis");
    await box(page).fill("webhook");
    const newest = await answers.asked("q=webhook");
    newest.decide("answer");
    await shows(page, "/stories?q=webhook");
    await counts(page, "1 story");
    const shown = await titles(page).first().getAttribute("href");
    old.decide("answer");
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    assert.equal(address(page), "/stories?q=webhook");
    assert.equal(await titles(page).first().getAttribute("href"), shown);
    // What is asked and taken back changes nothing either.
    await box(page).fill("webhook miner");
    const dropped = await answers.asked("miner");
    await box(page).fill("webhook");
    dropped.decide("answer");
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    assert.equal(address(page), "/stories?q=webhook");
    assert.equal(await titles(page).first().getAttribute("href"), shown);
    await close();
  });

  test("one who waits for long sees that the results are on their way", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories");
    const answers = await holdBack(page, "**/stories?q=*");
    await box(page).pressSequentially("webhook");
    const question = await answers.asked("q=webhook");
    await page.locator("#found.is-waiting").waitFor();
    assert.ok((await titles(page).count()) > 1, "the old results stay meanwhile");
    question.decide("answer");
    await counts(page, "1 story");
    assert.equal(await page.locator(".is-waiting").count(), 0);
    await close();
  });

  test("Back and Forward lead through searches that were sent and filters that were chosen", async () => {
    const { page, troubles, close } = await world.open();
    await page.goto("/stories");
    await box(page).pressSequentially("webhook");
    await page.keyboard.press("Enter");
    await shows(page, "/stories?q=webhook");
    await box(page).fill("nodes");
    await shows(page, "/stories?q=nodes");
    await page.keyboard.press("Enter");
    await page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: /^security/i }).click();
    await shows(page, "/stories?q=nodes&category=security");
    await counts(page, "1 story");
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Security/, "the focus stays on the filter");

    await page.goBack();
    await shows(page, "/stories?q=nodes");
    await page.goBack();
    await shows(page, "/stories?q=webhook");
    assert.equal(await box(page).inputValue(), "webhook");
    assert.equal(await page.title(), "webhook – Stories – Casebook");
    await page.goBack();
    await shows(page, "/stories");
    assert.equal(await box(page).inputValue(), "");
    await page.goForward();
    await shows(page, "/stories?q=webhook");
    assert.equal(await box(page).inputValue(), "webhook");
    assert.deepEqual(troubles, []);
    await close();
  });

  test("Back from a story leads to what was typed, on a whole page", async () => {
    const { page, close } = await world.open();
    await page.goto("/about");
    await page.goto("/stories");
    await box(page).pressSequentially("webhook");
    await counts(page, "1 story");
    await titles(page).first().click();
    await page.waitForURL(/jetstack/);
    await page.goBack();
    await shows(page, "/stories?q=webhook");
    await counts(page, "1 story");
    assert.equal(await box(page).inputValue(), "webhook");
    assert.equal(await page.locator("h1").textContent(), "Stories");
    await page.goBack();
    await page.waitForURL(/about/);
    await close();
  });

  test("what was found is told in a few words, once, when it has settled", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories");
    assert.equal(await page.locator("main [role=status], main [aria-live]").count(), 1);
    const said = page.locator("#browse-said");
    await page.evaluate(() => {
      window.told = [];
      new MutationObserver(() => window.told.push(document.getElementById("browse-said").textContent)).observe(document.getElementById("browse-said"), { childList: true });
    });
    await box(page).pressSequentially("webhook");
    await said.filter({ hasText: /^1 story$/ }).waitFor({ state: "attached" });
    await box(page).fill("qwertzuiopblorft");
    await said.filter({ hasText: /^Nothing found$/ }).waitFor({ state: "attached" });
    const told = await page.evaluate(() => window.told);
    assert.equal(told.at(-1), "Nothing found");
    await close();
  });

  test("arrows lead through the results, Enter opens, Esc returns to the box and clears it", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories");
    await page.keyboard.press("/");
    await page.keyboard.type("kubernetes");
    await shows(page, "/stories?q=kubernetes");
    const found = await titles(page).evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    assert.ok(found.length > 2);
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedHref(page), found[0]);
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedHref(page), found[1]);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.equal(await focusedId(page), "browse-query");
    for (const _ of found) await page.keyboard.press("ArrowDown");
    assert.equal(await focusedHref(page), found.at(-1));
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedHref(page), found.at(-1), "the last one is the end");
    await page.keyboard.press("Escape");
    assert.equal(await focusedId(page), "browse-query");
    await page.keyboard.press("Escape");
    assert.equal(await box(page).inputValue(), "");
    assert.equal(await focusedId(page), "browse-query");
    await shows(page, "/stories");
    await page.keyboard.press("Escape");
    assert.notEqual(await focusedId(page), "browse-query", "from the empty box it leads away");
    await page.keyboard.press("/");
    await page.keyboard.type("webhook");
    await counts(page, "1 story");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/jetstack/);
    await close();
  });

  test("the list of keys tells of the arrows", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories");
    await page.keyboard.press("?");
    assert.ok(await page.getByRole("dialog", { name: "Keys" }).getByText("↓").isVisible());
    await close();
  });

  test("without an answer the old results stay, the page says so, and the next letter tries again", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories?q=webhook");
    const before = await titles(page).first().getAttribute("href");
    const answers = await holdBack(page, "**/stories?q=*");
    await box(page).fill("redis");
    (await answers.asked("q=redis")).decide("fail");
    await page.getByText("No answer from the server just now.").waitFor();
    assert.equal(await titles(page).first().getAttribute("href"), before);
    assert.equal(address(page), "/stories?q=webhook");
    assert.deepEqual((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id), []);
    await box(page).fill("miner");
    (await answers.asked("q=miner")).decide("answer");
    await shows(page, "/stories?q=miner");
    await page.getByText("No answer from the server just now.").waitFor({ state: "hidden" });
    await close();
  });

  test("a server that is busy is one that does not answer", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories?q=webhook");
    await page.route("**/stories?q=redis", (route) => route.fulfill({ status: 503, contentType: "text/html", body: "<div id=found>" }));
    await box(page).fill("redis");
    await page.getByText("No answer from the server just now.").waitFor();
    assert.equal(await titles(page).count(), 1);
    await close();
  });

  test("on a phone the results follow too, and Enter takes the keyboard away", async () => {
    const { page, close } = await world.open({ width: 390, height: 844, hasTouch: true, isMobile: true });
    await page.goto("/stories");
    await box(page).tap();
    await page.keyboard.type("webhook");
    await counts(page, "1 story");
    assert.equal(await focusedId(page), "browse-query");
    await page.keyboard.press("Enter");
    assert.notEqual(await focusedId(page), "browse-query");
    // Filters that are open stay open while they are chosen from.
    await box(page).fill("");
    await shows(page, "/stories");
    await page.locator("#facets > summary").tap();
    await page.locator(".facet-option", { hasText: "Capacity" }).tap();
    await shows(page, "/stories?category=capacity");
    assert.ok(await page.locator("#facets").evaluate((details) => details.open));
    await close();
  });

  test("with scripts off Enter finds the same", async () => {
    const { page, troubles, close } = await world.open({ javaScriptEnabled: false });
    await page.goto("/stories?technology=gke");
    await box(page).fill("webhook");
    await box(page).press("Enter");
    await page.waitForURL(/q=webhook/);
    assert.equal(address(page), "/stories?q=webhook&technology=gke");
    assert.equal(await titles(page).count(), 1);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("one page has one box that searches stories", async () => {
    const { page, close } = await world.open();
    for (const path of ["/stories", "/stories?q=webhook"]) {
      await page.goto(path);
      assert.equal(await page.locator("form[action='/stories'] input[type=search]:visible").count(), 1);
    }
    await page.goto("/about");
    await page.locator("#site-search").fill("webhook");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/stories\?q=webhook$/);
    assert.equal(await box(page).inputValue(), "webhook");
    await close();
  });
};

export const similarTests = (world) => {
  const found = (page) => page.locator("#similar-stories .similar-list li > a");

  test("similar stories show up beside the form while one types, and open in a page of their own", async () => {
    const { page, context, troubles, close } = await world.open();
    await page.goto("/stories/new");
    assert.ok(await page.getByRole("button", { name: "Find similar stories" }).isHidden());
    await page.locator("#title").pressSequentially(similar.title);
    await found(page).first().waitFor();
    assert.equal(await focusedId(page), "title");
    await page.locator("#symptom").fill(similar.symptom);
    await page.locator("#similar-stories [role=status]", { hasText: "similar stor" }).waitFor({ state: "attached" });
    const story = page.locator("#similar-stories a[href*=loveholidays]");
    const [other] = await Promise.all([context.waitForEvent("page"), story.click()]);
    await other.waitForURL(/loveholidays/);
    assert.equal(await page.locator("#title").inputValue(), similar.title);
    await page.locator("#title").fill("");
    await page.locator("#symptom").fill(unheardOf);
    await page.getByText("Nothing like this is here yet.").waitFor();
    assert.deepEqual(troubles, []);
    await close();
  });

  test("a pattern of a similar story is linked with one click, and unlinked with another", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories/new");
    await fill(page, similar);
    const tick = page.locator("input[name=patterns][value=pod-ip-range-exhausted]");
    await page.getByRole("button", { name: "Link this pattern" }).first().click();
    assert.ok(await tick.isChecked());
    assert.ok(await tick.isVisible(), "one sees where it is ticked");
    await page.getByRole("button", { name: "✓ Linked, undo" }).first().click();
    assert.ok(!(await tick.isChecked()));
    await tick.check();
    await page.getByRole("button", { name: "✓ Linked, undo" }).first().waitFor();
    await close();
  });

  test("similar stories that cannot be looked up are no obstacle, and are tried again", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories/new");
    const answers = await holdBack(page, "**/stories/new/similar");
    await page.locator("#title").fill(similar.title);
    (await answers.asked("similar")).decide("fail");
    await page.getByText("Similar stories cannot be looked up just now.").waitFor();
    assert.equal(await page.locator("#title").inputValue(), similar.title);
    await page.unroute("**/stories/new/similar");
    await page.locator("#symptom").fill(similar.symptom);
    await found(page).first().waitFor();
    await page.getByText("Similar stories cannot be looked up just now.").waitFor({ state: "hidden" });
    await close();
  });

  test("a draft that is gone on with is compared again", async () => {
    const { page, context, close } = await world.open();
    await page.goto("/stories/new");
    await fill(page, similar);
    await page.locator("#draft-status", { hasText: /Draft saved/ }).waitFor();
    await page.close();
    const again = await context.newPage();
    await again.goto("/stories/new");
    await again.getByRole("link", { name: "Go on with it" }).click();
    await found(again).first().waitFor();
    await close();
  });

  test("with scripts off a button finds similar stories, links a pattern, and loses nothing", async () => {
    const { page, close } = await world.open({ javaScriptEnabled: false });
    await page.goto("/stories/new");
    const story = { ...small("Pelandor"), ...similar };
    await fill(page, story);
    await page.getByRole("button", { name: "Find similar stories" }).click();
    await found(page).first().waitFor();
    await page.getByRole("button", { name: "Link this pattern" }).first().click();
    await page.getByRole("button", { name: "✓ Linked, undo" }).first().waitFor();
    assert.ok(await page.locator("input[name=patterns][value=pod-ip-range-exhausted]").isChecked());
    for (const [name, value] of Object.entries(story)) assert.equal(await page.locator(`#${name}`).inputValue(), value, name);
    await close();
  });
};
