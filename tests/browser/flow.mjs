// The way through the program that everybody takes: match, read, write, find again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "./browser.mjs";
import { fill, longPaste, longProof, proof, proven, publish, seen, small, unheardOf } from "./library.mjs";

const loveholidays = /^\/stories\/loveholidays-/;
const path = (page) => new URL(page.url()).pathname;

/** The words are new with every call, so that no story is taken for another one. */
let stories = 0;
const newWord = () => `Quandrix${"abcdefghijklmnopqrstuvwxyz"[stories++]}el`;

/** Pastes evidence on the front page and waits for the answer. */
const match = async (page, evidence) => {
  await page.goto("/");
  await page.locator("#evidence").fill(evidence);
  await page.getByRole("button", { name: "Find known failures" }).click();
  await page.locator("#outcome").waitFor();
};

const firstMatch = (page) => page.locator(".results > li").first().getByRole("heading").getByRole("link");

const findsAStoryAndItsOwn = async (page) => {
  await match(page, seen);
  assert.match(await firstMatch(page).getAttribute("href"), loveholidays);
  await firstMatch(page).click();
  await page.waitForURL("**/stories/loveholidays-*");
  assert.match(await page.getByRole("heading", { level: 1 }).textContent(), /256/);

  const story = small(newWord());
  await page.getByRole("link", { name: "Write a postmortem" }).first().click();
  await page.waitForURL("**/stories/new");
  await fill(page, story);
  await page.getByRole("button", { name: "Publish" }).click();
  await page.waitForURL(/\/stories\/quandrix/);
  assert.equal((await page.getByRole("heading", { level: 1 }).textContent()).trim(), story.title);
  const own = path(page);

  const word = story.title.split(" ")[0];
  // A second is promised; a test shares its machine with others.
  await eventually(5_000, "the new story in the search", async () => {
    await page.goto(`/stories?q=${word}`);
    return (await page.locator(`a[href="${own}"]`).count()) > 0;
  });
  await match(page, `${word}stat says ${word}point rejected: ${word}guard engaged, ${word}matoes are blue`);
  assert.equal(await firstMatch(page).getAttribute("href"), own);
};

export const flowTests = (world) => {
  test("a pasted symptom finds the loveholidays story, and a postmortem of one's own is found soon after", async () => {
    const { page, troubles, close } = await world.open();
    await findsAStoryAndItsOwn(page);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("the same works with scripts off", async () => {
    const { page, troubles, close } = await world.open({ javaScriptEnabled: false });
    await findsAStoryAndItsOwn(page);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("the same works on a phone", async () => {
    const { page, close } = await world.open({ width: 390, height: 844, hasTouch: true, isMobile: true });
    await findsAStoryAndItsOwn(page);
    await close();
  });

  test("the answer to short evidence has an address that gives the same answer to somebody else", async () => {
    const one = await world.open();
    await match(one.page, seen);
    const address = one.page.url();
    assert.match(address, /\?.*256/);
    await one.close();
    const other = await world.open();
    await other.page.goto(address);
    assert.match(await firstMatch(other.page).getAttribute("href"), loveholidays);
    assert.equal(await other.page.locator("#evidence").inputValue(), seen);
    await other.close();
  });

  test("hundreds of lines of log find the story, and the lines that met it are marked", async () => {
    const { page, close } = await world.open();
    await match(page, longPaste());
    assert.match(await firstMatch(page).getAttribute("href"), loveholidays);
    assert.ok((await page.locator("mark", { hasText: "0/256" }).count()) > 0);
    await close();
  });

  test("a match shows why, the root cause and the first step without another click", async () => {
    const { page, close } = await world.open();
    await match(page, seen);
    const first = page.locator(".results > li").first();
    for (const words of ["A detection rule fired", "Root cause", "First step", "Same words"]) assert.ok(await first.getByText(words, { exact: true }).isVisible(), words);
    assert.ok((await page.locator("mark").count()) > 2);
    await close();
  });

  test("proof is marked in the evidence, can be gone to with the keyboard, and comes with the command to run next", async () => {
    const { page, context, troubles, close } = await world.open();
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: world.site.url });
    const own = await publish(world.site, proven);
    await eventually(5_000, "the rule fires", async () => {
      await match(page, longProof());
      return (await firstMatch(page).getAttribute("href")) === own;
    });
    const first = page.locator(".results > li").first();
    assert.ok(await first.getByText(proven.rules[0].name, { exact: true }).isVisible());
    assert.deepEqual(await page.locator(".is-fired .number").allTextContents(), ["58", "59"]);
    await first.locator(".proof .places a").first().focus();
    await page.keyboard.press("Enter");
    assert.match(page.url(), /#line-58$/);
    await page.waitForFunction(() => {
      const { top, bottom } = document.querySelector("#line-58").getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
    await page.locator(".next").getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), proven.checks[0].command);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("a short paste with a token gets no address, and the token is nowhere on its page", async () => {
    const { page, close } = await world.open();
    await match(page, proof);
    assert.equal(path(page), "/");
    assert.equal(new URL(page.url()).search, "");
    assert.doesNotMatch(await page.content(), /ghp_|mallory/);
    assert.match(await page.locator("#evidence").inputValue(), /Bearer \[token-1\]/);
    await close();
  });

  test("nothing known leads to a new story that has the evidence as its symptom", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, close } = await world.open({ javaScriptEnabled });
      await match(page, unheardOf);
      assert.equal(await page.locator("#outcome").textContent(), "Nothing known matches");
      await page.getByRole("button", { name: /Start a story/ }).click();
      await page.locator("#symptom").waitFor();
      assert.match(await page.locator("#symptom").inputValue(), new RegExp(unheardOf));
      await close();
    }
  });

  test("empty evidence is answered with what is expected, beside the box", async () => {
    const { page, close } = await world.open();
    await page.goto("/");
    await page.getByRole("button", { name: "Find known failures" }).click();
    await page.locator("#evidence-error").waitFor();
    assert.equal(await page.locator("#evidence").getAttribute("aria-invalid"), "true");
    await close();
  });

  test("filters narrow the stories, stay in the address, and can be taken back", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories");
    const all = await page.locator(".hit").count();
    await page.getByRole("navigation", { name: "Filters" }).getByRole("link", { name: /^security/i }).click();
    await page.waitForURL(/category=security/);
    await page.getByRole("link", { name: /\(remove\)/ }).waitFor();
    const fewer = await page.locator(".hit").count();
    assert.ok(fewer > 0 && fewer < all, `${fewer} of ${all}`);
    await page.getByRole("link", { name: /\(remove\)/ }).click();
    await page.waitForURL((url) => !url.search.includes("category"));
    // The address is there before the answer.
    await page.waitForFunction((count) => document.querySelectorAll(".hit").length === count, all);
    await close();
  });

  test("a copy button copies the whole rule and says so", async () => {
    const { page, context, close } = await world.open();
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: world.site.url });
    await page.goto("/stories/loveholidays-gke-pod-ip-exhaustion");
    const rule = page.locator(".rule").first();
    const button = rule.getByRole("button", { name: "Copy" });
    await button.click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.trim(), (await rule.locator("code").textContent()).trim());
    assert.match(copied, /nodes are available/);
    await close();
  });

  test("with scripts off no button is shown that would do nothing", async () => {
    const { page, close } = await world.open({ javaScriptEnabled: false });
    await page.goto("/stories/loveholidays-gke-pod-ip-exhaustion");
    assert.equal(await page.locator("[data-copy-target]:visible").count(), 0);
    await close();
  });
};
