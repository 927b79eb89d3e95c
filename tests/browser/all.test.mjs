// Everything that is tested in a browser, in one process and one Chromium: on the seed where tests count, on the whole library where pages are looked at.

import { after } from "node:test";
import { aidTests } from "./aids.mjs";
import { launch, open } from "./browser.mjs";
import { start, startWithSeed } from "./casebook.mjs";
import { draftTests } from "./drafts.mjs";
import { flowTests } from "./flow.mjs";
import { formTests } from "./form.mjs";
import { hostileTests } from "./hostile.mjs";
import { keyTests } from "./keys.mjs";
import { listTests, similarTests } from "./live.mjs";
import { reviewTests, startReviewing } from "./review.mjs";
import { readOnlyTests, siteTests } from "./site.mjs";
import { oidcTests, startWithProvider } from "./oidc.mjs";
import { peopleTests, strangerTests } from "./people.mjs";
import { pictureTests } from "./pictures.mjs";
import { themeTests } from "./theme.mjs";

// Before the first test is known: not every Node.js that is about runs a hook of the whole file.
const [site, whole, readOnly, openid, reviewing, people, browser] = await Promise.all([
  startWithSeed(),
  start(),
  startWithSeed("--read-only"),
  startWithProvider(),
  startReviewing(),
  startWithSeed("--accounts"),
  launch(),
]);

/** What the tests use; `open` gives a page on the server that takes stories. */
const world = { site, readOnly, browser, open: (options) => open(browser, site, options) };

after(async () => {
  await browser.close();
  await Promise.all([site.stop(), whole.stop(), readOnly.stop(), openid.stop(), reviewing.stop(), people.stop()]);
});

// First, while the library holds what it comes with.
flowTests(world);
keyTests(world);
listTests(world);
similarTests(world);
formTests(world);
draftTests(world);
pictureTests(world);
aidTests(world);
themeTests(world);
siteTests({ ...world, site: whole, open: (options) => open(browser, whole, options) });
readOnlyTests(world);
oidcTests({ ...openid, browser });
hostileTests(world);
reviewTests({ site: reviewing, browser });
strangerTests({ site: reviewing, browser });
peopleTests({ site: people, browser });
