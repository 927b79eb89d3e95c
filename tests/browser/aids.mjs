// The aids to writing: a rule from chosen lines, rows from a chat log, times in the reader's zone.

import assert from "node:assert/strict";
import { test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { certificate, publish } from "./library.mjs";

const log = `2026-01-05T14:03:00Z frostling sensor 17 lost its heartbeat
2026-01-05T14:03:05Z an ordinary line
2026-01-05T14:03:20Z glacier valve 4 closed by 10.0.0.7`;

const chat = "Exported on Monday\n[22:03] Ada Lovelace: restarted the pods\n[22:10] grace: @ada rolled back";

/** What axe has to say about the form. */
const barriers = async (page) => {
  const { violations } = await new AxeBuilder({ page }).include("main").withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

const unfold = async (page, heading) => {
  const details = page.locator("details.form-more-section", { has: page.getByRole("heading", { name: heading, exact: true }) });
  if (!(await details.evaluate((element) => element.open))) await details.locator("summary").first().click();
};

export const aidTests = (world) => {
  test("a rule is suggested for lines that are chosen with the keyboard, and fills a row", async () => {
    const { page, troubles, close } = await world.open();
    await page.goto("/stories/new");
    await unfold(page, "Detection rules");
    await page.locator("#evidence").fill(log);
    await page.locator("#aid-try").click();
    await page.locator(".aid-line").first().waitFor();
    // The focus is on the first line: choose it and the last one.
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    assert.deepEqual(await page.locator("[name=evidence_line]:checked").evaluateAll((lines) => lines.map((line) => line.value)), ["1", "3"]);
    await page.locator("#aid-suggest").press("Enter");
    const offer = page.locator("#rules-offer");
    await offer.waitFor();
    assert.match(await offer.textContent(), /fires on lines 1 and 3/);
    assert.match(await offer.textContent(), /fires on nothing else that is known here/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "rules-offer");
    assert.deepEqual(await barriers(page), []);
    await page.locator("#aid-adopt").press("Enter");
    assert.match(await page.locator("[name=rules_text]").inputValue(), /^sequence:\n {2}window: 30s\n/);
    assert.match(await page.locator("[name=fires_on_text]").inputValue(), /frostling sensor 17.*\n.*glacier valve/);
    assert.ok(await page.evaluate(() => document.activeElement.name === "rules_name" && document.activeElement.value !== ""));
    // It is a rule like any other now: tried again, it fires.
    await page.locator("#aid-try").click();
    await page.locator(".aid-tried .trial-right").waitFor();
    assert.deepEqual(troubles, []);
    await close();
  });

  test("lines are chosen by dragging and with Shift", async () => {
    const { page, troubles, close } = await world.open();
    await page.goto("/stories/new");
    await unfold(page, "Detection rules");
    await page.locator("#evidence").fill(Array.from({ length: 8 }, (_, number) => `frostling line ${number}`).join("\n"));
    await page.locator("#aid-try").click();
    const lines = page.locator(".aid-line code");
    await lines.first().waitFor();
    const chosen = () => page.locator("[name=evidence_line]:checked").evaluateAll((all) => all.map((line) => Number(line.value)));
    await lines.nth(1).hover();
    await page.mouse.down();
    await lines.nth(2).hover();
    await lines.nth(3).hover();
    await page.mouse.up();
    assert.deepEqual(await chosen(), [2, 3, 4]);
    await lines.nth(5).click();
    await lines.nth(7).click({ modifiers: ["Shift"] });
    assert.deepEqual(await chosen(), [2, 3, 4, 6, 7, 8]);
    await lines.nth(5).click();
    assert.deepEqual(await chosen(), [2, 3, 4, 7, 8]);
    assert.deepEqual(troubles, []);
    await close();
  });

  for (const javaScriptEnabled of [true, false]) {
    test(`a chat log becomes rows of the timeline${javaScriptEnabled ? "" : " with scripts off"}`, async () => {
      const { page, troubles, close } = await world.open({ javaScriptEnabled });
      await page.goto("/stories/new");
      await page.locator("#title").fill("A title that stays");
      await unfold(page, "Timeline");
      await page.locator("#timeline-chat > summary").click();
      await page.locator("#chat").fill(chat);
      await page.locator("#chat_day").fill("2026-01-05");
      await page.locator("#chat_zone").fill("+08:00");
      await page.locator("#aid-chat").click();
      await page.locator("#chat-answer").waitFor();
      const rows = (name) => page.locator(`[name=${name}]`).evaluateAll((fields) => fields.map((field) => field.value));
      assert.deepEqual(await rows("timeline_at"), ["2026-01-05T14:03Z", "2026-01-05T14:10Z"]);
      assert.deepEqual(await rows("timeline_text"), ["An engineer: restarted the pods", "An engineer: An engineer rolled back"]);
      assert.equal((await page.locator("#chat").inputValue()).trim(), "Exported on Monday");
      assert.match(await page.locator("#chat-answer").textContent(), /This line could not be read/);
      assert.equal(await page.locator("#title").inputValue(), "A title that stays");
      if (javaScriptEnabled) assert.deepEqual(await barriers(page), []);
      assert.deepEqual(troubles, []);
      await close();
    });
  }

  test("times are told in the reader's zone as well, with the day where it is another one", async () => {
    const path = await publish(world.site, { ...certificate, title: "Bexomarzone certificates ended", started_at: "2023-03-01T14:03Z",
      detected_at: "2023-03-01T18:30Z", resolved_at: "2023-03-01T19:00Z", rules: [] });
    const { page, troubles, close } = await world.open({ timezoneId: "Asia/Shanghai" });
    await page.goto(path);
    const facts = await page.locator(".facts-box time").allTextContents();
    assert.ok(facts.includes("1 March 2023, 14:03 UTC 22:03 your time"), facts.join("\n"));
    assert.ok(facts.includes("1 March 2023, 18:30 UTC 2 Mar, 02:30 your time"), facts.join("\n"));
    assert.match(await page.locator(".timeline-when time").first().textContent(), /^00:00 UTC 08:00 your time$/);
    assert.match(await page.locator(".facts-box time[title]").first().getAttribute("title"), /14:03 UTC, .*22:03.*GMT\+08:00/);
    assert.deepEqual(await barriers(page), []);
    await page.goto(`${path}/revisions`);
    assert.match(await page.locator(".revision-head time").first().textContent(), / UTC .*your time$/);
    await page.goto(`${path}/edit`);
    assert.equal(await page.locator("#started_at + .field-moment").textContent(), "1 Mar 2023, 14:03 UTC · 22:03 your time");
    await page.locator("#started_at").fill("2023-03-01 22:03 +08:00");
    assert.equal(await page.locator("#started_at + .field-moment").textContent(), "1 Mar 2023, 14:03 UTC · 22:03 your time");
    await page.locator("#started_at").fill("2023-03");
    assert.equal(await page.locator("#started_at + .field-moment").count(), 0);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("readers who live by UTC, and those without scripts, see UTC alone", async () => {
    for (const options of [{ timezoneId: "UTC" }, { timezoneId: "Asia/Shanghai", javaScriptEnabled: false }]) {
      const { page, close } = await world.open(options);
      await page.goto("/stories/loveholidays-gke-pod-ip-exhaustion");
      assert.equal(await page.locator(".time-own").count(), 0);
      await close();
    }
  });
};
