// Discord's Markdown as nodes: what messages use of it. Text stays text; only safe links become links.
import { el, link, safe } from "./dom.js";

const BLOCK = /```(?:([\w+-]+)\n|\n)?([\s\S]*?)\n?```/g;
const INLINE = new RegExp(
  [
    String.raw`\\(?<escaped>[^A-Za-z0-9\s])`,
    String.raw`(?<ticks>\x60{1,2})(?<code>[^\x60\n]+)\k<ticks>`,
    String.raw`\*\*(?<bold>(?:[^*\\]|\\.|\*(?!\*))+)\*\*`,
    String.raw`__(?<under>(?:[^_\\]|\\.|_(?!_))+)__`,
    String.raw`~~(?<strike>[^~]+)~~`,
    String.raw`\|\|(?<spoiler>[^|]+)\|\|`,
    String.raw`\*(?<italic>(?:[^*\\\n]|\\.)+)\*`,
    String.raw`(?<![\w])_(?<italic2>(?:[^_\\\n]|\\.)+)_(?![\w])`,
    String.raw`\[(?<name>(?:\\.|[^\]\\\n])+)\]\(<?(?<url>https?://[^)\s>]+)>?\)`,
    String.raw`<t:(?<time>\d{1,12})(?::(?<style>[tTdDfFR]))?>`,
    String.raw`<(?<mention>@[!&]?\d+|#\d+|/[^:>]+:\d+|a?:\w+:\d+)>`,
    String.raw`<(?<bare>https?://[^\s>]+)>`,
    String.raw`(?<plain>https?://[^\s<>()]+)`,
  ].join("|"),
  "gu",
);

/** A text as nodes: code blocks, headings, lists, quotes, small print, and what stands within lines. */
export function markdown(text, names = {}) {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(BLOCK)) {
    out.push(...lines(text.slice(at, found.index), names));
    const code = el("pre", { tabIndex: 0, role: "region", "aria-label": found[1] ? `code, ${found[1]}` : "code" }, el("code", {}, found[2]));
    out.push(code);
    at = found.index + found[0].length;
    if (text[at] === "\n") at += 1;
  }
  out.push(...lines(text.slice(at), names));
  return out;
}

const STARTS = [
  [/^(#{1,3}) +(.*)$/, (found, names) => el("p", { className: `h h${found[1].length}`, role: "heading", "aria-level": found[1].length + 2 }, inline(found[2], names))],
  [/^-# +(.*)$/, (found, names) => el("p", { className: "small" }, inline(found[1], names))],
];

function lines(text, names) {
  const out = [];
  let run = [];
  const flush = () => {
    if (run.length) out.push(el("p", {}, run.flatMap((line, n) => (n ? [el("br"), ...inline(line, names)] : inline(line, names)))));
    run = [];
  };
  const rows = text.replace(/^\n+|\n+$/g, "").split("\n");
  for (let n = 0; n < rows.length; n += 1) {
    const start = STARTS.map(([pattern, make]) => [rows[n].match(pattern), make]).find(([found]) => found);
    const kind = group(rows[n]);
    if (start) {
      flush();
      out.push(start[1](start[0], names));
    } else if (kind) {
      flush();
      const taken = [];
      while (n < rows.length && group(rows[n]) === kind) taken.push(rows[n++]);
      n -= 1;
      out.push(GROUPS[kind](taken, names));
    } else if (rows[n] === "") flush();
    else run.push(rows[n]);
  }
  flush();
  return out;
}

const group = (row) => (/^\s*[-*] +\S/.test(row) ? "ul" : /^\s*\d+\. +\S/.test(row) ? "ol" : /^>{1,3} /.test(row) ? "quote" : "");
const item = (row, names) => el("li", {}, inline(row.replace(/^\s*(?:[-*]|\d+\.) +/, ""), names));
const GROUPS = {
  ul: (rows, names) => el("ul", {}, rows.map((row) => item(row, names))),
  ol: (rows, names) => el("ol", { start: Number(rows[0].match(/\d+/)[0]) }, rows.map((row) => item(row, names))),
  quote: (rows, names) => el("blockquote", {}, lines(rows.map((row) => row.replace(/^>{1,3} /, "")).join("\n"), names)),
};

/** What stands within a line, as nodes. */
export function inline(text, names = {}) {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    out.push(text.slice(at, found.index), span(found.groups, names));
    at = found.index + found[0].length;
  }
  out.push(text.slice(at));
  return out.filter((one) => one !== "");
}

function span(got, names) {
  if (got.escaped) return got.escaped;
  if (got.code) return el("code", {}, got.code);
  if (got.bold) return el("strong", {}, inline(got.bold, names));
  if (got.under) return el("u", {}, inline(got.under, names));
  if (got.strike) return el("s", {}, inline(got.strike, names));
  if (got.spoiler) return spoiler(got.spoiler, names);
  if (got.italic ?? got.italic2) return el("em", {}, inline(got.italic ?? got.italic2, names));
  if (got.url) return link(got.url, inline(got.name, names));
  if (got.time) return when(Number(got.time), got.style || "f");
  if (got.mention) return el("span", { className: "mention" }, mentioned(got.mention, names));
  const url = got.bare || got.plain;
  return safe(url) ? link(url, url) : url;
}

function spoiler(text, names) {
  const shown = el("button", { type: "button", className: "spoiler", "aria-label": "spoiler, press to show" }, inline(text, names));
  shown.onclick = () => { shown.classList.add("open"); shown.removeAttribute("aria-label"); };
  return shown;
}

function mentioned(raw, names) {
  if (raw.startsWith("/")) return raw.slice(0, raw.lastIndexOf(":"));
  if (raw.includes(":")) return `:${raw.split(":")[1]}:`;
  const id = raw.replace(/\D/g, "");
  return (raw.startsWith("#") ? "#" : "@") + (names[id] || "unknown");
}

const FORMATS = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

function when(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "";
  const full = new Intl.DateTimeFormat(undefined, FORMATS.F).format(date);
  const said = style === "R" ? ago((date.getTime() - Date.now()) / 1000) : new Intl.DateTimeFormat(undefined, FORMATS[style]).format(date);
  return el("time", { dateTime: date.toISOString(), title: full }, said);
}

function ago(seconds) {
  const units = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, n]) => Math.abs(seconds) >= n) || units.at(-1);
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
