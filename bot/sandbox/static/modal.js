// A modal of the bot as a dialog: labels with text inputs, selects, choices and uploads, sent back in one piece.
import { optionsOf } from "./components.js";
import { el, emoji, fresh } from "./dom.js";
import { markdown } from "./markdown.js";

/** Open the modal; `send(values)` resolves to an error text or "". `upload(file)` gives `{file}`. */
export function openModal(modal, { scene, names, send, upload }) {
  const readers = {};
  const parts = modal.components.map((part) => block(part, { scene, names, readers, upload }));
  const problem = el("p", { className: "problem", role: "alert" });
  const cancel = el("button", { type: "button", className: "button secondary" }, "Cancel");
  const submit = el("button", { type: "submit", className: "button primary" }, "Submit");
  const heading = fresh("modal");
  const form = el("form", { method: "dialog" }, el("h2", { id: heading }, modal.title), parts, problem, el("p", { className: "ends" }, cancel, submit));
  const dialog = el("dialog", { className: "modal", "aria-labelledby": heading }, form);
  cancel.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  form.onsubmit = async (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = "";
    try {
      const values = {};
      for (const [name, read] of Object.entries(readers)) values[name] = await read();
      const error = await send(values);
      if (error) problem.textContent = error;
      else dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
    submit.disabled = false;
  };
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function block(part, context) {
  if (part.type === 10) return el("div", { className: "text" }, markdown(part.content, context.names));
  if (part.type === 1) return part.components.map((one) => labelled(one.label, "", one, context));
  return labelled(part.label, part.description, part.component, context);
}

function labelled(label, description, part, context) {
  const [input, group] = (INPUTS[part.type] || text)(part, context);
  const hint = description ? el("small", { id: fresh("hint") }, description) : "";
  const needed = part.required === false || part.type === 23 ? "" : el("span", { className: "needed", "aria-hidden": true }, " *");
  if (group) return el("fieldset", {}, el("legend", {}, label, needed), hint, input);
  input.id = fresh("input");
  if (hint) input.setAttribute("aria-describedby", hint.id);
  const title = el("label", { htmlFor: input.id }, label, needed);
  return el("div", { className: part.type === 23 ? "field check" : "field" }, part.type === 23 ? [input, title, hint] : [title, hint, input]);
}

function text(part, { readers }) {
  const tag = part.style === 2 ? "textarea" : "input";
  const input = el(tag, {
    value: part.value || "", placeholder: part.placeholder || "", required: part.required !== false,
    minLength: part.min_length ?? undefined, maxLength: part.max_length ?? 4000, rows: part.style === 2 ? 5 : undefined,
  });
  readers[part.custom_id] = async () => input.value;
  return [input, false];
}

function select(part, { readers, scene }) {
  const many = (part.max_values ?? 1) > 1;
  const options = optionsOf(part, scene);
  const input = el("select", { multiple: many, required: part.required !== false, size: many ? Math.min(options.length, 6) : undefined });
  if (!many) input.append(el("option", { value: "" }, part.placeholder || "Make a selection"));
  for (const one of options) input.append(el("option", { value: one.value, selected: one.default }, `${emoji(one.emoji)} ${one.label}${one.description ? ` — ${one.description}` : ""}`.trim()));
  readers[part.custom_id] = async () => [...input.selectedOptions].map((one) => one.value).filter(Boolean);
  return [input, false];
}

function upload(part, { readers, upload: send }) {
  const input = el("input", { type: "file", multiple: (part.max_values ?? 1) > 1, required: part.required !== false });
  readers[part.custom_id] = async () => Promise.all([...input.files].map(send));
  return [input, false];
}

function choices(kind) {
  return (part, { readers }) => {
    const name = fresh("choice");
    const inputs = part.options.map((one) => el("input", { type: kind, name, value: one.value, checked: one.default, required: kind === "radio" && part.required !== false }));
    const rows = part.options.map((one, n) => el("label", {}, inputs[n], " ", one.label, one.description ? el("small", {}, one.description) : ""));
    readers[part.custom_id] = async () => {
      const chosen = inputs.filter((one) => one.checked).map((one) => one.value);
      return kind === "radio" ? chosen[0] ?? null : chosen;
    };
    return [el("div", { className: "choices" }, rows), true];
  };
}

function check(part, { readers }) {
  const input = el("input", { type: "checkbox", checked: part.default });
  readers[part.custom_id] = async () => input.checked;
  return [input, false];
}

const INPUTS = { 3: select, 5: select, 6: select, 7: select, 8: select, 19: upload, 21: choices("radio"), 22: choices("checkbox"), 23: check };
