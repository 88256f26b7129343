// Drives phgen dev with PostHog's own clients: node clients.mjs. The variables are those of
// dev.mjs.
import { flows } from "./browser.mjs";
import node from "./dev/node.mjs";
import web from "./dev/web.mjs";
import { browser } from "./dev/visit.mjs";

const all = { ...node, ...web };
const word = process.env.FLOWS || "";
await flows(Object.fromEntries(Object.entries(all).filter(([name]) => name.includes(word))));
await browser.close();
