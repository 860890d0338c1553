// One message: who said it, what it answers, its text, embeds, components and files, and the menu of apps on it.
import { components, embed, file, picture } from "./components.js";
import { el, local } from "./dom.js";
import { markdown } from "./markdown.js";

const EPHEMERAL = 64;
const LOADING = 128;
const PREVIEWED = /^image\/(png|jpeg|gif|webp)$/;

/** The message as an element. `context`: `scene`, `names`, `act`, `apps` (the menus there are). */
export function message(one, context) {
  const inside = { ...context, message: one };
  const made = el("article", { className: `message ${one.flags & EPHEMERAL ? "private" : ""}`, "data-id": one.id, "aria-label": `${nameOf(one.author)}` });
  const used = one.interaction_metadata;
  if (used?.name) made.append(el("p", { className: "used" }, el("strong", {}, nameOf(used.user)), " used ", el("b", {}, used.type === 2 && !isMenu(used.name, context) ? `/${used.name}` : used.name)));
  made.append(avatar(one.author));
  const body = el("div", { className: "body" }, head(one));
  if (one.flags & LOADING) body.append(el("p", { className: "thinking", role: "status" }, el("i"), el("i"), el("i"), " RUNLOCALAI is thinking…"));
  if (one.content) body.append(el("div", { className: "text" }, markdown(one.content, context.names)));
  body.append(...one.embeds.map((each) => embed(each, inside)), ...components(one.components, inside), ...files(one));
  if (one.flags & EPHEMERAL) body.append(privacy(one, context));
  made.append(body, tools(one, context));
  return made;
}

const isMenu = (name, { scene }) => scene.commands.some((each) => each.kind !== "slash" && each.name === name);

export const nameOf = (person) => person.global_name || person.username;

function avatar(author) {
  const initial = author.bot ? el("img", { src: "icon.svg", alt: "", width: 40, height: 40 }) : nameOf(author).slice(0, 1);
  return el("div", { className: `avatar ${author.bot ? "bot" : `p${Number(author.id.slice(-1)) % 4}`}`, "aria-hidden": true }, initial);
}

function head(one) {
  const date = new Date(one.timestamp);
  const time = el("time", { dateTime: one.timestamp }, new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(date));
  const name = one.author.bot ? "RUNLOCALAI" : nameOf(one.author);
  return el("p", { className: "who" }, el("strong", {}, name), one.author.bot ? el("span", { className: "app" }, "APP") : "", time, one.edited_timestamp ? el("span", { className: "edited" }, "(edited)") : "");
}

function files(one) {
  const shown = JSON.stringify([one.components, one.embeds]);
  const rest = one.attachments.filter((each) => !shown.includes(`/${each.id}/`));
  return rest.map((each) => (PREVIEWED.test(each.content_type) && local(each.url) ? picture(each, each.description || each.filename, "large") : file(each.url, each.filename, each.size)));
}

function privacy(one, { act }) {
  const dismiss = el("button", { type: "button", className: "linklike" }, "Dismiss message");
  dismiss.onclick = () => act("dismiss", { message: one.id }, dismiss);
  return el("p", { className: "only" }, el("span", { "aria-hidden": true }, "👁 "), "Only you can see this · ", dismiss);
}

/** "Apps ›": what the bot offers on a message, and on who wrote it. */
function tools(one, { scene, act }) {
  const menus = scene.commands.filter((each) => each.kind === "message" || (each.kind === "user" && !one.author.bot));
  if (!menus.length || one.flags & EPHEMERAL) return "";
  const list = el("div", { className: "menu", role: "group", "aria-label": "Apps" });
  const made = el("details", { className: "apps" }, el("summary", {}, el("span", {}, "Apps ›")), list);
  for (const each of menus) {
    const item = el("button", { type: "button" }, each.label, each.kind === "user" ? el("small", {}, ` on ${nameOf(one.author)}`) : "");
    item.onclick = () => {
      made.open = false;
      act("menu", each.kind === "user" ? { name: each.name, user: one.author.id } : { name: each.name, message: one.id }, item);
    };
    list.append(item);
  }
  made.onkeydown = (event) => { if (event.key === "Escape") { made.open = false; made.querySelector("summary").focus(); } };
  return made;
}
