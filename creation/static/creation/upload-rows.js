/* The row of an upload in the list: name, progress, message, and buttons. */
import { element } from "./common.js";
import { remaining, sized } from "./upload-line.js";

const WINDOW = 20000; // milliseconds over which the rate is measured

export class UploadRow {
  constructor(list, name, folder, size) {
    const line = element("div", "upload-line");
    const title = element("span", "upload-name", name);
    this.name = name;
    this.size = size;
    this.pace = [];
    this.box = element("li");
    if (folder) title.insertBefore(element("span", "muted small", `${folder}/ `), title.firstChild);
    line.appendChild(title);
    this.keys = element("span", "evidence-keys");
    line.appendChild(this.keys);
    this.bar = element("progress");
    this.bar.max = Math.max(size, 1);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `上传进度：${name}`);
    this.said = element("div", "upload-said muted", "等待上传");
    this.box.append(line, this.bar, this.said);
    list.appendChild(this.box);
  }

  tell(text) { this.said.textContent = text; }

  look(failed) {
    this.box.className = failed ? "failed" : "";
    this.bar.hidden = failed;
    this.keys.textContent = "";
  }

  key(label, act, style) {
    const made = element("button", `btn btn-sm btn-${style || "outline-secondary"}`, label);
    made.type = "button";
    this._named(made);
    made.addEventListener("click", act);
    this.keys.appendChild(made);
    return made;
  }

  /* A button that opens the file dialog. */
  pick(label, act) {
    const made = element("label", "btn btn-sm btn-primary", label);
    const input = element("input", "visually-hidden");
    input.type = "file";
    input.addEventListener("change", () => { if (input.files[0]) act(input.files[0]); input.value = ""; });
    this._named(made);
    made.appendChild(input);
    this.keys.appendChild(made);
  }

  _named(key) { key.appendChild(element("span", "visually-hidden", `：${this.name}`)); }

  standing(bytes) {
    return `${Math.floor(bytes * 100 / Math.max(this.size, 1))}%，${sized(bytes)} / ${sized(this.size)}`;
  }

  show(bytes) {
    const now = Math.min(bytes, this.size);
    this.bar.value = now;
    this.tell(now < this.size ? this.standing(now) + this._left(now) : "已传完，正在检查和保存");
  }

  rest() { this.pace = []; }

  _left(now) {
    const at = Date.now();
    this.pace.push([at, now]);
    while (this.pace.length > 2 && this.pace[0][0] < at - WINDOW) this.pace.shift();
    const seconds = (at - this.pace[0][0]) / 1000;
    const bytes = now - this.pace[0][1];
    return seconds > 2 && bytes > 0 ? `，${remaining((this.size - now) / (bytes / seconds))}` : "";
  }

  remove() { this.box.remove(); }
}
