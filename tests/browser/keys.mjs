// The keyboard alone is enough, and gets in nobody's way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seen } from "./library.mjs";

const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element.id || element.getAttribute("href") || element.textContent.trim() || element.tagName;
  });

/** Whether the search of the page, whichever is shown, has the focus. */
const searchHasFocus = (page) => page.evaluate(() => document.activeElement.matches("input[type=search]"));

export const keyTests = (world) => {
  test("/ and Ctrl+K go to the search on every kind of page", async () => {
    const { page, close } = await world.open();
    for (const path of ["/about", "/stories", "/patterns", "/stories/loveholidays-gke-pod-ip-exhaustion", "/stories/new", "/nowhere"]) {
      for (const key of ["/", "Control+k"]) {
        await page.goto(path);
        await page.evaluate(() => document.activeElement.blur());
        await page.keyboard.press(key);
        assert.ok(await searchHasFocus(page), `${key} on ${path}`);
        assert.equal(await page.locator("input[type=search]:focus").inputValue(), "", "the key itself is not typed");
      }
    }
    await close();
  });

  test("/ and Ctrl+K go to a search that can be seen on a phone", async () => {
    const { page, close } = await world.open({ width: 390, height: 844 });
    for (const path of ["/about", "/stories", "/patterns"]) {
      await page.goto(path);
      await page.keyboard.press("/");
      assert.ok(await searchHasFocus(page), path);
    }
    await close();
  });

  test("? lists the keys, Esc closes the list", async () => {
    const { page, close } = await world.open();
    await page.goto("/about");
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: "Keys" });
    await list.waitFor();
    assert.ok(await list.getByText("Search the stories").isVisible());
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
    await close();
  });

  test("the single-letter keys can be switched off, and stay off", async () => {
    const { page, close } = await world.open();
    await page.goto("/about");
    await page.keyboard.press("?");
    await page.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await page.reload();
    await page.keyboard.press("/");
    assert.ok(!(await searchHasFocus(page)));
    await page.keyboard.press("Control+k");
    assert.ok(await searchHasFocus(page));
    await close();
  });

  test("the keys are letters like any others while one types in a field", async () => {
    const { page, close } = await world.open();
    await page.goto("/");
    await page.locator("#evidence").focus();
    await page.keyboard.type("what? /var/log");
    assert.equal(await page.locator("#evidence").inputValue(), "what? /var/log");
    assert.equal(await page.getByRole("dialog").count(), 0);
    await close();
  });

  test("Ctrl+Enter sends the evidence", async () => {
    const { page, close } = await world.open();
    await page.goto("/");
    await page.keyboard.type(seen);
    await page.keyboard.press("Control+Enter");
    await page.locator("#outcome").waitFor();
    assert.ok((await page.locator(".results > li").count()) > 0);
    await close();
  });

  test("Tab reaches the skip link first, and it leads past the navigation", async () => {
    const { page, close } = await world.open();
    for (const path of ["/about", "/stories", "/stories/loveholidays-gke-pod-ip-exhaustion"]) {
      await page.goto(path);
      await page.keyboard.press("Tab");
      assert.equal(await focused(page), "#main", path);
      assert.ok(await page.locator(".skip").isVisible());
      await page.keyboard.press("Enter");
      assert.equal(await focused(page), "main");
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => document.activeElement.closest("main") !== null), `the next stop on ${path} is in the content`);
    }
    await close();
  });

  test("every stop of Tab can be seen and shows that it has the focus", async () => {
    const { page, close } = await world.open();
    for (const path of ["/about", "/stories", "/stories/loveholidays-gke-pod-ip-exhaustion", "/stories/new"]) {
      await page.goto(path);
      for (let stop = 0; stop < 40; stop += 1) {
        await page.keyboard.press("Tab");
        const state = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === document.body) return null;
          const box = element.getBoundingClientRect();
          const style = getComputedStyle(element);
          return { what: element.outerHTML.slice(0, 120), size: Math.min(box.width, box.height), outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 };
        });
        if (state === null) break;
        assert.ok(state.size > 1, `${path}: ${state.what} has the focus and cannot be seen`);
        assert.ok(state.outline, `${path}: ${state.what} does not show its focus`);
      }
    }
    await close();
  });
};
