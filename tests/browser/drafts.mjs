// What is being written outlives the tab in which it is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, small } from "./library.mjs";

const kept = (page) => page.locator("#draft-status", { hasText: /Draft kept/ }).waitFor();
const offer = (page) => page.getByRole("region", { name: "A draft" });

export const draftTests = (world) => {
  test("a draft survives closing the tab, rows included", async () => {
    const { page, context, close } = await world.open();
    const story = small("Uvantrel");
    await page.goto("/stories/new");
    await fill(page, story);
    await page.locator("details", { has: page.locator("[data-list=timeline]") }).locator("summary").first().click();
    await page.locator("[name=timeline_at]").first().fill("Friday evening");
    await page.locator("[name=timeline_text]").first().fill("First.");
    await page.locator("#add-timeline").click();
    await page.locator("[name=timeline_at]").last().fill("T+20 min");
    await page.locator("[name=timeline_text]").last().fill("Second.");
    await kept(page);
    await page.close();

    const again = await context.newPage();
    await again.goto("/stories/new");
    assert.equal(await again.locator("#title").inputValue(), "", "nothing is put into the form unasked");
    await offer(again).getByRole("button", { name: "Restore it" }).click();
    for (const [name, value] of Object.entries(story)) assert.equal(await again.locator(`#${name}`).inputValue(), value, name);
    assert.deepEqual(
      await again.locator("[name=timeline_text]").evaluateAll((fields) => fields.map((field) => field.value).filter(Boolean)),
      ["First.", "Second."],
    );
    await again.locator("#save").click();
    await again.waitForURL(/\/stories\/uvantrel/);
    await again.goto("/stories/new");
    assert.equal(await offer(again).count(), 0, "a published draft has done its work");
    await close();
  });

  test("a discarded draft does not come back", async () => {
    const { page, context, close } = await world.open();
    await page.goto("/stories/new");
    await page.locator("#title").fill("Not worth telling");
    await kept(page);
    await page.close();
    const again = await context.newPage();
    await again.goto("/stories/new");
    await offer(again).getByRole("button", { name: "Discard it" }).click();
    await again.reload();
    await again.locator("#title").waitFor();
    assert.equal(await offer(again).count(), 0);
    await close();
  });

  test("leaving with unsaved words is asked about; leaving without any is not", async () => {
    const { page, close } = await world.open();
    const asked = [];
    page.on("dialog", async (dialog) => {
      asked.push(dialog.type());
      await dialog.accept();
    });
    await page.goto("/stories/new");
    await page.goto("/about");
    assert.deepEqual(asked, []);
    await page.goto("/stories/new");
    await page.locator("#title").click();
    await page.keyboard.type("Something");
    await page.goto("/about");
    assert.deepEqual(asked, ["beforeunload"]);
    await close();
  });
};
