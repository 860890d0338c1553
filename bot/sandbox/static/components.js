// A message's components as elements: rows of buttons and selects, and whole layouts. What is pressed goes to `act`.
import { bytes, colour, el, emoji, fresh, link, local } from "./dom.js";
import { markdown } from "./markdown.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const SELECTS = new Set([3, 5, 6, 7, 8]);

/** The components as nodes. `act(op, data, element)` does something; `scene` names people and channels. */
export function components(parts, context) {
  return parts.map((part) => (MAKERS[part.type] ? MAKERS[part.type](part, context) : unknown(part)));
}

const unknown = (part) => el("p", { className: "note" }, `[a component of type ${part.type}]`);

const MAKERS = {
  1: (part, context) => el("div", { className: "row" }, components(part.components, context)),
  2: button,
  9: section,
  10: (part, { names }) => el("div", { className: "text" }, markdown(part.content, names)),
  11: (part) => picture(part.media, part.description, "thumbnail", part.spoiler),
  12: gallery,
  13: (part) => file(part.file.url, part.name || part.file.filename || "file", part.size || 0),
  14: (part) => el("hr", { className: `${part.divider === false ? "bare" : ""} ${part.spacing === 2 ? "wide" : ""}` }),
  17: container,
};
for (const kind of SELECTS) MAKERS[kind] = select;

function container(part, context) {
  const made = el("div", { className: `container ${part.spoiler ? "hiding" : ""}` }, components(part.components, context));
  if (part.accent_color !== null && part.accent_color !== undefined) made.style.setProperty("--accent", colour(part.accent_color));
  return made;
}

function section(part, context) {
  return el("div", { className: "section" }, el("div", {}, components(part.components, context)), components([part.accessory], context));
}

function button(part, { act, message }) {
  const words = [part.emoji ? el("span", { "aria-hidden": part.label ? true : undefined, className: "emoji" }, emoji(part.emoji)) : "", part.label ? el("span", {}, part.label) : ""];
  if (part.style === 5) {
    const made = link(part.url, words, el("span", { className: "out", "aria-hidden": true }, "↗"));
    made.classList.add("button", "secondary");
    return made;
  }
  const made = el("button", { type: "button", className: `button ${STYLES[part.style] || "secondary"}`, disabled: part.disabled }, words);
  made.onclick = () => act("press", { message: message.id, custom_id: part.custom_id }, made);
  return made;
}

/** The options of any select: those it lists, or the people, roles and channels there are. */
export function optionsOf(part, scene) {
  const people = () => scene.people.map((one) => ({ label: one.global_name || one.username, value: one.id }));
  const channels = () => scene.places.filter((one) => one.context === 0).map((one) => ({ label: `#${one.name}`, value: one.id }));
  const chosen = new Set((part.default_values || []).map((one) => one.id));
  const listed = { 3: () => part.options, 5: people, 6: () => [{ label: "@everyone", value: scene.guild }], 7: people, 8: channels }[part.type]();
  return listed.map((one) => ({ ...one, default: one.default || chosen.has(one.value) }));
}

function select(part, { act, message, scene }) {
  const options = optionsOf(part, scene);
  const most = part.max_values ?? 1;
  const send = (values, made) => act("choose", { message: message.id, custom_id: part.custom_id, values }, made);
  if (most > 1) return several(part, options, most, send);
  const title = part.placeholder || "Make a selection";
  const made = el("select", { className: "select", disabled: part.disabled, "aria-label": title });
  const none = !options.some((one) => one.default);
  made.append(el("option", { value: "", disabled: true, selected: none, hidden: true }, title));
  for (const one of options) {
    const said = `${one.emoji ? `${emoji(one.emoji)} ` : ""}${one.label}${one.description ? ` — ${one.description}` : ""}`;
    made.append(el("option", { value: one.value, selected: one.default }, said));
  }
  made.onchange = () => send([made.value], made);
  return made;
}

function several(part, options, most, send) {
  const title = part.placeholder || "Make a selection";
  const boxes = options.map((one) => el("input", { type: "checkbox", value: one.value, checked: one.default }));
  const count = () => boxes.filter((box) => box.checked).length;
  const low = part.min_values ?? 1;
  const apply = el("button", { type: "button", className: "button primary" }, "Apply");
  const check = () => { apply.disabled = count() < low || count() > most; };
  const rows = options.map((one, n) => el("label", {}, boxes[n], " ", emoji(one.emoji), " ", one.label, one.description ? el("small", {}, one.description) : ""));
  boxes.forEach((box) => { box.onchange = check; });
  const chosen = options.filter((one) => one.default).map((one) => one.label).join(", ");
  const made = el("details", { className: "several" }, el("summary", {}, chosen || title), el("div", { role: "group", "aria-label": title }, rows, apply));
  apply.onclick = () => send(boxes.filter((box) => box.checked).map((box) => box.value), apply);
  check();
  return made;
}

function gallery(part) {
  return el("div", { className: `gallery n${Math.min(part.items.length, 4)}` }, part.items.map((one) => picture(one.media, one.description, "", one.spoiler)));
}

/** A picture that lies with the stand-in; one from elsewhere is named, not fetched. */
export function picture(media, description, className = "", hidden = false) {
  const where = local(media.url);
  if (!where) return el("p", { className: "note" }, "🖼 ", link(media.url, description || "a picture from elsewhere"));
  const made = el("img", { src: where, alt: description || media.filename || "picture", className, loading: "lazy", width: media.width || undefined, height: media.height || undefined });
  return el("a", { href: where, target: "_blank", rel: "noopener", className: `picture ${className} ${hidden ? "hiding" : ""}` }, made);
}

/** A file to take down. */
export function file(url, name, size) {
  const where = local(url);
  const words = [el("span", { "aria-hidden": true }, "📄"), el("span", {}, el("strong", {}, name), size ? el("small", {}, bytes(size)) : "")];
  return where ? el("a", { className: "file", href: where, download: name }, words) : el("p", { className: "file" }, words);
}

/** An embed. */
export function embed(one, { names }) {
  const made = el("article", { className: "embed" });
  if (one.color !== null && one.color !== undefined) made.style.setProperty("--accent", colour(one.color));
  const body = el("div", {});
  if (one.author) body.append(el("p", { className: "author" }, one.author.url ? link(one.author.url, one.author.name) : one.author.name));
  if (one.title) body.append(el("p", { className: "title", id: fresh("embed") }, one.url ? link(one.url, one.title) : markdown(one.title, names)));
  if (one.description) body.append(el("div", { className: "text" }, markdown(one.description, names)));
  if (one.fields?.length) body.append(fields(one.fields, names));
  if (one.image) body.append(picture(one.image, "", "large"));
  if (one.footer) body.append(el("p", { className: "footer" }, one.footer.text));
  made.append(body);
  if (one.thumbnail) made.append(picture(one.thumbnail, "", "thumbnail"));
  return made;
}

function fields(list, names) {
  const made = el("div", { className: "fields" });
  let run = [];
  const flush = () => {
    run.forEach((cell) => cell.style.setProperty("--span", String(12 / run.length)));
    run = [];
  };
  for (const one of list) {
    const cell = el("div", {}, el("p", { className: "name" }, markdown(one.name, names)), el("div", { className: "text" }, markdown(one.value, names)));
    made.append(cell);
    if (one.inline) run.push(cell);
    if (!one.inline || run.length === 3) flush();
  }
  flush();
  return made;
}
