// Where one writes: plain messages, and slash commands with a field for each option and live autocomplete.
import { combo } from "./combo.js";
import { el, fresh } from "./dom.js";

const WAIT_MS = 150;
const TYPES = { WHOLE: 4, YES: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTION: 9, NUMBER: 10, FILE: 11 };

/** The composer in `root`. `ask(op, data)`, `act(op, data, element)`, `upload(file)`; `scene()` is what there is now. */
export class Composer {
  constructor(root, { scene, ask, act, upload, problem }) {
    Object.assign(this, { root, scene, ask, act, upload, problem });
    this.plain("", { focus: false });
  }

  slash() {
    return this.scene().commands.filter((one) => one.kind === "slash");
  }

  /** The line for messages and calls. */
  plain(text = "", { focus = true } = {}) {
    const input = el("input", { type: "text", id: "say", placeholder: "Type / for commands, or write a message", value: text, maxLength: 2000 });
    const list = combo(input, { find: async (typed) => this.matching(typed), take: (entry) => this.command(entry.value), label: "Commands" });
    const attach = el("input", { type: "file", className: "hidden", tabIndex: -1, "aria-label": "Attach a file", multiple: true });
    const clip = el("button", { type: "button", className: "icon", "aria-label": "Attach a file" }, "+");
    clip.onclick = () => attach.click();
    attach.onchange = async () => this.say(input, [...attach.files]);
    const form = el("form", { className: "say", autocomplete: "off" }, clip, el("label", { className: "hidden", htmlFor: "say" }, "Message"), input, attach, list);
    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value.startsWith("/")) this.typed(input.value);
      else this.say(input, []);
    };
    this.root.replaceChildren(form);
    if (focus) input.focus();
  }

  async say(input, files) {
    try {
      const sent = await Promise.all(files.map((one) => this.upload(one)));
      const done = await this.ask("say", { text: input.value, files: sent.map((one) => one.file) });
      if (done.ok) this.plain();
      else this.problem(done.error);
    } catch (error) {
      this.problem(error.message);
    }
  }

  /** The commands a text may mean, best first. */
  matching(text) {
    if (!text.startsWith("/")) return [];
    const wanted = text.slice(1).toLowerCase();
    const named = (one) => [one.name, one.label].some((name) => wanted.startsWith(`${name} `));
    if (this.slash().some(named) && !this.slash().some((one) => one.name.startsWith(wanted) || one.label.startsWith(wanted))) return [];
    const score = (one) => (one.label.startsWith(wanted) || one.name.startsWith(wanted) ? 0 : one.label.includes(wanted) ? 1 : one.description.toLowerCase().includes(wanted) ? 2 : 3);
    return this.slash().map((one) => [score(one), one]).filter(([n]) => n < 3).sort((a, b) => a[0] - b[0] || a[1].label.localeCompare(b[1].label))
      .map(([, one]) => ({ label: `/${one.label}`, detail: one.description, value: one }));
  }

  /** A whole call written out, `/fit model:qwen3-8b …`: the form with it filled in, sent if nothing is missing. */
  typed(text) {
    const said = text.slice(1).trim();
    const found = this.slash().filter((one) => said === one.name || said.startsWith(`${one.name} `) || said === one.label || said.startsWith(`${one.label} `))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (!found) return this.problem(`There is no command ${text.split(" ")[0]}.`);
    const rest = said.slice((said.startsWith(found.name) ? found.name : found.label).length);
    return this.command(found, read(rest, found.options)).submit();
  }

  /** The form of one command, filled in as far as `given` goes. */
  command(one, given = {}) {
    const fields = new Map();
    const more = el("div", { className: "more", role: "group", "aria-label": "More options" });
    const holder = el("div", { className: "fields" });
    const cancel = el("button", { type: "button", className: "icon", "aria-label": "Leave the command" }, "✕");
    const send = el("button", { type: "submit", className: "button primary" }, "Send");
    const title = el("p", { className: "command" }, el("b", {}, `/${one.label}`), " ", el("span", {}, one.description));
    const form = el("form", { className: "slash", "aria-label": `/${one.label}`, autocomplete: "off" }, title, cancel, holder, more, send);
    const state = { one, given, fields, more, holder };
    cancel.onclick = () => this.plain();
    form.onkeydown = (event) => { if (event.key === "Escape") this.plain(); };
    form.onsubmit = (event) => {
      event.preventDefault();
      if (form.reportValidity()) this.send(state, send);
    };
    this.root.replaceChildren(form);
    for (const option of one.options) if (option.required || given[option.name] !== undefined) this.add(state, option, { focus: false });
      else this.offer(state, option);
    (form.querySelector("input:placeholder-shown, select, input") || send).focus();
    return { submit: () => form.requestSubmit() };
  }

  /** Put an option's field into the form. */
  add(state, option, { focus = true } = {}) {
    const complete = (text) => this.complete(state, option, text);
    const made = field(option, { scene: this.scene, given: state.given[option.name], complete });
    state.fields.set(option.name, made);
    state.holder.append(made.node);
    state.more.querySelector(`[data-option="${CSS.escape(option.name)}"]`)?.remove();
    if (focus) made.input.focus();
    made.remove.onclick = () => {
      state.fields.delete(option.name);
      made.node.remove();
      this.offer(state, option).focus();
    };
  }

  /** Offer an option that may be given. */
  offer(state, option) {
    const chip = el("button", { type: "button", className: "chip", "data-option": option.name, title: option.description }, `+ ${option.label}`);
    chip.onclick = () => this.add(state, option);
    state.more.append(chip);
    return chip;
  }

  async send({ one, fields }, button) {
    button.disabled = true;
    try {
      const options = await upped(await values(fields), this.upload);
      const done = await this.act("slash", { name: one.name, options }, button);
      if (done.ok) this.plain("", { focus: !done.modal });
    } catch (error) {
      this.problem(error.message);
    }
    button.disabled = false;
  }

  async complete({ one, fields }, option, text) {
    const others = await values(fields);
    for (const [name, value] of Object.entries(others)) if (value instanceof File) delete others[name];
    const done = await this.ask("autocomplete", { name: one.name, typing: option.name, options: { ...others, [option.name]: text } });
    if (!done.ok) this.problem(done.error);
    return (done.choices || []).map((each) => ({ label: each.name, value: each.value }));
  }
}

/** What the fields hold; one that is empty is left out. */
async function values(fields) {
  const out = {};
  for (const [name, one] of fields) {
    const value = await one.read();
    if (value !== undefined) out[name] = value;
  }
  return out;
}

async function upped(given, upload) {
  const out = {};
  for (const [name, value] of Object.entries(given)) out[name] = value instanceof File ? await upload(value) : value;
  return out;
}

/** `name:value` pairs; a value runs to the next known name. */
function read(text, options) {
  const names = options.map((one) => one.name);
  const marks = [...text.matchAll(/(?:^|\s)([\w-]{1,32}):/g)].filter((found) => names.includes(found[1]));
  const out = {};
  marks.forEach((found, n) => { out[found[1]] = text.slice(found.index + found[0].length, marks[n + 1]?.index ?? text.length).trim(); });
  const loose = text.slice(0, marks[0]?.index ?? text.length).trim();
  const first = names.find((name) => out[name] === undefined);
  if (loose && first) out[first] = loose;
  return out;
}

/** One option's field: its node, its input, how to read its value. */
function field(option, { scene, given, complete }) {
  const id = fresh("option");
  const remove = el("button", { type: "button", className: "icon", "aria-label": `Leave out ${option.label}` }, "✕");
  const label = el("label", { htmlFor: id, title: option.description }, option.label);
  const node = el("div", { className: "option" }, label);
  let input;
  let value = given;
  let read = () => (input.value === "" ? undefined : input.value);
  const listed = choicesOf(option, scene());
  if (listed) {
    input = el("select", { id, required: option.required }, el("option", { value: "" }, "…"), listed.map((one) => el("option", { value: String(one.value), selected: matches(one, given) }, one.name)));
    read = () => (input.value === "" ? undefined : listed.find((one) => String(one.value) === input.value).value);
  } else if (option.type === TYPES.FILE) {
    input = el("input", { id, type: "file", required: option.required });
    read = () => input.files[0];
  } else {
    const numeric = option.type === TYPES.WHOLE || option.type === TYPES.NUMBER;
    input = el("input", { id, type: "text", inputMode: numeric ? "decimal" : undefined, required: option.required, value: given ?? "", placeholder: option.description, minLength: option.min_length, maxLength: option.max_length ?? 6000, spellcheck: false });
    if (numeric) read = () => number(input, option);
  }
  node.append(input);
  if (option.autocomplete) {
    // as in Discord: what was chosen from the list is sent as its value and shown as its name
    let shown = given;
    node.append(combo(input, { find: complete, wait: WAIT_MS, label: option.label, openOnFocus: true, take: (entry) => { value = entry.value; shown = entry.label; input.value = entry.label; } }));
    read = () => (input.value === "" ? undefined : input.value === shown ? value : input.value);
  }
  if (!option.required) node.append(remove);
  return { node, input, remove, read: async () => read() };
}

const matches = (one, given) => given !== undefined && [String(one.value), one.name].some((said) => said.toLowerCase() === String(given).toLowerCase());

function choicesOf(option, scene) {
  if (option.choices.length) return option.choices;
  const people = () => scene.people.map((one) => ({ name: `@${one.global_name}`, value: one.id }));
  if (option.type === TYPES.YES) return [{ name: "True", value: true }, { name: "False", value: false }];
  if (option.type === TYPES.USER || option.type === TYPES.MENTION) return people();
  if (option.type === TYPES.CHANNEL) return scene.places.filter((one) => one.context === 0).map((one) => ({ name: `#${one.name}`, value: one.id }));
  return option.type === TYPES.ROLE ? [{ name: "@everyone", value: scene.guild }] : null;
}

function number(input, option) {
  if (input.value.trim() === "") return undefined;
  const value = Number(input.value.replace(/[\s,_]/g, ""));
  const whole = option.type === TYPES.WHOLE;
  if (!Number.isFinite(value) || (whole && !Number.isInteger(value))) throw new Error(`${option.label}: give a ${whole ? "whole " : ""}number.`);
  return value;
}
