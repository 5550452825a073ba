/* Sends what was noted on a visit: one note after another, then the photos, in pieces. Each has a key, so that what is sent twice is
   kept once. Without a network it tries again by itself. */
import { csrfToken } from "./common.js";
import { send } from "./upload-line.js";
import { dropPhoto, keepPhoto, keptPhotos } from "./visit-photos.js";

const RETRIES = [3000, 10000, 30000];
const PIECE = 1024 * 1024;
const NOT_NOTED = "这一项没有记下，照片没有发送。";
const OK = 200;
const OFFSET_DIFFERS = 409;

export class Sending {
  /* page: {noted(key, check, time), refused(key, sentence), photo(photo), told()} */
  constructor(notes, address, page) {
    Object.assign(this, { notes, address, page, tries: 0, timer: 0, run: null, loggedOut: false });
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.flush(); }, wait);
  }

  again() { this.tries = 0; this.plan(0); }

  /* Send all that waits. One run at a time: a second call waits for the same run. */
  flush() {
    clearTimeout(this.timer);
    if (!this.run) this.run = this.sendAll().finally(() => { this.run = null; this.page.told(); });
    return this.run;
  }

  async sendAll() {
    let fine = true;
    for (let key = this.notes.waiting[0]; key && fine; key = this.notes.waiting[0]) fine = await this.sendNote(key);
    for (const photo of fine ? await keptPhotos(this.notes.prefix) : []) {
      if (fine && !photo.refused) fine = await this.sendPhoto(photo);
    }
    if (fine) this.tries = 0;
    else if (!this.loggedOut) {
      this.tries += 1;
      this.plan(RETRIES[Math.min(this.tries, RETRIES.length) - 1]);
    }
  }

  /* Returns whether to go on with the next one. */
  async sendNote(key) {
    const note = this.notes.get(key);
    const { task, about, verdict, remark } = note;
    const body = new URLSearchParams({ key, task, about: about || (task ? "" : "其他情况"), verdict, remark });
    let response;
    let answer;
    try {
      response = await fetch(this.address, { method: "POST", body, credentials: "same-origin", redirect: "manual", headers: { "Accept": "application/json", "X-CSRFToken": csrfToken() } });
      answer = response.type === "opaqueredirect" ? {} : await response.json();
    } catch { return false; }
    this.loggedOut = response.type === "opaqueredirect" || response.status === 401;
    if (this.loggedOut) return false;
    const changed = this.notes.get(key) !== note;
    if (response.status === OK) {
      if (!changed) this.notes.drop(key);
      this.page.noted(key, answer.check, changed ? "" : answer.saved);
      return true;
    }
    if (response.status >= 500 || !answer.error) return false;
    if (!changed) this.notes.put(key, { ...note, refused: true });
    this.page.refused(key, answer.error);
    return true;
  }

  ask(method, url, body) {
    return new Promise((done) => { send(method, url, body, null, (status, answer) => { done({ status, answer }); }); });
  }

  async sendPhoto(photo) {
    const url = this.address.replace(/check\/$/, `photos/${photo.line}/${photo.key}/`);
    let { status, answer } = await this.ask("GET", url, null);
    while (status === OK && !answer.done) {
      const from = answer.offset;
      const query = new URLSearchParams({ offset: from, size: photo.file.size, name: photo.name });
      ({ status, answer } = await this.ask("PUT", `${url}?${query}`, photo.file.slice(from, from + PIECE)));
      if (status === OFFSET_DIFFERS && answer.offset !== undefined) status = OK;
    }
    if (status === OK) {
      await dropPhoto(photo.key);
      this.page.photo(photo, "");
      return true;
    }
    this.loggedOut = status === 401;
    if (status === 404) answer = { error: NOT_NOTED };
    if (!status || status >= 500 || status === OFFSET_DIFFERS || !answer.error || this.loggedOut) return false;
    const refused = { ...photo, refused: answer.error };
    await keepPhoto(refused);
    this.page.photo(refused, answer.error);
    return true;
  }
}
