// What was said to a language model, and what it said.
import { el } from "./dom.js";
import { tree } from "./tree.js";

const textOf = (part) => {
  if (typeof part === "string") return part;
  if (part && typeof part === "object" && typeof part.text === "string") return part.text;
  return undefined;
};

const partNodes = (content) => {
  if (content === undefined || content === null) return [];
  const parts = Array.isArray(content) ? content : [content];
  return parts.slice(0, 50).map((part) => {
    const text = textOf(part);
    if (text !== undefined) return el("p", null, text);
    const call = part?.function;
    if (call && typeof call === "object") return el("p", { class: "call" }, el("code", null, String(call.name || "tool") + "(" + (typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments ?? "")) + ")"));
    return tree(part);
  });
};

const message = (m, role) => {
  if (typeof m === "string") return el("li", { "data-role": role }, el("h4", null, role), el("p", null, m));
  if (!m || typeof m !== "object") return el("li", { "data-role": role }, el("h4", null, role), tree(m));
  const who = typeof m.role === "string" ? m.role : role;
  const calls = Array.isArray(m.tool_calls) ? m.tool_calls : [];
  const content = m.content ?? m.text ?? (calls.length ? undefined : m);
  return el("li", { "data-role": who }, el("h4", null, who), partNodes(content), partNodes(calls));
};

const list = (value, role) => {
  if (value === undefined || value === null || value === "") return [];
  return (Array.isArray(value) ? value : [value]).slice(0, 200).map((m) => message(m, role));
};

// talk is the conversation of an event of a model, or undefined if it has none.
export const talk = (raw) => {
  const p = raw?.properties || {};
  const said = [...list(p.$ai_input ?? p.$ai_input_state, "input"), ...list(p.$ai_output_choices ?? p.$ai_output ?? p.$ai_output_state, "output")];
  if (p.$ai_is_error || p.$ai_error) said.push(message(typeof p.$ai_error === "string" ? p.$ai_error : JSON.stringify(p.$ai_error ?? "it failed"), "error"));
  return said.length ? el("ol", { class: "talk" }, said) : undefined;
};
