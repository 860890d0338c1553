// Elements made without a word of HTML: text goes in as text, so nothing a bot or a person writes can become markup.

/** An element. `props` are properties (`className`, `onclick`), `aria-*`/`data-*`/`role` attributes; children are nodes or text. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("aria-") || name.startsWith("data-") || name === "role" || name === "for" || name === "list") made.setAttribute(name, value === true ? "true" : value);
    else made[name] = value;
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

let serial = 0;
/** A fresh id for labels to point to. */
export const fresh = (stem) => `${stem}-${++serial}`;

/** The link if it is one a person may follow, else null. */
export function safe(url) {
  try {
    const parsed = new URL(url);
    return ["https:", "http:"].includes(parsed.protocol) ? parsed : null;
  } catch {
    return null;
  }
}

/** Where a file lies for this page: what the stand-in keeps is served here too; anything else is not fetched. */
export function local(url) {
  const parsed = safe(url);
  const ours = parsed && parsed.hostname === "127.0.0.1" && parsed.pathname.startsWith("/attachments/");
  return ours ? parsed.pathname : null;
}

export const link = (url, ...children) => {
  const parsed = safe(url);
  if (!parsed) return el("span", {}, ...children);
  return el("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
};

export const colour = (number) => `#${(Number(number) & 0xffffff).toString(16).padStart(6, "0")}`;

export const emoji = (one) => (one ? (one.id ? `:${one.name}:` : one.name || "") : "");

export function bytes(n) {
  return n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1048576).toFixed(1)} MiB`;
}
