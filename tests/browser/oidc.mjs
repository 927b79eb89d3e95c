// Logging in through a real OpenID provider, and everything that can come between.

import assert from "node:assert/strict";
import { test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { eventually, open } from "./browser.mjs";
import { startWithSeed } from "./casebook.mjs";
import { client, freePort, newProvider, strangeKey } from "./provider.mjs";

/** A Casebook for members only, and the provider that it trusts, which is not started yet. */
export const startWithProvider = async () => {
  const [port, providerPort] = await Promise.all([freePort(), freePort()]);
  const url = `http://127.0.0.1:${port}`;
  const provider = newProvider(providerPort, `${url}/login/oidc/return`);
  const site = await startWithSeed(
    ...["--accounts", "--reading", "members", "--listen", `127.0.0.1:${port}`, "--public-url", url],
    ...["--oidc-issuer", provider.issuer, "--oidc-client-id", client.id, "--oidc-client-secret", client.secret],
    ...["--oidc-name", "Example SSO", "--oidc-scopes", "openid,email,profile,groups"],
    ...["--oidc-role", "sre=editor", "--oidc-role", "staff=author"],
  );
  return { site, provider, stop: () => Promise.all([site.stop(), provider.stop()]) };
};

const account = (page) => page.locator(".site-account-name, .site-account:not(:has(.site-account-name))");
const mayWrite = async (page) => (await page.locator(".site-write").count()) === 1;
const attemptOf = async (context) => (await context.cookies()).find(({ name }) => name === "casebook-oidc");

/** Logs in at the provider, whose pages are shown, as far as the consent. */
const logIn = async (page, name) => {
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Agree" }).waitFor();
};

const agree = async (page, back) => {
  await page.getByRole("button", { name: "Agree" }).click();
  await page.waitForURL((url) => url.pathname === back);
};

/** The whole way of somebody in a new browser. */
const comeIn = async (world, name, back = "/about") => {
  const visit = await open(world.browser, world.site);
  await visit.page.goto(`/login/oidc?return=${encodeURIComponent(back)}`);
  await logIn(visit.page, name);
  await agree(visit.page, back);
  return visit;
};

/** Looks at the page of a login that came to nothing, and gives the address that it offers. */
const refused = async (page, response, status, heading) => {
  assert.equal(response.status(), status);
  assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), heading);
  assert.equal(await account(page).textContent(), "Log in");
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, help }) => `${id}: ${help}`), []);
  return page.getByRole("link", { name: "Try again with Example SSO" }).getAttribute("href");
};

const returned = (page) => page.waitForResponse((response) => new URL(response.url()).pathname === "/login/oidc/return");

const whatIsSaid = (world) => {
  const { provider } = world;
  const unfinished = "This login cannot be finished";

  test("an answer with another state, without one, or from another provider lets nobody in", async () => {
    const { context, page, close } = await open(world.browser, world.site);
    for (const answer of [() => "state=wrong", () => "", (state) => `state=${state}&iss=https://evil.example`, (state) => `state=${state}`]) {
      await page.goto("/login/oidc?return=/patterns");
      const { value } = await attemptOf(context);
      const state = new URLSearchParams(value).get("state");
      const response = await page.goto(`/login/oidc/return?code=abc&${answer(state)}`);
      await refused(page, response, 400, unfinished);
      assert.equal(await attemptOf(context), undefined, "one attempt");
    }
    await close();
  });

  test("a code that was used before is not taken again", async () => {
    const { context, page, close } = await open(world.browser, world.site);
    await page.goto("/login/oidc?return=/patterns");
    const attempt = await attemptOf(context);
    await logIn(page, "ada");
    const coming = returned(page);
    await agree(page, "/patterns");
    const address = (await coming).url();
    assert.match(address, /[?&]iss=/, "the provider says who answers");

    await context.clearCookies({ name: "casebook-session" });
    await refused(page, await page.goto(address), 400, unfinished);
    await context.addCookies([attempt]);
    const again = await refused(page, await page.goto(address), 400, unfinished);
    assert.equal(again, "/login/oidc?return=%2Fpatterns");
    await close();
  });

  test("whoever says no at the provider is told so, and can think again", async () => {
    const { page, close } = await open(world.browser, world.site);
    await page.goto("/login/oidc?return=/patterns");
    await logIn(page, "ada");
    const coming = returned(page);
    await page.getByRole("button", { name: "Refuse" }).click();
    const again = await refused(page, await coming, 403, "Access was denied");
    assert.equal(again, "/login/oidc?return=%2Fpatterns");
    await page.getByRole("link", { name: "Try again with Example SSO" }).click();
    await agree(page, "/patterns");
    assert.equal(await account(page).textContent(), "Ada Lovelace");
    await close();
  });

  test("a provider that breaks down halfway is said to, without a word of why", async () => {
    for (const path of ["/token", "/me"]) {
      const { page, close } = await open(world.browser, world.site);
      await page.goto("/login/oidc");
      await logIn(page, "ada");
      provider.broken.add(path);
      const coming = returned(page);
      await page.getByRole("button", { name: "Agree" }).click();
      await refused(page, await coming, 502, "Login is not available just now");
      assert.doesNotMatch(await page.content(), /out of order|localhost|code=/);
      provider.broken.delete(path);
      await close();
    }
  });

  test("an ID token that is not for this login, or not from the provider, lets nobody in", async () => {
    const { context, page, close } = await comeIn(world, "ada");
    const inAnHour = Math.floor(Date.now() / 1000) + 3_600;
    for (const forgery of [
      { by: strangeKey() },
      { by: strangeKey(), header: { kid: "the second" } },
      { header: { alg: "none" }, sign: false },
      { header: { alg: "HS256" } },
      { claims: { sub: "bob" }, sign: false },
      { claims: { nonce: "another" } },
      { claims: { nonce: undefined } },
      { claims: { aud: "another" } },
      { claims: { aud: [client.id, "another"] } },
      { claims: { iss: "https://evil.example" } },
      { claims: { exp: inAnHour - 7_200 } },
      { claims: { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" } },
      { claims: { sub: "x".repeat(300) } },
    ]) {
      provider.forge(forgery);
      await context.clearCookies({ name: "casebook-session" });
      const response = await page.goto("/login/oidc");
      const what = JSON.stringify({ ...forgery, by: forgery.by && "a strange key" });
      assert.equal(response.status(), 502, what);
      assert.ok(!(await context.cookies()).some(({ name }) => name === "casebook-session"), what);
    }
    // Signed anew without a change: it was the changes that were refused.
    provider.forge({});
    await page.goto("/login/oidc?return=/about");
    assert.equal(await account(page).textContent(), "Ada Lovelace");
    provider.forge();
    await close();
  });

  test("secrets of a login are in no log", async () => {
    const log = world.site.log();
    assert.match(log, /a login failed/);
    assert.doesNotMatch(log, new RegExp(`${client.secret}|code=|verifier=|Bearer|eyJ`));
  });
};

export const oidcTests = (world) => {
  const { provider } = world;
  provider.people.set("ada", { name: "Ada Lovelace", email: "ada@example.com", email_verified: true, groups: ["staff", "sre"] });
  provider.people.set("bob", { name: "Bob", email: "ada@example.com", email_verified: true, groups: ["sre"] });

  test("while the provider is away a page says so; once it is there, people log in and get to the page they wanted", async () => {
    const { context, page, troubles, close } = await open(world.browser, world.site);
    const response = await page.goto("/login/oidc?return=/stories%3Fq%3Dwebhook");
    await refused(page, response, 502, "Login is not available just now");
    await provider.start();
    await eventually(30_000, "the provider's own page", async () => {
      await page.getByRole("link", { name: "Try again with Example SSO" }).click();
      return new URL(page.url()).origin === provider.issuer;
    });
    const { httpOnly, sameSite } = await attemptOf(context);
    assert.deepEqual({ httpOnly, sameSite }, { httpOnly: true, sameSite: "Lax" });
    await logIn(page, "ada");
    await agree(page, "/stories");
    assert.equal(new URL(page.url()).search, "?q=webhook");
    assert.equal(await account(page).textContent(), "Ada Lovelace");
    assert.ok(await mayWrite(page), "an editor writes");
    assert.equal(await attemptOf(context), undefined);
    const session = (await context.cookies()).find(({ name }) => name === "casebook-session");
    assert.deepEqual([session.httpOnly, session.sameSite], [true, "Lax"]);
    assert.deepEqual(troubles, []);
    await close();
  });

  test("a second browser comes in beside the first, and a role follows the groups from the next login on", async () => {
    const first = await comeIn(world, "ada");
    assert.ok(await mayWrite(first.page));
    provider.people.get("ada").groups = ["guests"];
    const second = await comeIn(world, "ada");
    assert.equal(await account(second.page).textContent(), "Ada Lovelace");
    assert.ok(!(await mayWrite(second.page)), "whoever has left the groups reads");
    await first.page.reload();
    assert.equal(await account(first.page).textContent(), "Ada Lovelace");
    assert.ok(!(await mayWrite(first.page)), "in every browser");
    provider.people.get("ada").groups = "staff";
    const third = await comeIn(world, "ada");
    assert.ok(await mayWrite(third.page), "one group may come as one word");
    for (const { close } of [first, second, third]) await close();
  });

  test("nobody gets into another's account by having the same address", async () => {
    const { page, close } = await open(world.browser, world.site);
    await page.goto("/login/oidc");
    await logIn(page, "bob");
    const coming = returned(page);
    await page.getByRole("button", { name: "Agree" }).click();
    await refused(page, await coming, 403, "There is an account with your address");
    await close();
  });

  whatIsSaid(world);
};
