// Writing and changing stories: nothing that was typed is lost, whatever goes wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { certificate, fill, publish, small } from "./library.mjs";

let stories = 0;
const newWord = () => `Bexomar${"abcdefghijklmnopqrstuvwxyz"[stories++]}ix`;

/** Opens the part of the form in which a list is, where it is folded. */
const unfold = async (page, selector) => {
  const details = page.locator("details", { has: page.locator(selector) }).first();
  if (!(await details.evaluate((element) => element.open))) await details.locator("summary").first().click();
};

const rows = (page) => page.locator("[data-list=timeline] > .row");
const filledRows = async (page) => {
  const all = await page.locator("[name=timeline_text]").evaluateAll((fields) => fields.map((field) => field.value));
  return all.filter((text) => text !== "");
};

/** The form asks for similar stories meanwhile: only the page that comes back is the answer. */
const answerToSave = (page) =>
  page.waitForResponse((response) => response.request().method() === "POST" && response.request().isNavigationRequest());

const publishButton = (page) => page.locator("#save");

const addsAndRemovesRows = async (page) => {
  await page.goto("/stories/new");
  const story = small(newWord());
  await fill(page, story);
  await unfold(page, "[data-list=timeline]");
  const before = await rows(page).count();
  await page.locator("[name=timeline_at]").first().fill("2024-02-01T10:00Z");
  await page.locator("[name=timeline_text]").first().fill("The first thing happened.");
  await page.locator("#add-timeline").click();
  await page.waitForFunction((count) => document.querySelectorAll("[data-list=timeline] > .row").length > count, before).catch(() => {});
  assert.equal(await rows(page).count(), before + 1);
  await page.locator("[name=timeline_at]").last().fill("2024-02-01T11:00Z");
  await page.locator("[name=timeline_text]").last().fill("The last thing happened.");
  await page.getByRole("button", { name: "Remove timeline row 1" }).click();
  await page.waitForFunction((count) => document.querySelectorAll("[data-list=timeline] > .row").length === count, before).catch(() => {});
  assert.deepEqual(await filledRows(page), ["The last thing happened."]);
  assert.equal(await page.locator("#title").inputValue(), story.title, "the rest of the form stays");
  await publishButton(page).click();
  await page.waitForURL(/\/stories\/bexomar/);
  const told = page.locator(".timeline-row");
  assert.equal(await told.count(), 1);
  assert.match(await told.textContent(), /The last thing happened\./);
};

export const formTests = (world) => {
  test("rows of the timeline are added and removed", async () => {
    const { page, troubles, close } = await world.open();
    await addsAndRemovesRows(page);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("rows of the timeline are added and removed with scripts off", async () => {
    const { page, close } = await world.open({ javaScriptEnabled: false });
    await addsAndRemovesRows(page);
    await close();
  });

  test("a new row takes the focus", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories/new");
    await unfold(page, "[data-list=references]");
    await page.locator("#add-references").click();
    assert.ok(await page.evaluate(() => document.activeElement.closest("[data-list=references] > .row:last-child") !== null));
    await close();
  });

  for (const javaScriptEnabled of [true, false]) {
    test(`a field that is not right keeps the input and moves the focus to the summary${javaScriptEnabled ? "" : " with scripts off"}`, async () => {
      const { page, close } = await world.open({ javaScriptEnabled });
      await page.goto("/stories/new");
      const story = small(newWord());
      await fill(page, { ...story, title: "" });
      await unfold(page, "#started_at");
      await page.locator("#started_at").fill("last Friday");
      const answer = answerToSave(page);
      await publishButton(page).click();
      assert.equal((await answer).status(), 422);
      const summary = page.locator("#complaints");
      await summary.waitFor();
      assert.match(await page.title(), /^Error: /);
      assert.equal(await page.evaluate(() => document.activeElement.id).catch(() => "complaints"), "complaints");
      assert.equal(await page.locator("#summary").inputValue(), story.summary);
      assert.equal(await page.locator("#remediation").inputValue(), story.remediation);
      assert.equal(await page.locator("#category").inputValue(), story.category);
      assert.equal(await page.locator("#started_at").inputValue(), "last Friday");
      assert.ok(await page.locator("#started_at").isVisible(), "the part that holds the fault is open");
      assert.equal(await summary.getByRole("link").count(), 2);
      await summary.getByRole("link").last().click();
      assert.match(page.url(), /#started_at$/);
      const described = await page.locator("#started_at").getAttribute("aria-describedby");
      assert.ok(described.split(" ").includes("started_at-complaint"), "the same words stand beside the field");
      await close();
    });
  }

  test("the preview shows the story as it will be and saves nothing", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, troubles, close } = await world.open({ javaScriptEnabled });
      await page.goto("/stories/new");
      await fill(page, { title: certificate.title, symptom: "It **stopped**.\n\n<script>alert(1)</script>" });
      await page.locator("#preview-button").click();
      const preview = page.locator("#preview");
      await preview.waitFor();
      assert.equal(await preview.locator("strong").textContent(), "stopped");
      assert.equal(await preview.locator("script").count(), 0);
      assert.equal(await preview.getByRole("heading", { name: "Timeline" }).count(), 0, "what is empty is left out");
      assert.equal(await page.locator("#title").inputValue(), certificate.title);
      assert.deepEqual(troubles, []);
      await close();
    }
  });

  test("a story that is already here is shown before another one like it is published", async () => {
    const { page, close } = await world.open();
    const story = small(newWord());
    const path = await publish(world.site, story);
    await page.goto("/stories/new");
    // The index follows within a second.
    await page.waitForTimeout(1_000);
    await fill(page, story);
    await publishButton(page).click();
    const similar = page.locator("#similar");
    await similar.waitFor();
    assert.ok(await similar.locator(`a[href$="${path}"]`).isVisible());
    assert.equal(await page.locator("#title").inputValue(), story.title);
    await page.getByRole("button", { name: "Publish anyway" }).first().click();
    await page.waitForURL(/\/stories\/bexomar[^?]*-2/);
    await close();
  });

  test("a form sent twice publishes one story", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories/new");
    const story = small(newWord());
    await fill(page, story);
    await publishButton(page).dblclick();
    await page.waitForURL(/\/stories\/bexomar/);
    await page.waitForTimeout(1_000);
    await page.goto(`/stories?q=${story.title.split(" ")[0]}`);
    assert.equal(await page.locator(".hit").count(), 1);
    await close();
  });

  test("a stale save is a conflict that shows both versions and loses neither", async () => {
    const path = await publish(world.site, small(newWord()));
    const { page, context, close } = await world.open();
    await page.goto(`${path}/edit`);
    const other = await context.newPage();
    await other.goto(`${path}/edit`);
    await other.locator("#remediation").fill("1. Theirs: removed the frost guard.");
    await publishButton(other).click();
    await other.waitForURL((url) => url.pathname === path);
    await page.locator("#remediation").fill("1. Mine: replaced the firmware.");
    const answer = answerToSave(page);
    await publishButton(page).click();
    assert.equal((await answer).status(), 409);
    const conflict = page.locator("#conflict");
    await conflict.waitFor();
    const sides = page.locator("#contest-remediation .contest-text");
    assert.match(await sides.first().textContent(), /Theirs/);
    assert.match(await sides.last().textContent(), /Mine/);
    assert.equal(
      await page.locator("#remediation").inputValue(),
      "1. Theirs: removed the frost guard.\n\n1. Mine: replaced the firmware.",
    );
    await publishButton(page).click();
    await page.waitForURL((url) => url.pathname === path);
    assert.match(await page.locator("main").textContent(), /Mine: replaced the firmware/);
    await page.goto(`${path}/revisions`);
    assert.equal(await page.locator(".revision-list > li").count(), 3);
    await close();
  });

  test("two revisions are compared word by word", async () => {
    const path = await publish(world.site, small(newWord()));
    const { page, close } = await world.open();
    await page.goto(`${path}/edit`);
    await page.locator("#root_cause").fill("A frost guard compared Celsius with Kelvin.");
    await page.locator("#note").fill("It was Kelvin");
    await publishButton(page).click();
    await page.waitForURL((url) => url.pathname === path);
    await page.getByRole("link", { name: "History" }).click();
    await page.getByRole("button", { name: "Compare the two chosen" }).click();
    await page.waitForURL(/revisions\/1\.\.2/);
    const field = page.locator("#diff-root_cause, #diff-root-cause").first();
    assert.match(await field.locator("del", { hasText: "Fahrenheit" }).first().textContent(), /Fahrenheit/);
    assert.match(await field.locator("ins", { hasText: "Kelvin" }).first().textContent(), /Kelvin/);
    await close();
  });
};
