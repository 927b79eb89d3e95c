// Light and dark, paper, and rest for the eyes.

import assert from "node:assert/strict";
import { test } from "node:test";

/** How bright the page is, from 0 to 255. */
const brightness = (page) =>
  page.evaluate(() => {
    const pixel = document.createElement("canvas").getContext("2d");
    pixel.fillStyle = getComputedStyle(document.body).backgroundColor;
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  });

const isDark = async (page) => (await brightness(page)) < 64;

export const themeTests = (world) => {
  test("the page is as dark as the reader's system", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await world.open({ colorScheme });
      await page.goto("/about");
      assert.equal(await isDark(page), colorScheme === "dark");
      await close();
    }
  });

  test("the choice in the footer outdoes the system, on the next pages too", async () => {
    const { page, close } = await world.open({ colorScheme: "light" });
    await page.goto("/about");
    const kept = page.waitForResponse((response) => response.url().endsWith("/theme"));
    await page.getByRole("button", { name: "Dark" }).click();
    await kept;
    assert.ok(await isDark(page));
    assert.equal(await page.getByRole("button", { name: "Dark" }).getAttribute("aria-pressed"), "true");
    await page.goto("/stories");
    assert.ok(await isDark(page));
    await page.getByRole("button", { name: "System" }).click();
    assert.ok(!(await isDark(page)));
    await close();
  });

  test("the choice works with scripts off, and leads back to the page it was made on", async () => {
    const { page, context, close } = await world.open({ colorScheme: "light", javaScriptEnabled: false });
    await page.goto("/stories?q=redis");
    await page.getByRole("button", { name: "Dark" }).click();
    await page.waitForLoadState();
    assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, "/stories?q=redis");
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    assert.equal((await context.cookies()).find((cookie) => cookie.name === "theme").value, "dark");
    await close();
  });

  test("choosing colours keeps what is typed", async () => {
    const { page, close } = await world.open();
    await page.goto("/");
    await page.locator("#evidence").fill("half a thought");
    await page.getByRole("button", { name: "Dark" }).click();
    assert.equal(await page.locator("#evidence").inputValue(), "half a thought");
    await close();
  });

  test("on paper there is the story and no navigation, dark on light", async () => {
    const { page, close } = await world.open({ colorScheme: "dark" });
    for (const path of ["/stories/loveholidays-gke-pod-ip-exhaustion", "/patterns/pod-ip-range-exhausted"]) {
      await page.goto(path);
      await page.emulateMedia({ media: "print" });
      for (const chrome of [".site-nav", ".site-search", ".site-footer", ".skip", ".record-actions", ".rule-tools"])
        assert.equal(await page.locator(`${chrome}:visible`).count(), 0, `${chrome} on ${path}`);
      assert.ok(await page.getByRole("heading", { name: "Root cause" }).isVisible());
      assert.ok(!(await isDark(page)), "no sheet of black ink");
      await page.emulateMedia({ media: "screen" });
    }
    await close();
  });

  test("nothing moves for those who asked for rest", async () => {
    const { page, close } = await world.open({ reducedMotion: "reduce" });
    for (const path of ["/", "/stories", "/stories/loveholidays-gke-pod-ip-exhaustion", "/stories/new"]) {
      await page.goto(path);
      const moving = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll("*")].flatMap((element) => {
          const style = getComputedStyle(element);
          const seconds = [...style.transitionDuration.split(","), ...style.animationDuration.split(",")].map(parseFloat);
          const moves = seconds.some((time) => time > 0.02) || style.scrollBehavior === "smooth";
          return moves ? [element.outerHTML.slice(0, 80)] : [];
        }),
      );
      assert.deepEqual(moving, [], path);
      assert.deepEqual(await page.evaluate(() => document.getAnimations().length), 0);
    }
    await close();
  });
};
