// An input with a list under it, by the combobox pattern: arrows move, Enter takes, Escape closes, a pointer works too.
import { el, fresh } from "./dom.js";

/**
 * Give `input` a list. `find(text)` resolves to entries `{label, detail, value}`; `take(entry)` is called with the one
 * chosen. `wait` milliseconds pass before a keystroke asks. Returns the element to put after the input.
 */
export function combo(input, options) {
  return new Combo(input, options).list;
}

class Combo {
  constructor(input, { find, take, wait = 0, label, openOnFocus = false }) {
    Object.assign(this, { input, find, take, wait, entries: [], shown: "", at: -1, asked: 0, timer: 0 });
    this.list = el("ul", { role: "listbox", id: fresh("list"), hidden: true, "aria-label": label, className: "choices-list" });
    const roles = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list" };
    for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
    input.autocomplete = "off";
    input.addEventListener("input", () => this.ask());
    if (openOnFocus) input.addEventListener("focus", () => this.ask());
    input.addEventListener("blur", () => { this.asked += 1; this.close(); });
    input.addEventListener("keydown", (event) => this.key(event), true);
  }

  close() {
    this.list.hidden = true;
    this.list.replaceChildren();
    this.at = -1;
    this.entries = [];
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  choose(n) {
    const entry = this.entries[n];
    this.close();
    clearTimeout(this.timer);
    this.asked += 1;
    if (entry) this.take(entry);
  }

  move(n) {
    this.at = (n + this.entries.length) % this.entries.length;
    [...this.list.children].forEach((row, k) => {
      row.setAttribute("aria-selected", String(k === this.at));
      if (k !== this.at) return;
      row.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", row.id);
    });
  }

  show(entries) {
    this.entries = entries;
    this.shown = this.input.value;
    this.list.replaceChildren(...entries.map((entry, n) => {
      const row = el("li", { role: "option", id: fresh("option"), "aria-selected": "false" }, el("span", {}, entry.label), entry.detail ? el("small", {}, entry.detail) : "");
      row.onpointerdown = (event) => { event.preventDefault(); this.choose(n); };
      return row;
    }));
    this.list.hidden = entries.length === 0;
    this.input.setAttribute("aria-expanded", String(entries.length > 0));
    if (entries.length) this.move(0);
  }

  ask() {
    clearTimeout(this.timer);
    const number = ++this.asked;
    this.timer = setTimeout(async () => {
      const entries = await this.find(this.input.value);
      if (number === this.asked && document.activeElement === this.input) this.show(entries);
    }, this.wait);
  }

  key(event) {
    const taken = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (this.list.hidden) {
      if (event.key === "ArrowDown") { event.preventDefault(); this.ask(); }
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.move(this.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Escape") {
      taken();
      this.close();
    } else if (event.key === "Enter" || event.key === "Tab") {
      if (this.shown !== this.input.value) return this.close(); // typed on since: the list is for other words
      if (event.key === "Enter") event.preventDefault();
      event.stopImmediatePropagation();
      this.choose(this.at);
    }
    return undefined;
  }
}
