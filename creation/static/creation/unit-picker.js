/* A box that finds units while a name is typed: by name, short name, pinyin or initials, whole kinds of units, and a pasted list. */
import { element } from "./common.js";

const MOST = 8;
const SEPARATORS = /[\s,，、;；]+/;
let count = 0;

export class UnitPicker {
  /* `options.taken` are units that cannot be picked again. `chosen(ids, unknown, taken)` is called with the keys picked and, of a pasted list,
     with the names that no unit has and those of units that are taken. */
  constructor(label, options, chosen) {
    const id = `unit-picker-${count += 1}`;
    this.options = options;
    this.chosen = chosen;
    this.at = 0;
    this.box = element("span", "unit-picker");
    this.input = element("input", "form-control form-control-sm");
    this.list = element("ul", "unit-options");
    Object.entries({ "role": "combobox", "aria-label": label, "aria-controls": id, "aria-expanded": "true", "autocomplete": "off", "placeholder": `${label}：名称或拼音` })
      .forEach(([name, value]) => { this.input.setAttribute(name, value); });
    this.list.id = id;
    this.list.setAttribute("role", "listbox");
    this.box.append(this.input, this.list);
    this.input.addEventListener("input", () => { this.at = 0; this.show(); });
    this.input.addEventListener("keydown", (event) => { this.key(event); });
    this.input.addEventListener("paste", (event) => { this.paste(event); });
    this.list.addEventListener("mousedown", (event) => { event.preventDefault(); this.take(event.target.closest("li")?.found); });
    this.box.addEventListener("focusout", () => { this.list.hidden = true; });
    this.show();
  }

  focus() { this.input.focus(); this.list.hidden = false; }

  found() {
    const asked = this.input.value.trim().toLowerCase();
    const units = this.options.units.filter((unit) => unit.words.some((word) => word.toLowerCase().includes(asked)));
    const groups = this.options.groups.filter((group) => group.name.includes(asked));
    return [...units.map((unit) => ({ name: unit.name, ids: [unit.id] })), ...groups].slice(0, MOST);
  }

  show() {
    this.list.hidden = false;
    this.list.textContent = "";
    this.found().forEach((each, index) => {
      const line = element("li", index === this.at ? "at" : "", each.name);
      line.id = `${this.list.id}-${index}`;
      line.found = each;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(index === this.at));
      this.list.append(line);
    });
    if (!this.list.children.length) this.list.append(element("li", "muted", "没有这个单位"));
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  key(event) {
    const { length } = this.found();
    if (event.isComposing) return;
    if (event.key === "Escape") { this.box.remove(); return; }
    if (event.key === "Enter") { event.preventDefault(); this.take(this.found()[this.at]); return; }
    if (!length || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    this.at = (this.at + (event.key === "ArrowDown" ? 1 : length - 1)) % length;
    this.show();
  }

  take(found) {
    if (!found) return;
    const known = new Set(this.options.units.map((unit) => unit.id));
    this.box.remove();
    this.chosen(found.ids.filter((id) => known.has(id)), [], []);
  }

  /* A column or a list copied from a table: every name that a unit has is taken, the others are said. */
  paste(event) {
    const names = event.clipboardData.getData("text").split(SEPARATORS).filter(Boolean);
    if (names.length < 2) return;
    event.preventDefault();
    const ids = [];
    const unknown = [];
    const taken = [];
    names.forEach((name) => {
      const named = (each) => each.words.includes(name);
      const unit = this.options.units.find(named);
      if (unit) ids.push(unit.id); else (this.options.taken.some(named) ? taken : unknown).push(name);
    });
    this.box.remove();
    this.chosen([...new Set(ids)], unknown, taken);
  }
}
