// Drives the page of phgen dev: node dev.mjs. With a folder, screenshots go there. The
// variable PHGEN is the program, PLAN the example's plan, FLOWS a word in the names of the
// flows to run.
import { flows } from "./browser.mjs";
import connection from "./dev/connection.mjs";
import events from "./dev/events.mjs";
import look from "./dev/look.mjs";
import many from "./dev/many.mjs";
import settings from "./dev/settings.mjs";
import views from "./dev/views.mjs";
import { browser } from "./dev/visit.mjs";

const all = { ...events, ...views, ...settings, ...connection, ...look, ...many };
const word = process.env.FLOWS || "";
await flows(Object.fromEntries(Object.entries(all).filter(([name]) => name.includes(word))));
await browser.close();
