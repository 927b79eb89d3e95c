// Starts the real program on a free port with a data folder of its own, and stops it again.

import { spawn } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const program = process.env.CASEBOOK ?? join(root, "target/debug/casebook");
const patience = 120_000;

/** In memory where the machine has it: a database is made for every run. */
const newFolder = async () => {
  const base = await stat("/dev/shm").then((found) => (found.isDirectory() ? "/dev/shm" : tmpdir()), () => tmpdir());
  const folder = await mkdtemp(join(base, "casebook-browser-"));
  // PostgreSQL refuses to be root; as root it runs as another user, who has to pass through.
  await chmod(folder, 0o711);
  return folder;
};

const address = (child, told) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`casebook said no address within ${patience / 1000} s:\n${told()}`)), patience);
    const settle = (act) => (value) => {
      clearTimeout(timer);
      act(value);
    };
    child.once("error", settle(reject));
    child.once("exit", (code) => settle(reject)(new Error(`casebook ended with ${code} before it was ready:\n${told()}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = /^Casebook is at (http:\/\/[^\s]+)/.exec(line);
      if (found) settle(resolve)(found[1]);
    });
  });

/** What the built-in library began with: tests that count know these, however many come after them. */
const seed = [
  "jetstack-opa-webhook-gke-upgrade",
  "jw-player-weave-scope-cryptominer",
  "loveholidays-gke-pod-ip-exhaustion",
  "mindtickle-eks-external-snat",
  "moonlight-pods-on-one-node",
  "patterns/admission-webhook-blocks-control-plane",
  "patterns/exposed-dashboard-runs-miner",
  "patterns/pod-egress-snat-mismatch",
  "patterns/pod-ip-range-exhausted",
  "patterns/replicas-share-one-node",
];

/** Brings the seed into a new data folder. */
const importSeed = async (folder, data, env) => {
  const stories = join(folder, "stories");
  await mkdir(join(stories, "patterns"), { recursive: true });
  for (const name of seed) await copyFile(join(root, "stories", `${name}.md`), join(stories, `${name}.md`));
  const child = spawn(program, ["import", stories, "--data", data], { env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`casebook import ended with ${code}:\n${said}`);
};

/**
 * Starts `casebook serve` with the built-in library.
 * @param {string[]} more arguments beside address and data folder
 * @returns {Promise<{url: string, data: string, log: () => string, printed: () => string, stop: () => Promise<void>, crash: () => Promise<void>, revive: () => Promise<string>}>}
 */
export const start = (...more) => serve(async () => {}, more);

/** The same with the seed alone. */
export const startWithSeed = (...more) => serve(importSeed, ["--no-library", ...more]);

const serve = async (fill, more) => {
  const folder = await newFolder();
  const data = join(folder, "data");
  // What the person who runs the tests has set for a Casebook of their own is not meant for this one.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("CASEBOOK") && name !== "DATABASE_URL"),
  );
  await fill(folder, data, { ...environment, RUST_LOG: "warn" });
  const args = [...(more.includes("--rate-limit") ? [] : ["--rate-limit", "off"]), ...(more.includes("--read-only") || more.includes("--accounts") ? [] : ["--trust-local"]), ...more.filter((one) => one !== "--accounts")];
  let said = "";
  let printed = "";
  let child;
  let ended;
  const begin = (listen) => {
    child = spawn(program, ["serve", ...(more.includes("--listen") ? [] : ["--listen", listen]), "--data", data, ...args], {
      env: { ...environment, RUST_LOG: "info" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-20_000)));
    printed = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (printed += text));
    ended = new Promise((resolve) => child.once("close", resolve));
    return address(child, () => said);
  };
  // A run that is broken off must not leave a database behind.
  const abandon = () => child.kill("SIGTERM");
  process.once("exit", abandon);
  const stop = async () => {
    process.removeListener("exit", abandon);
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await begin("127.0.0.1:0");
    /** Ends it as a failing machine does, and starts it again at the same address. */
    const crash = async () => {
      child.kill("SIGKILL");
      await ended;
    };
    const revive = () => begin(new URL(url).host);
    return { url, data, log: () => said, printed: () => printed, stop, crash, revive };
  } catch (error) {
    await stop();
    throw error;
  }
};
