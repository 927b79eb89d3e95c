// What holds on every page in every state: no trouble, no sideways scrolling, no barrier.

import assert from "node:assert/strict";
import { test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { open } from "./browser.mjs";
import { prepare, readOnly, states } from "./pages.mjs";

const widths = [320, 390, 1280];
const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
// A table of Markdown always has a heading row, and a cell of it may well be empty.
const rules = { "target-size": { enabled: true }, "empty-table-header": { enabled: false } };

/** What axe has to say, one line for each element. */
const barriers = async (page, only) => {
  const axe = new AxeBuilder({ page }).options({ rules });
  const { violations } = await (only ? axe.withRules(only) : axe.withTags(wcag)).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, any }) => `${id} (${help}): ${html.slice(0, 160)} ${any.map(({ message }) => message).join("; ")}`),
  );
};

/** Controls that are smaller than a fingertip needs; links within a text are as large as their words. */
const tooSmall = (page) =>
  page.evaluate(() => {
    const controls = "button, input:not([type=hidden]), select, textarea, summary, .site-nav a, .tag, .chip, .facet-option, .contents a, .pages a, a.button";
    return [...document.querySelectorAll(controls)]
      .filter((element) => element.checkVisibility() && !element.matches(".visually-hidden, .visually-hidden *"))
      .flatMap((element) => {
        // A tick is as large as the label around it.
        const { width, height } = (element.closest("label") ?? element).getBoundingClientRect();
        return Math.min(width, height) < 23.5 ? [`${Math.round(width)}×${Math.round(height)} ${element.outerHTML.slice(0, 120)}`] : [];
      });
  });

/** The elements that stick out, if the page is wider than the window. */
const sideways = (page) =>
  page.evaluate(() => {
    const width = window.innerWidth;
    if (document.scrollingElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(-3)
      .map((element) => `${document.scrollingElement.scrollWidth} > ${width}: ${element.outerHTML.slice(0, 120)}`);
  });

/** The checks of one state, on a page that is there already. */
const check = async (page, troubles, t) => {
  await t.test("nothing scrolls sideways at 320, 390 and 1280 pixels", async () => {
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await sideways(page), [], `at ${width} pixels`);
    }
  });
  await t.test("controls are at least 24 pixels in size", async () => {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await tooSmall(page), [], `at ${width} pixels`);
    }
  });
  await t.test("axe finds no barrier, in light and in dark, wide and narrow", async () => {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      assert.deepEqual(await barriers(page), [], `light at ${width} pixels`);
    }
    // The dark pages are the same pages in other colours.
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    assert.deepEqual(await barriers(page, ["color-contrast", "link-in-text-block"]), [], "dark");
  });
  await t.test("the console is silent, no request fails, no policy is violated", () => assert.deepEqual(troubles, []));
  await t.test("there is one first heading and a title", async () => {
    assert.equal(await page.locator("h1:not([aria-level='2'])").count(), 1);
    assert.match(await page.title(), /Casebook/);
  });
};

/** Walks the states of one server, each a test of its own. */
const walk = async (world, site, list, t) => {
  for (const { name, visit, status = 200 } of list) {
    await t.test(name, async (t) => {
      const { page, troubles, close } = await open(world.browser, site);
      let answered = 0;
      page.on("response", (response) => {
        if (response.request().isNavigationRequest() && response.frame() === page.mainFrame()) answered = response.status();
      });
      try {
        await visit(page);
        assert.equal(answered, status);
        await check(page, troubles, t);
      } finally {
        await close();
      }
    });
  }
};

export const siteTests = (world) => {
  test("every page in every state", async (t) => {
    const known = await prepare(world.site, world.open);
    await walk(world, world.site, states(known), t);
  });

  test("a word of 5,000 letters is there to its end", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories?q=Unbroken");
    await page.locator(".hit-title a").first().click();
    await page.getByRole("heading", { name: "Symptom" }).waitFor();
    assert.match(await page.locator("main").textContent(), /y{5000}/);
    await close();
  });

  test("Arabic runs from right to left", async () => {
    const { page, close } = await world.open();
    await page.goto("/stories?q=postgresql");
    await page.locator(".hit-title a", { hasText: "قاعدة" }).click();
    await page.waitForURL((url) => url.pathname !== "/stories");
    // The last line of a paragraph is the short one: it has to begin at the right.
    for (const [selector, least] of [["h1", 0], [".lead-section p", 20]]) {
      const [gap, room] = await page.locator(selector).first().evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const last = [...range.getClientRects()].at(-1);
        const box = element.getBoundingClientRect();
        return [box.right - last.right, last.left - box.left];
      });
      assert.ok(gap < 2 && room >= least, `${selector}: ${gap} on the right, ${room} on the left`);
    }
    await close();
  });

  test("Chinese is found by words out of its middle", async () => {
    const { page, close } = await world.open();
    await page.goto(`/stories?q=${encodeURIComponent("磁盘 驱逐")}`);
    assert.match(await page.locator(".hit-title").first().textContent(), /节点磁盘/);
    await close();
  });
};

export const readOnlyTests = (world) => {
  test("every page of a server that accepts nothing", async (t) => {
    await walk(world, world.readOnly, readOnly, t);
  });

  test("a server that accepts nothing offers nothing to write with", async () => {
    const { page, close } = await open(world.browser, world.readOnly);
    for (const path of ["/", "/stories", "/stories/loveholidays-gke-pod-ip-exhaustion"]) {
      await page.goto(path);
      assert.equal(await page.locator('a[href="/stories/new"], a[href$="/edit"]').count(), 0, path);
    }
    await close();
  });
};
