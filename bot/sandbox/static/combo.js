// An input with a list under it, by the combobox pattern: arrows move, Enter takes, Escape closes, a pointer works too.
import { el, fresh } from "./dom.js";

/**
 * Give `input` a list. `find(text)` resolves to entries `{label, detail, value}`; `take(entry)` is called with the one
 * chosen. `wait` milliseconds pass before a keystroke asks. Returns the element to put after the input.
 */
export function combo(input, { find, take, wait = 0, label, openOnFocus = false }) {
  const list = el("ul", { role: "listbox", id: fresh("list"), hidden: true, "aria-label": label, className: "choices-list" });
  const state = { entries: [], at: -1, asked: 0, timer: 0 };
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  input.autocomplete = "off";

  const close = () => {
    list.hidden = true;
    state.at = -1;
    state.entries = [];
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (n) => {
    const entry = state.entries[n];
    close();
    clearTimeout(state.timer);
    state.asked += 1;
    if (entry) take(entry);
  };
  const move = (n) => {
    state.at = (n + state.entries.length) % state.entries.length;
    [...list.children].forEach((row, k) => {
      row.setAttribute("aria-selected", String(k === state.at));
      if (k === state.at) {
        row.scrollIntoView({ block: "nearest" });
        input.setAttribute("aria-activedescendant", row.id);
      }
    });
  };
  const show = (entries) => {
    state.entries = entries;
    state.shown = input.value;
    list.replaceChildren(...entries.map((entry, n) => {
      const row = el("li", { role: "option", id: fresh("option"), "aria-selected": "false" }, el("span", {}, entry.label), entry.detail ? el("small", {}, entry.detail) : "");
      row.onpointerdown = (event) => { event.preventDefault(); choose(n); };
      return row;
    }));
    list.hidden = entries.length === 0;
    input.setAttribute("aria-expanded", String(entries.length > 0));
    if (entries.length) move(0);
  };
  const ask = () => {
    clearTimeout(state.timer);
    const number = ++state.asked;
    state.timer = setTimeout(async () => {
      const entries = await find(input.value);
      if (number === state.asked && document.activeElement === input) show(entries);
    }, wait);
  };
  input.addEventListener("input", ask);
  if (openOnFocus) input.addEventListener("focus", ask);
  input.addEventListener("blur", () => { state.asked += 1; close(); });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown") { event.preventDefault(); ask(); }
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(state.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if ((event.key === "Enter" || event.key === "Tab") && state.shown !== input.value) {
      close(); // typed on since: the list is for other words
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (event.key === "Enter") event.preventDefault();
      event.stopImmediatePropagation();
      choose(state.at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopImmediatePropagation();
      close();
    }
  }, true);
  return list;
}
