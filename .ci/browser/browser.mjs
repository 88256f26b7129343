// What all tests of pages share.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

// launch starts the chromium of the system.
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

// A watch notes what a page must not do: ask the network, or complain on the console.
export const watch = (page, allowed) => {
  const wrong = [];
  page.on("request", (r) => allowed(r.url()) || wrong.push("request of " + r.url()));
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && wrong.push(m.type() + ": " + m.text()));
  page.on("pageerror", (e) => wrong.push("exception: " + e.message));
  page.on("dialog", (d) => wrong.push("dialog: " + d.message()));
  return wrong;
};

// flows runs named functions and says which one failed.
export const flows = async (all) => {
  let failed = 0;
  for (const [name, flow] of Object.entries(all)) {
    try {
      await flow();
      console.log("ok   " + name);
    } catch (err) {
      failed++;
      console.log("FAIL " + name + "\n     " + String(err.stack || err).replaceAll("\n", "\n     "));
    }
  }
  process.exitCode = failed ? 1 : 0;
};

// noSidewaysScroll asserts that nothing is wider than the window.
export const noSidewaysScroll = async (page, what) => {
  const [content, view] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= view, `${what}: ${content} pixels wide in a window of ${view}`);
};

// contrasts returns the texts whose contrast with what is behind them is below 4.5.
export const contrasts = (page) =>
  page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (e) => {
      for (; e; e = e.parentElement) {
        const colour = rgb(getComputedStyle(e).backgroundColor);
        if (colour[3] === 255) return colour;
      }
      return [255, 255, 255, 255];
    };
    const weak = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const e = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !e.checkVisibility({ contentVisibilityAuto: true }) || e.closest("script, noscript")) continue;
      const [light, dark] = [luminance(rgb(getComputedStyle(e).color)), luminance(behind(e))].sort((a, b) => b - a);
      const ratio = (light + 0.05) / (dark + 0.05);
      if (ratio < 4.5) weak.add(`${ratio.toFixed(2)}: ${texts.currentNode.data.trim().slice(0, 40)}`);
    }
    return [...weak];
  });
