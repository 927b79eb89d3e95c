// A real OpenID provider on this machine: oidc-provider, with people and groups in memory and the plainest of pages.

import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

export const client = { id: "casebook", secret: randomBytes(16).toString("hex") };

const page = (title, fields) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<h1>${title}</h1><form method="post">${fields}</form></html>`;
const logIn = page("Log in", '<label>Name <input name="login"></label><button>Log in</button>');
const consent = page("Consent", '<button name="consent" value="yes">Agree</button><button name="consent" value="no">Refuse</button>');

const body = async (request) => {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return new URLSearchParams(text);
};

const newKey = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const decoded = (part) => JSON.parse(Buffer.from(part, "base64url"));

/** An ID token with another header or other claims, signed anew. */
const forged = (token, key, { header = {}, claims = {}, sign = true, by = key }) => {
  const [oldHeader, oldClaims, oldSignature] = token.split(".");
  const signed = `${encoded({ ...decoded(oldHeader), ...header })}.${encoded({ ...decoded(oldClaims), ...claims })}`;
  return `${signed}.${sign ? createSign("sha256").update(signed).sign(by, "base64url") : oldSignature}`;
};

/** Has the answer of the token endpoint carry a forged token. */
const forge = (response, key, forgery) => {
  const end = response.end.bind(response);
  response.end = (text) => {
    const answer = JSON.parse(text);
    const changed = JSON.stringify({ ...answer, id_token: forged(answer.id_token, key, forgery) });
    response.setHeader("content-length", Buffer.byteLength(changed));
    return end(changed);
  };
};

const configuration = (people, returnTo, key) => {
  return {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [returnTo] }],
    jwks: { keys: [{ ...key.export({ format: "jwk" }), kid: "the first", use: "sig", alg: "RS256" }] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => people.has(id) && { accountId: id, claims: () => ({ sub: id, ...people.get(id) }) },
  };
};

/** What somebody did on a page of the provider. */
const outcome = async (provider, { prompt, params, session }, form) => {
  if (prompt.name === "login") return { login: { accountId: form.get("login") } };
  if (form.get("consent") !== "yes") return { error: "access_denied", error_description: "the person said no" };
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { consent: { grantId: await grant.save() } };
};

const interaction = async (provider, request, response) => {
  const details = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html; charset=utf-8").end(details.prompt.name === "login" ? logIn : consent);
    return;
  }
  const result = await outcome(provider, details, await body(request));
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: details.prompt.name !== "login" });
};

/**
 * A provider that is not started yet, but knows its address.
 * @param {number} port
 * @param {string} returnTo the address that people are sent back to
 */
export const newProvider = (port, returnTo) => {
  const issuer = `http://localhost:${port}`;
  const people = new Map();
  const broken = new Set();
  const key = newKey();
  const trick = { forgery: undefined };
  const provider = new Provider(issuer, configuration(people, returnTo, key));
  const answer = provider.callback();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, issuer);
    if (pathname === "/token" && trick.forgery) forge(response, key, trick.forgery);
    if (broken.has(pathname)) response.writeHead(500).end("out of order");
    else if (pathname === "/favicon.ico") response.writeHead(204).end();
    else if (pathname.startsWith("/interaction/")) {
      interaction(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
    } else answer(request, response);
  });
  return {
    issuer,
    /** Accounts: name to claims. */
    people,
    /** Paths that answer 500. */
    broken,
    /** Changes the ID tokens that are given out from now on; without an argument no more. */
    forge: (forgery) => (trick.forgery = forgery),
    start: () => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve)),
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
};

/** A key that the provider does not have. */
export const strangeKey = newKey;

/** A port that was free a moment ago. */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
