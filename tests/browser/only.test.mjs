import { after } from "node:test";
import { launch, open } from "./browser.mjs";
import { start } from "./casebook.mjs";
import { listTests, similarTests } from "./live.mjs";
const [site, browser] = await Promise.all([start(), launch()]);
const world = { site, browser, open: (options) => open(browser, site, options) };
after(async () => { await browser.close(); await site.stop(); });
listTests(world); similarTests(world);
