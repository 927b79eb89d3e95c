// What is being written outlives the tab, the session and the server in which it is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, small } from "./library.mjs";

const says = (page, words) => page.locator("#draft-status", { hasText: words }).waitFor();
const saved = (page) => says(page, /Draft saved/);
const offer = (page) => page.getByRole("region", { name: "A draft" });
const goOn = (page) => page.getByRole("link", { name: "Go on with it" });

const discardAll = async (page) => {
  await page.goto("/drafts");
  while ((await page.locator(".draft-row .row-remove").count()) > 0) {
    await page.locator(".draft-row .row-remove").first().click();
    await page.waitForLoadState();
  }
};

export const draftTests = (world) => {
  test("a draft survives closing the tab and is there in another browser, rows included", async () => {
    const { page, close } = await world.open();
    // Other tests may have begun something.
    await discardAll(page);
    const story = small("Uvantrel");
    await discardAll(page);
    await page.goto("/stories/new");
    await fill(page, story);
    await page.locator("details", { has: page.locator("[data-list=timeline]") }).locator("summary").first().click();
    await page.locator("[name=timeline_at]").first().fill("Friday evening");
    await page.locator("[name=timeline_text]").first().fill("First.");
    await page.locator("#add-timeline").click();
    await page.locator("[name=timeline_at]").last().fill("T+20 min");
    await page.locator("[name=timeline_text]").last().fill("Second.");
    await saved(page);
    await close();

    const { page: again, close: closeAgain } = await world.open();
    await again.goto("/stories/new");
    assert.equal(await again.locator("#title").inputValue(), "", "nothing is put into the form unasked");
    await goOn(again).click();
    await again.waitForURL(/\/drafts\//);
    for (const [name, value] of Object.entries(story)) assert.equal(await again.locator(`#${name}`).inputValue(), value, name);
    assert.deepEqual(
      await again.locator("[name=timeline_text]").evaluateAll((fields) => fields.map((field) => field.value).filter(Boolean)),
      ["First.", "Second."],
    );
    await again.locator("#save").click();
    await again.waitForURL(/\/stories\/uvantrel/);
    await again.goto("/stories/new");
    assert.equal(await goOn(again).count(), 0, "a published draft has done its work");
    await closeAgain();
  });

  test("what is typed while the server is down is kept here, and there once it is up again", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories/new");
    await page.locator("#title").fill("Written before");
    await saved(page);
    await world.site.crash();
    await page.locator("#summary").fill("Written while nobody answered.");
    await says(page, /cannot be reached.*kept in this browser/);
    await world.site.revive();
    await saved(page);
    const address = `/drafts/${await page.locator("[name=draft]").inputValue()}`;
    await close();

    const { page: elsewhere, close: closeElsewhere } = await world.open();
    await elsewhere.goto(address);
    assert.equal(await elsewhere.locator("#title").inputValue(), "Written before");
    assert.equal(await elsewhere.locator("#summary").inputValue(), "Written while nobody answered.");
    await discardAll(elsewhere);
    await closeElsewhere();
  });

  test("a tab that was closed while the server was down finds its words in the browser", async () => {
    const { page, context, close } = await world.open();
    await page.goto("/stories/new");
    await context.setOffline(true);
    await page.locator("#title").fill("On a train");
    await says(page, /kept in this browser/);
    await page.close();
    await context.setOffline(false);
    const again = await context.newPage();
    await again.goto("/stories/new");
    await offer(again).getByRole("button", { name: "Restore it" }).click();
    assert.equal(await again.locator("#title").inputValue(), "On a train");
    await saved(again);
    await again.reload();
    assert.equal(await offer(again).count(), 0, "the server has it now");
    await discardAll(again);
    await close();
  });

  test("a discarded draft does not come back", async () => {
    const { page, context, close } = await world.open();
    await page.goto("/stories/new");
    await page.locator("#title").fill("Not worth telling");
    await saved(page);
    await page.close();
    const again = await context.newPage();
    await again.goto("/drafts");
    await again.getByRole("button", { name: "Discard Not worth telling" }).click();
    await again.waitForLoadState();
    assert.equal(await again.getByText("Not worth telling").count(), 0);
    await again.goto("/stories/new");
    assert.equal(await offer(again).count(), 0);
    await close();
  });

  test("the same draft in two tabs is brought together and neither is lost", async () => {
    const { page, context, close } = await world.open();
    await page.goto("/stories/new");
    await page.locator("#title").fill("In two tabs");
    await saved(page);
    const other = await context.newPage();
    await other.goto(`/drafts/${await page.locator("[name=draft]").inputValue()}`);
    await other.locator("#summary").fill("From the second tab.");
    await saved(other);
    await page.locator("#symptom").fill("From the first tab.");
    await says(page, /saved from another page/);
    await page.locator("#save-draft").click();
    await page.locator("#conflict").waitFor();
    assert.equal(await page.locator("#summary").inputValue(), "From the second tab.");
    assert.equal(await page.locator("#symptom").inputValue(), "From the first tab.");
    await page.locator("#save-draft").click();
    await page.getByText(/Draft saved at/).waitFor();
    await other.close();
    await discardAll(page);
    await close();
  });

  test("without scripts a button saves the draft", async () => {
    const { page, close } = await world.open({ javaScriptEnabled: false });
    await page.goto("/stories/new");
    await page.locator("#title").fill("By hand");
    await page.getByRole("button", { name: "Save draft" }).click();
    await page.waitForURL(/\/drafts\/.*saved=1/);
    assert.equal(await page.locator("#title").inputValue(), "By hand");
    await discardAll(page);
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
    await discardAll(page);
    await close();
  });
};
