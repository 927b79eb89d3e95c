// Pictures in stories: chosen, pasted and dropped into the form, with scripts and without, and shown in the story.

import assert from "node:assert/strict";
import { test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { fill, small } from "./library.mjs";

/** A picture with text and lines in it: what the page looks like now. */
const screen = (page) => page.screenshot({ type: "png", clip: { x: 0, y: 0, width: 900, height: 420 } });

/** Gives a field a picture as the clipboard (`paste`) or a folder (`drop`) does. */
const give = (page, selector, kind, bytes, name, type = "image/png") =>
  page.locator(selector).evaluate(
    (field, { kind, base64, name, type }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], name, { type }));
      const event =
        kind === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      field.dispatchEvent(event);
    },
    { kind, base64: bytes.toString("base64"), name, type },
  );

const pictures = async (page, selector) => [...(await page.locator(selector).inputValue()).matchAll(/!\[[^\]]*\]\(\/pictures\/[0-9a-f-]{36}#\d+x\d+\)/g)].length;

const untilPictures = (page, selector, count) =>
  page.waitForFunction(
    ([selector, count]) => document.querySelector(selector).value.split("](/pictures/").length === count + 1,
    [selector, count],
  );

const violations = async (page) => {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(" ")}`);
};

export const pictureTests = (world) => {
  test("a picture is chosen, pasted and dropped, gets words, and is shown in the story", async () => {
    const { page, troubles, close } = await world.open();
    await page.goto("/stories/new");
    const story = small("Cadmirox");
    await fill(page, story);
    const bytes = await screen(page);

    const symptom = page.locator("#symptom");
    await symptom.evaluate((field) => field.setSelectionRange(4, 4));
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Add a picture to Symptom" }).press("Enter");
    await (await chooser).setFiles({ name: "Graph – 図.png", mimeType: "image/png", buffer: bytes });
    await untilPictures(page, "#symptom", 1);
    await page.locator(".picture-silent", { hasText: "Write between the brackets" }).waitFor();
    await page.keyboard.type("The queue grows");
    assert.match(await symptom.inputValue(), /^Cadm\n\n!\[The queue grows\]\(\/pictures\/.*#900x420\)\n\nirox/);
    assert.equal(await page.locator(".field .picture-silent").count(), 0, "it has words now");

    await give(page, "#root_cause", "paste", bytes, "image.png");
    await untilPictures(page, "#root_cause", 1);
    await give(page, "#remediation", "drop", bytes, "again.png");
    await untilPictures(page, "#remediation", 1);
    assert.equal(await pictures(page, "#remediation"), 1);
    assert.deepEqual(await violations(page), []);

    await page.locator("#save").click();
    await page.waitForURL(/\/stories\/cadmirox/);
    const shown = page.locator("figure img[alt='The queue grows']");
    await shown.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector("figure img").naturalWidth === 900);
    assert.deepEqual(await violations(page), []);
    await page.locator("figure > a:has(img[alt='The queue grows'])").click();
    await page.waitForURL(/\/pictures\/[0-9a-f-]{36}$/);
    assert.equal(await page.evaluate(() => document.contentType), "image/png");
    assert.deepEqual(troubles, []);
    await close();
  });

  test("what is no picture is refused beside its field, and what was written stays", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories/new");
    await page.locator("#symptom").fill("It broke.");
    const complaint = page.locator(".field", { has: page.locator("#symptom") }).locator(".field-complaint");
    await give(page, "#symptom", "drop", Buffer.from("<svg/>"), "drawing.svg", "image/svg+xml");
    await complaint.filter({ hasText: "drawing.svg is no picture in PNG, JPEG or WebP." }).waitFor();
    await give(page, "#symptom", "drop", Buffer.from("GIF89a"), "disguised.png");
    await complaint.filter({ hasText: "disguised.png: This is a GIF" }).waitFor();
    await page.context().setOffline(true);
    await give(page, "#symptom", "drop", Buffer.from("x"), "late.png");
    await complaint.filter({ hasText: "The server could not be reached" }).waitFor();
    await page.context().setOffline(false);
    assert.equal(await page.locator("#symptom").inputValue(), "It broke.");
    await close();
  });

  test("without scripts a page of its own gives the line to copy", async () => {
    const { page, troubles, close } = await world.open({ javaScriptEnabled: false });
    await page.goto("/stories/new");
    const bytes = await screen(page);
    await page.goto(await page.getByRole("link", { name: "Add a picture" }).getAttribute("href"));
    await page.getByLabel("What it shows").fill("A form");
    await page.getByRole("button", { name: "Add it" }).click();
    await page.locator("#picture").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: bytes });
    await page.getByRole("button", { name: "Add it" }).click();
    assert.match(await page.locator("#markdown").inputValue(), /^!\[A form\]\(\/pictures\/[0-9a-f-]{36}#900x420\)$/);
    assert.equal(await page.locator("figure img").getAttribute("alt"), "A form");
    assert.deepEqual(troubles, []);
    await close();
  });

  test("axe finds no barrier on the pages for pictures", async () => {
    for (const [width, colorScheme] of [[1280, "light"], [390, "dark"]]) {
      const { page, close } = await world.open({ width, colorScheme });
      await page.goto("/stories/new");
      const bytes = await screen(page);
      await page.goto(await page.locator("#picture-control a").getAttribute("href"));
      assert.deepEqual(await violations(page), []);
      await page.locator("#picture").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("x") });
      await page.getByRole("button", { name: "Add it" }).click();
      await page.locator("#picture-complaint").waitFor();
      assert.deepEqual(await violations(page), []);
      await page.locator("#picture").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: bytes });
      await page.getByLabel("What it shows").fill("A form");
      await page.getByRole("button", { name: "Add it" }).click();
      await page.locator("#markdown").waitFor();
      assert.deepEqual(await violations(page), []);
      await close();
    }
  });
};
