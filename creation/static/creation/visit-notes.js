/* What was noted on a visit and has not arrived: in memory, and in the browser's storage, so that a closed tab loses nothing. */
import { dropKept, keep, kept } from "./form-values.js";

export class Notes {
  /* prefix: of this person and this visit. */
  constructor(prefix) {
    this.prefix = prefix;
    this.held = new Map();
    let names = [];
    try { names = Object.keys(localStorage).filter((name) => name.startsWith(prefix)); } catch { /* nothing was kept */ }
    names.filter((name) => kept(name)).forEach((name) => { this.held.set(name.slice(prefix.length), { ...kept(name), refused: false }); });
  }

  get keys() { return [...this.held.keys()]; }
  get waiting() { return this.keys.filter((key) => !this.held.get(key).refused); }
  get(key) { return this.held.get(key); }

  /* Returns whether the note would survive the page. */
  put(key, note) {
    this.held.set(key, note);
    keep(this.prefix + key, note);
    return Boolean(kept(this.prefix + key));
  }

  drop(key) {
    this.held.delete(key);
    dropKept(this.prefix + key);
  }
}
