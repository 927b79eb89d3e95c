// Everything that is tested in a browser, in one process: one Casebook and one Chromium serve all of it.

import { after, before } from "node:test";
import { launch, open } from "./browser.mjs";
import { start } from "./casebook.mjs";
import { draftTests } from "./drafts.mjs";
import { flowTests } from "./flow.mjs";
import { formTests } from "./form.mjs";
import { keyTests } from "./keys.mjs";
import { readOnlyTests, siteTests } from "./site.mjs";
import { themeTests } from "./theme.mjs";

/** What the tests use: filled before the first of them. */
const world = { site: null, readOnly: null, browser: null, known: null };
/** A page on the server that takes stories. */
world.open = (options) => open(world.browser, world.site, options);

before(async () => {
  [world.site, world.readOnly, world.browser] = await Promise.all([start(), start("--read-only"), launch()]);
});

after(async () => {
  await world.browser?.close();
  await Promise.all([world.site?.stop(), world.readOnly?.stop()]);
});

// First, while the library holds what it comes with.
flowTests(world);
keyTests(world);
formTests(world);
draftTests(world);
themeTests(world);
siteTests(world);
readOnlyTests(world);
