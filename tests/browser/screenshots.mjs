// Pictures of every page, to look at: target/screenshots/<page>-<width>-<theme>.png. Arguments choose pages by name.

import { mkdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { eventually, launch, open } from "./browser.mjs";
import { start } from "./casebook.mjs";
import { prepare, readOnly, states, withoutScripts } from "./pages.mjs";

const folder = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const asked = process.argv.slice(2);
const isAsked = ({ name }) => asked.length === 0 || asked.some((part) => name.includes(part));

const take = async (browser, site, { name, visit }, options = {}) => {
  for (const width of [390, 1280]) {
    for (const theme of ["light", "dark"]) {
      const device = width === 390 ? { height: 844, hasTouch: true, isMobile: true } : { height: 800 };
      const { page, close } = await open(browser, site, { ...device, width, colorScheme: theme, reducedMotion: "reduce", ...options });
      try {
        await visit(page);
        // What the pointer came to rest on is not to look chosen.
        await page.mouse.move(0, 0);
        await page.screenshot({ path: `${folder}${name}-${width}-${theme}.png`, fullPage: true });
        console.log(`${name}-${width}-${theme}.png`);
      } catch (error) {
        process.exitCode = 1;
        console.error(`${name}-${width}-${theme}: ${error.message}`);
      }
      await close();
    }
  }
};

/** Serves while `work` is done. */
const serving = async (more, work) => {
  const site = await start(...more);
  try {
    await work(site);
  } finally {
    await site.stop();
  }
};

await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  await serving([], async (site) => {
    const known = await prepare(site, () => open(browser, site));
    for (const state of states(known).filter(isAsked)) await take(browser, site, state);
    for (const state of withoutScripts.filter(isAsked)) await take(browser, site, state, { javaScriptEnabled: false });
    const unavailable = {
      name: "unavailable",
      // A database that is killed is back before anybody sees it gone: this one stands still, and its connections end.
      visit: async (page) => {
        const postmaster = Number((await readFile(`${site.data}/postgres/postmaster.pid`, "utf8")).split("\n")[0]);
        const connections = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, "utf8");
        process.kill(postmaster, "SIGSTOP");
        try {
          for (const connection of connections.split(" ").filter(Boolean)) process.kill(Number(connection), "SIGTERM");
          await eventually(20_000, "a page that says it is not available", async () => {
            const response = await page.goto("/stories/loveholidays-gke-pod-ip-exhaustion");
            return response.status() === 503;
          });
        } finally {
          process.kill(postmaster, "SIGCONT");
        }
      },
    };
    if (isAsked(unavailable)) await take(browser, site, unavailable);
  });
  await serving(["--read-only"], async (site) => {
    for (const state of readOnly.filter(isAsked)) await take(browser, site, state);
  });
} finally {
  await browser.close();
}
