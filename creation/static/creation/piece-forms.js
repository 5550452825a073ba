/* Save the data of a piece when its field is left, after a pause, before 报送 and when the page is left.
   Until the server has it, this browser keeps it, through a closed tab, a lost connection and a new login. */
import { csrfToken, element } from "./common.js";
import { asText, badField, differs, dropKept, fill, keep, kept, labelOf, valuesOf, writtenValues } from "./form-values.js";

const PAUSE = 4000;
const person = document.body.dataset.person;
const bar = document.getElementById("pieces-state");
const pieces = new Map();

function slotOf(key) { return `piece:${person}:${key}`; }

class Piece {
  constructor(form) {
    this.form = form;
    this.name = form.dataset.name;
    this.slot = slotOf(form.dataset.piece);
    this.stored = writtenValues(form); // what the server has
    this.state = form.querySelector("[data-state]");
    this.fault = "";
    this.stopped = false;
    this.timer = 0;
    this.flying = null;
  }

  get version() { return this.form.elements.version?.value || ""; }
  set version(number) { if (this.form.elements.version && number) this.form.elements.version.value = number; }
  get unfinished() { return badField(this.form); }
  get isOpen() { return this.form.isConnected && (differs(valuesOf(this.form), this.stored) || Boolean(this.unfinished)); }

  say(text, bad) {
    this.fault = bad ? text : "";
    this.state.textContent = text;
    this.state.classList.toggle("is-bad", Boolean(bad));
    tellBar();
  }

  typed(left) {
    keep(this.slot, { values: valuesOf(this.form), version: this.version });
    if (this.stopped) return;
    clearTimeout(this.timer);
    if (left) { this.save(); return; }
    this.say("正在输入…");
    if (!this.form.elements.text && !this.form.elements.url) this.timer = setTimeout(() => this.save(), PAUSE); // each text is a version
  }

  async save() {
    clearTimeout(this.timer);
    while (this.flying) await this.flying; // eslint-disable-line no-await-in-loop
    if (this.stopped || !this.isOpen) { if (!this.stopped) this.settle(); return; }
    if (this.unfinished) { this.say(`没有保存：“${labelOf(this.unfinished)}”没有填完整，请补全或清空。`, true); return; }
    this.flying = this.send().finally(() => { this.flying = null; });
    await this.flying;
  }

  settle() {
    dropKept(this.slot);
    if (this.fault || this.state.textContent === "正在输入…") this.say("");
  }

  async send() {
    const sent = valuesOf(this.form);
    const body = new URLSearchParams({ ...sent, version: this.version, csrfmiddlewaretoken: csrfToken() });
    this.say("正在保存…");
    let response;
    try {
      response = await fetch(this.form.action, {
        method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: body.toString().length < 60000,
        headers: { "Accept": "application/json", "X-CSRFToken": csrfToken() }
      });
    } catch { this.say("离线，内容暂存在本机，联网后自动保存。", true); return; }
    if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) { this.say("没有保存：登录已过期，内容暂存在本机，重新登录后自动保存。", true); return; }
    if (![200, 409, 422].includes(response.status)) { this.say("没有保存：服务器没有答复，内容暂存在本机，请稍后再试。", true); return; }
    let answer;
    try { answer = await response.json(); } catch { this.say("没有保存：服务器没有答复，内容暂存在本机，请稍后再试。", true); return; }
    if (response.status === 200) this.saved(sent, answer);
    else if (response.status === 422) this.say(`没有保存：${this.faults(answer.errors)}`, true);
    else this.conflict(answer);
  }

  /* Show the field also where it lies in the fold. */
  show(name) { this.form.elements[name]?.closest?.("details.piece-more")?.setAttribute("open", ""); }

  faults(errors) {
    Object.keys(errors).forEach((name) => this.show(name));
    return Object.entries(errors).map(([name, said]) => `${this.form.elements[name] ? `${labelOf(this.form.elements[name])}：` : ""}${said.join("")}`).join("");
  }

  saved(sent, answer) {
    this.stored = sent;
    this.version = answer.version;
    if (differs(valuesOf(this.form), sent)) { this.typed(); return; }
    dropKept(this.slot);
    this.say(`已保存 ${answer.saved}`);
    document.dispatchEvent(new Event("evidence:changed"));
  }

  /* Somebody else changed the piece: both texts are there until one is chosen. */
  conflict(answer) {
    this.say(`没有保存：${answer.sentence}`, true);
    if (!answer.version) return;
    this.stopped = true;
    const box = element("div", "alert alert-warning piece-choice");
    const mine = element("button", "btn btn-sm btn-primary", "用我填写的");
    const theirs = element("button", "btn btn-sm btn-outline-secondary", "用已保存的");
    box.append(element("div", "pre", `现在保存的是：\n${asText(this.form, answer.values)}`), mine, " ", theirs);
    [mine, theirs].forEach((button) => { button.type = "button"; });
    mine.addEventListener("click", () => { this.decided(box, answer); this.save(); });
    theirs.addEventListener("click", () => { fill(this.form, answer.values); this.stored = valuesOf(this.form); this.decided(box, answer); this.settle(); this.say("已采用已保存的内容"); });
    this.form.insertBefore(box, this.form.firstChild);
  }

  decided(box, answer) {
    box.remove();
    this.stopped = false;
    this.version = answer.version;
  }

  restore(found) {
    fill(this.form, found.values);
    Object.keys(found.values).filter((name) => differs({ [name]: found.values[name] }, { [name]: this.stored[name] })).forEach((name) => this.show(name));
    if (found.version === this.version) { this.save(); return; }
    this.conflict({ sentence: "这份资料在您填写以后有改动，请选定一份。", version: this.version, values: this.stored });
  }
}

export function pieceOf(target) {
  const form = target.matches?.("form") ? target : target.form;
  if (!form?.hasAttribute("data-piece")) return null;
  if (!pieces.has(form)) pieces.set(form, new Piece(form));
  return pieces.get(form);
}

function open() { return [...pieces.values()].filter((piece) => piece.isOpen); }

function tellBar() {
  if (!bar) return;
  const bad = [...pieces.values()].filter((piece) => piece.form.isConnected && piece.fault);
  bar.textContent = bad.length ? `${bad.length} 份资料的信息没有保存（${bad[0].name}）` : "";
}

/* Fill in what this browser still keeps. A row that cannot be changed any more shows the text, to be copied. */
function recall(part) {
  part.querySelectorAll("form[data-piece]").forEach((form) => {
    const piece = pieceOf(form);
    const found = kept(piece.slot);
    if (found && differs(found.values, piece.stored)) piece.restore(found);
    else dropKept(piece.slot);
  });
  part.querySelectorAll(".evidence-row[data-citation]").forEach((row) => {
    const found = kept(slotOf(row.dataset.citation));
    if (!found || row.querySelector("form[data-piece]")) return;
    if (row.querySelector(".piece-kept")) return;
    const box = element("div", "alert alert-warning piece-kept", "本机还暂存着没有保存的内容，现在不能修改，如还需要请先复制：");
    const forget = element("button", "btn btn-sm btn-outline-secondary", "不要了");
    forget.type = "button";
    forget.addEventListener("click", () => { dropKept(slotOf(row.dataset.citation)); box.remove(); });
    box.append(element("div", "pre", Object.values(found.values).filter(Boolean).join("\n")), forget);
    row.appendChild(box);
  });
}

document.addEventListener("input", (event) => { pieceOf(event.target)?.typed(false); });
document.addEventListener("change", (event) => { pieceOf(event.target)?.typed(true); });
document.addEventListener("focusout", (event) => { const piece = pieceOf(event.target); if (piece?.unfinished) piece.save(); });

/* A row has no button to save it: Enter in a field saves. */
document.addEventListener("submit", (event) => {
  const piece = pieceOf(event.target);
  if (!piece) return;
  event.preventDefault();
  event.stopPropagation();
  piece.save();
}, true);

document.addEventListener("submit", async (event) => {
  const { submitter, target } = event;
  if (target.id !== "answer" || event.defaultPrevented || submitter?.hasAttribute("data-save") || !open().length) return;
  event.preventDefault();
  event.stopPropagation();
  bar.textContent = "正在保存资料信息，随即报送…";
  await Promise.all(open().map((piece) => piece.save()));
  const left = open();
  if (!left.length) { bar.textContent = ""; target.requestSubmit(submitter); return; }
  bar.textContent = `没有报送：${left[0].name} 的信息没有保存。${left[0].fault.replace("没有保存：", "")}`;
  left[0].form.closest("details.step")?.setAttribute("open", "");
  left[0].form.scrollIntoView({ block: "center" });
}, true);

function leave() { open().forEach((piece) => { keep(piece.slot, { values: valuesOf(piece.form), version: piece.version }); piece.save(); }); }
window.addEventListener("online", () => { open().forEach((piece) => piece.save()); });
window.addEventListener("pagehide", leave);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
document.addEventListener("htmx:load", (event) => { recall(event.detail.elt.parentElement || document); });
