import { after } from "node:test";
import { launch } from "./browser.mjs";
import { hostileTests } from "./hostile.mjs";
const browser = await launch();
after(() => browser.close());
hostileTests({ browser });
