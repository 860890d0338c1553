// Where one writes: plain messages, and slash commands with a field for each option and live autocomplete.
import { combo } from "./combo.js";
import { el, fresh } from "./dom.js";

const WAIT_MS = 150;
const TYPES = { WHOLE: 4, YES: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTION: 9, NUMBER: 10, FILE: 11 };

/** The composer in `root`. `ask(op, data)`, `act(op, data, element)`, `upload(file)`; `scene()` is what there is now. */
export function composer(root, { scene, ask, act, upload, problem }) {
  const slash = () => scene().commands.filter((one) => one.kind === "slash");

  function plain(text = "", { focus = true } = {}) {
    const input = el("input", { type: "text", id: "say", placeholder: "Type / for commands, or write a message", value: text, maxLength: 2000 });
    const list = combo(input, { find: async (typed) => matching(typed), take: (entry) => command(entry.value), label: "Commands" });
    const attach = el("input", { type: "file", className: "hidden", tabIndex: -1, "aria-label": "Attach a file", multiple: true });
    const clip = el("button", { type: "button", className: "icon", "aria-label": "Attach a file" }, "+");
    clip.onclick = () => attach.click();
    attach.onchange = async () => say(input, [...attach.files]);
    const form = el("form", { className: "say", autocomplete: "off" }, clip, el("label", { className: "hidden", htmlFor: "say" }, "Message"), input, attach, list);
    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value.startsWith("/")) typed(input.value);
      else say(input, []);
    };
    root.replaceChildren(form);
    if (focus) input.focus();
  }

  async function say(input, files) {
    try {
      const sent = await Promise.all(files.map(upload));
      const done = await ask("say", { text: input.value, files: sent.map((one) => one.file) });
      if (done.ok) plain();
      else problem(done.error);
    } catch (error) {
      problem(error.message);
    }
  }

  function matching(text) {
    if (!text.startsWith("/")) return [];
    const wanted = text.slice(1).toLowerCase();
    const named = (one) => [one.name, one.label].some((name) => wanted.startsWith(`${name} `));
    if (slash().some(named) && !slash().some((one) => one.name.startsWith(wanted) || one.label.startsWith(wanted))) return [];
    const score = (one) => (one.label.startsWith(wanted) || one.name.startsWith(wanted) ? 0 : one.label.includes(wanted) ? 1 : one.description.toLowerCase().includes(wanted) ? 2 : 3);
    return slash().map((one) => [score(one), one]).filter(([n]) => n < 3).sort((a, b) => a[0] - b[0] || a[1].label.localeCompare(b[1].label))
      .map(([, one]) => ({ label: `/${one.label}`, detail: one.description, value: one }));
  }

  /** A whole call written out, `/fit model:qwen3-8b …`: the form with it filled in, sent if nothing is missing. */
  function typed(text) {
    const said = text.slice(1).trim();
    const found = slash().filter((one) => said === one.name || said.startsWith(`${one.name} `) || said === one.label || said.startsWith(`${one.label} `))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (!found) return problem(`There is no command ${text.split(" ")[0]}.`);
    const rest = said.slice((said.startsWith(found.name) ? found.name : found.label).length);
    return command(found, read(rest, found.options)).submit();
  }

  function command(one, given = {}) {
    const fields = new Map();
    const more = el("div", { className: "more", role: "group", "aria-label": "More options" });
    const holder = el("div", { className: "fields" });
    const cancel = el("button", { type: "button", className: "icon", "aria-label": "Leave the command" }, "✕");
    const send = el("button", { type: "submit", className: "button primary" }, "Send");
    const title = el("p", { className: "command" }, el("b", {}, `/${one.label}`), " ", el("span", {}, one.description));
    const form = el("form", { className: "slash", "aria-label": `/${one.label}`, autocomplete: "off" }, title, cancel, holder, more, send);
    const values = async () => {
      const out = {};
      for (const [name, field] of fields) {
        const value = await field.read();
        if (value !== undefined) out[name] = value;
      }
      return out;
    };
    const add = (option, { focus = true } = {}) => {
      const made = field(option, { scene, given: given[option.name], complete: async (text) => complete(one, option, text, values) });
      fields.set(option.name, made);
      holder.append(made.node);
      more.querySelector(`[data-option="${CSS.escape(option.name)}"]`)?.remove();
      if (focus) made.input.focus();
      if (!option.required) made.remove.onclick = () => { fields.delete(option.name); made.node.remove(); offer(option).focus(); };
    };
    const offer = (option) => {
      const chip = el("button", { type: "button", className: "chip", "data-option": option.name, title: option.description }, `+ ${option.label}`);
      chip.onclick = () => add(option);
      more.append(chip);
      return chip;
    };
    cancel.onclick = () => plain();
    form.onkeydown = (event) => { if (event.key === "Escape") plain(); };
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      send.disabled = true;
      try {
        const done = await act("slash", { name: one.name, options: await upped(await values(), upload) }, send);
        if (done.ok) plain("", { focus: !done.modal });
      } catch (error) {
        problem(error.message);
      }
      send.disabled = false;
    };
    root.replaceChildren(form);
    for (const option of one.options) if (option.required || given[option.name] !== undefined) add(option, { focus: false });
      else offer(option);
    (form.querySelector("input:placeholder-shown, select, input") || send).focus();
    return { submit: () => form.requestSubmit() };
  }

  async function complete(one, option, text, values) {
    const others = await values();
    const files = Object.entries(others).filter(([, value]) => value instanceof File).map(([name]) => name);
    files.forEach((name) => delete others[name]);
    const done = await ask("autocomplete", { name: one.name, typing: option.name, options: { ...others, [option.name]: text } });
    if (!done.ok) problem(done.error);
    return (done.choices || []).map((each) => ({ label: each.name, value: each.value }));
  }

  plain("", { focus: false });
  return { fill: (text) => typed(text), reset: () => plain("", { focus: false }) };
}

async function upped(values, upload) {
  const out = {};
  for (const [name, value] of Object.entries(values)) out[name] = value instanceof File ? await upload(value) : value;
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
