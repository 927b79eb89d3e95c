// One Chromium for the whole run, a fresh context for each test, and a record of everything that went wrong on a page.

import { accessSync, constants } from "node:fs";
import { chromium } from "playwright-core";

const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const executable = () => {
  for (const path of candidates.filter(Boolean)) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next one, then.
    }
  }
  throw new Error("No Chromium found. Install it (apt-get install chromium), or set CHROMIUM to the path of one.");
};

export const launch = () =>
  chromium.launch({
    executablePath: executable(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** Longer than this no step of a test takes, on a machine that builds something else meanwhile. */
const patience = 15_000;

/**
 * A page in a context of its own, with `troubles`: console errors and warnings, violations of the content security
 * policy, uncaught exceptions, requests that failed, and answers from 400 on that were not asked for by navigating.
 */
export const open = async (browser, site, { javaScriptEnabled = true, width = 1280, height = 800, ...options } = {}) => {
  const context = await browser.newContext({
    baseURL: site.url,
    javaScriptEnabled,
    viewport: { width, height },
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const troubles = watch(page);
  return { context, page, troubles, close: () => context.close() };
};

/** Begins to note what goes wrong on a page. */
export const watch = (page) => {
  const troubles = [];
  // Chromium logs the status of a page that is meant to be an error page, too.
  const ofTheDocument = new Set();
  page.on("response", (response) => {
    if (response.status() < 400) return;
    if (response.request().isNavigationRequest()) ofTheDocument.add(response.url());
    else troubles.push(`${response.status()} ${response.url()}`);
  });
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    if (/^Failed to load resource/.test(message.text()) && ofTheDocument.has(message.location().url)) return;
    troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // A page that is left while something is still loading.
    if (why !== "net::ERR_ABORTED") troubles.push(`${why} ${request.url()}`);
  });
  return troubles;
};

/** Asks until the answer is true; the last answer, or the time it took, is for the one who asked. */
export const eventually = async (within, what, check) => {
  const started = performance.now();
  for (;;) {
    if (await check()) return performance.now() - started;
    if (performance.now() - started > within) throw new Error(`not within ${within} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};
