// Everything that is tested in a browser, in one process and one Chromium: on the seed where tests count, on the whole library where pages are looked at.

import { after } from "node:test";
import { launch, open } from "./browser.mjs";
import { start, startWithSeed } from "./casebook.mjs";
import { draftTests } from "./drafts.mjs";
import { flowTests } from "./flow.mjs";
import { formTests } from "./form.mjs";
import { keyTests } from "./keys.mjs";
import { listTests, similarTests } from "./live.mjs";
import { reviewTests, startReviewing } from "./review.mjs";
import { readOnlyTests, siteTests } from "./site.mjs";
import { themeTests } from "./theme.mjs";

// Before the first test is known: not every Node.js that is about runs a hook of the whole file.
const [site, whole, readOnly, reviewing, browser] = await Promise.all([
  startWithSeed(),
  start(),
  startWithSeed("--read-only"),
  startReviewing(),
  launch(),
]);

/** What the tests use; `open` gives a page on the server that takes stories. */
const world = { site, readOnly, browser, open: (options) => open(browser, site, options) };

after(async () => {
  await browser.close();
  await Promise.all([site.stop(), whole.stop(), readOnly.stop(), reviewing.stop()]);
});

// First, while the library holds what it comes with.
flowTests(world);
keyTests(world);
listTests(world);
similarTests(world);
formTests(world);
draftTests(world);
themeTests(world);
siteTests({ ...world, site: whole, open: (options) => open(browser, whole, options) });
readOnlyTests(world);
reviewTests({ site: reviewing, browser });
