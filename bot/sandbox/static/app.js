// The page: one WebSocket to the sandbox, the messages of a channel, who one is, and where.
import { Composer } from "./composer.js";
import { el } from "./dom.js";
import { message, nameOf } from "./message.js";
import { openModal } from "./modal.js";

const STATES = { starting: "The bot is starting…", running: "", restarting: "The bot ended; it is starting again…", ended: "The bot has ended." };
const $ = (id) => document.getElementById(id);

let scene = { people: [], places: [], commands: [], messages: [], locales: ["en-US"], me: {}, place: "" };
let socket;
let serial = 0;
const waiting = new Map();

// the wire

function connect() {
  socket = new WebSocket(`ws://${location.host}/live`);
  socket.binaryType = "arraybuffer";
  const wanted = { user_id: scene.me.id || saved("person"), place: scene.place || saved("place"), locale: saved("locale") || scene.locale };
  socket.onopen = () => enter(wanted);
  socket.onmessage = (event) => heard(JSON.parse(new TextDecoder().decode(event.data)));
  socket.onclose = () => {
    for (const done of waiting.values()) done({ ok: false, error: "The sandbox is away." });
    waiting.clear();
    $("state").textContent = "The sandbox is away; trying again…";
    setTimeout(connect, 1000);
  };
}

function ask(op, data = {}) {
  if (socket.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, error: "The sandbox is away." });
  const id = ++serial;
  socket.send(JSON.stringify({ id, op, ...data }));
  return new Promise((done) => waiting.set(id, done));
}

function heard(said) {
  if (said.push === "scene") return show(said);
  if (said.push) return changed(said.push, said.message);
  waiting.get(said.id)?.(said);
  waiting.delete(said.id);
}

async function upload(file) {
  const answer = await fetch(`/upload/${encodeURIComponent(file.name)}`, { method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } });
  if (!answer.ok) throw new Error(answer.status === 413 ? "Files may have 10 MiB at most." : "The file could not be attached.");
  return answer.json();
}

// what is done

/** Do something and show what comes of it: a modal, an error; a message arrives by itself. */
async function act(op, data, element) {
  element?.setAttribute("aria-busy", "true");
  const done = await ask(op, data);
  element?.removeAttribute("aria-busy");
  if (!done.ok) problem(done.error);
  if (done.modal) openModal(done.modal, { scene, names: names(), upload, send: (values) => submit(done.token, values) });
  return done;
}

async function submit(token, values) {
  const done = await ask("submit", { token, values });
  if (done.modal) openModal(done.modal, { scene, names: names(), upload, send: (more) => submit(done.token, more) });
  return done.ok ? "" : done.error;
}

function problem(text) {
  const note = el("div", { className: "toast", role: "alert" }, el("span", { "aria-hidden": true }, "⚠ "), text);
  document.body.append(note);
  setTimeout(() => note.remove(), 6000);
}

// what is shown

const names = () => Object.fromEntries([...scene.people.map((one) => [one.id, nameOf(one)]), ...scene.places.map((one) => [one.id, one.name])]);
const context = () => ({ scene, names: names(), act });

async function enter(wanted) {
  const done = await ask("enter", wanted);
  if (done.ok) {
    show(done);
    writing.plain("", { focus: false });
  }
}

function show(next) {
  scene = { ...scene, ...next };
  $("state").textContent = STATES[scene.bot] ?? "";
  $("state").hidden = !$("state").textContent;
  places();
  people();
  locales();
  $("log").replaceChildren(...scene.messages.map((one) => message(one, context())));
  down();
}

function changed(what, one) {
  const log = $("log");
  const there = log.querySelector(`[data-id="${CSS.escape(one.id)}"]`);
  const low = log.scrollHeight - log.scrollTop - log.clientHeight < 160;
  scene.messages = scene.messages.filter((each) => each.id !== one.id || what === "edited").map((each) => (each.id === one.id ? one : each));
  if (what === "deleted") there?.remove();
  else if (there) replace(there, one);
  else if (what === "posted") {
    scene.messages.push(one);
    log.append(message(one, context()));
  }
  if (low || what === "posted") down();
}

/** Put an edited message in place of itself; who had the focus in it keeps it. */
function replace(there, one) {
  const focusable = "button, select, a, summary, input";
  const at = [...there.querySelectorAll(focusable)].indexOf(document.activeElement);
  const made = message(one, context());
  there.replaceWith(made);
  if (at >= 0) made.querySelectorAll(focusable)[at]?.focus();
}

const down = () => requestAnimationFrame(() => { $("log").scrollTop = $("log").scrollHeight; });

function places() {
  const groups = [["Server", (one) => one.context === 0], ["Direct messages", (one) => one.context === 1], ["Group without the bot", (one) => one.context === 2]];
  $("places").replaceChildren(...groups.map(([title, of]) => el("section", {}, el("h2", {}, title), scene.places.filter(of).map(placeButton))));
  const here = scene.places.find((one) => one.id === scene.place);
  $("title").textContent = here ? shownName(here) : "";
}

const shownName = (one) => (one.context === 0 ? `# ${one.name}` : one.context === 1 ? `@ ${one.name}` : one.name);

function placeButton(one) {
  const made = el("button", { type: "button", className: "place", "aria-current": one.id === scene.place ? "page" : undefined }, shownName(one));
  made.onclick = () => { open(false); keep("place", one.id); enter({ user_id: scene.me.id, place: one.id, locale: scene.locale }); };
  return made;
}

function people() {
  $("people").replaceChildren(...scene.people.slice(0, 2).map((one) => {
    const made = el("button", { type: "button", className: "person", "aria-pressed": String(one.id === scene.me.id) }, nameOf(one), el("small", {}, one.id.endsWith("1") ? "member" : "maintainer"));
    made.onclick = () => { keep("person", one.id); enter({ user_id: one.id, place: scene.place, locale: scene.locale }); };
    return made;
  }));
}

function locales() {
  const said = (code) => { try { return new Intl.DisplayNames([code], { type: "language" }).of(code); } catch { return code; } };
  $("locale").replaceChildren(...scene.locales.map((code) => el("option", { value: code, selected: code === scene.locale }, said(code))));
  document.documentElement.lang = "en";
}

// what is kept in the browser

function keep(name, value) { try { sessionStorage.setItem(name, value); } catch { /* a browser that keeps nothing */ } }
function saved(name) { try { return sessionStorage.getItem(name) || undefined; } catch { return undefined; } }

function theme(name) {
  document.documentElement.dataset.theme = name || "";
  keep("theme", name);
}

function open(yes) {
  document.body.classList.toggle("menu-open", yes);
  $("menu").setAttribute("aria-expanded", String(yes));
}

$("menu").onclick = () => open(!document.body.classList.contains("menu-open"));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") open(false); });
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.apps[open]")) if (!menu.contains(event.target)) menu.open = false;
});
$("locale").onchange = () => { keep("locale", $("locale").value); enter({ user_id: scene.me.id, place: scene.place, locale: $("locale").value }); };
$("theme").value = saved("theme") || "";
$("theme").onchange = () => theme($("theme").value);
theme(saved("theme"));

const writing = new Composer($("compose"), { scene: () => scene, ask, act, upload, problem });
connect();
