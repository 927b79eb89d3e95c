// Review in a browser, and its letters at a real SMTP server: a visitor without an account hands in over the API with a
// proof that `work.js` finds, an editor hears of it by mail, looks at it, talks about it and publishes it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import { SMTPServer } from "smtp-server";
import { open } from "./browser.mjs";
import { program, startWithSeed } from "./casebook.mjs";

const run = promisify(execFile);

/** An SMTP server on loopback that keeps what it is given. */
const listen = async () => {
  const letters = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData: async (stream, session, done) => {
      let text = "";
      for await (const chunk of stream) text += chunk;
      letters.push({ to: session.envelope.rcptTo.map((one) => one.address), text });
      done();
    },
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address();
  return { letters, url: `smtp://127.0.0.1:${port}`, close: () => new Promise((resolve) => server.close(resolve)) };
};

/** A server to which everybody may hand in, with an editor who is logged in with `cookie`. */
export const startReviewing = async () => {
  const mail = await listen();
  const site = await startWithSeed(
    "--accounts", "--submission", "open", "--smtp", mail.url, "--mail-from", "casebook@example.com",
    "--public-url", "http://casebook.example.com",
  );
  const { stdout } = await run(program, ["database-url", "--data", site.data]);
  const [account, secret] = [randomUUID(), randomBytes(32).toString("hex")];
  const hash = createHash("sha256").update(secret).digest("hex");
  await run("psql", [
    stdout.trim(), "-qv", "ON_ERROR_STOP=1", "-c",
    `INSERT INTO account (id, name, email, role, created_at) VALUES ('${account}', 'Edna', 'edna@example.com', 'editor', now());
     INSERT INTO session (id, token_hash, account_id, created_at, seen_at, ends_at, user_agent, address)
     VALUES ('${randomUUID()}', '\\x${hash}', '${account}', now(), now(), now() + interval '1 day', 'a test', '127.0.0.1')`,
  ]);
  const cookie = { name: "casebook-session", value: secret, url: site.url };
  return { ...site, mail, cookie, stop: () => Promise.all([site.stop(), mail.close()]) };
};

/** The proof of work that a form would send. */
const proof = async (site) => {
  const source = await readFile(fileURLToPath(new URL("../../static/work.js", import.meta.url)), "utf8");
  const { answer } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  const { challenge, bits } = await (await fetch(`${site.url}/api/v1/work`)).json();
  return { challenge, answer: String(await answer(challenge, bits)) };
};

/** Hands a story in without an account; gives the id of its draft. */
export const handIn = async (site, story) => {
  const answer = await fetch(`${site.url}/api/v1/stories`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...story, proof: await proof(site) }),
  });
  assert.equal(answer.status, 202, await answer.clone().text());
  return (await answer.json()).draft;
};

export const story = {
  title: "Checkouts failed while the connection pool was drained",
  organization: "Example Shop",
  summary: "For forty minutes every third checkout failed, because a nightly job held most database connections.",
  symptom: "Checkouts answered 503. The log had `remaining connection slots are reserved`.\n\n```\nFATAL: remaining connection slots are reserved for non-replication superuser connections\n```",
  root_cause: "The job opened one connection for each tenant and kept it. When Ada Lovelace added tenants, the pool ran out.",
  remediation: "1. Stop the job.\n2. Give it a pool of its own with at most ten connections.",
  category: "capacity",
  technologies: ["postgresql"],
  severity: "sev2",
  started_at: "2026-03-02",
  timeline: [
    { at: "2026-03-02T01:10Z", marker: "trigger", text: "The nightly job began." },
    { at: "2026-03-02T01:25Z", marker: "detection", text: "The pager rang for failed checkouts." },
  ],
  rules: [{
    kind: "log", name: "Connection slots are used up",
    text: "set:\n  match:\n    - value: remaining connection slots are reserved\n",
    fires_on: ["FATAL: remaining connection slots are reserved for non-replication superuser connections"],
  }],
  references: [{ kind: "report", url: "http://example.com/report" }],
};

const eventually = async (what, find) => {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not in time: ${what}`);
};

export const reviewTests = ({ site, browser }) => {
  test("what a visitor hands in reaches an editor by mail, is talked about, and is published", async () => {
    const draft = await handIn(site, story);
    const letter = await eventually("a letter", () => site.mail.letters[0]);
    assert.deepEqual(letter.to, ["edna@example.com"]);
    assert.match(letter.text, /^Subject: Handed in for review: Checkouts failed/m);
    assert.match(letter.text.replaceAll("=\r\n", ""), new RegExp(`http://casebook.example.com/review/${draft}`));

    const { page, context, troubles, close } = await open(browser, site);
    await context.addCookies([site.cookie]);
    await page.goto("/review");
    await page.getByRole("link", { name: story.title }).click();
    await page.getByRole("link", { name: "Comment on Root cause" }).click();
    assert.equal(await page.getByLabel("About").inputValue(), "root_cause");
    await page.getByLabel("Words").fill("Say which job.\nAnd leave the name out.");
    await page.getByRole("button", { name: "Comment", exact: true }).click();
    await page.getByText("And leave the name out.").waitFor();
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [320, 1280]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${colorScheme}, ${width}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${wide} pixels too wide at ${width}`);
      }
    }
    await page.getByRole("button", { name: "Decline" }).click();
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.locator("#words").getAttribute("aria-invalid"), "true");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.waitForURL(/\/stories\/checkouts-failed/);
    await eventually("the story is found", async () => {
      const found = await (await fetch(`${site.url}/api/v1/search?q=checkouts`)).json();
      return found.total > 0;
    });
    assert.deepEqual(troubles.filter((trouble) => !trouble.includes("422")), []);
    await close();
  });
};
