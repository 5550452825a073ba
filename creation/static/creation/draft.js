/* Save the answer while it is typed: on the server after a pause of 2 s and when the page is left, in the browser on every key.
   There is no polling: a request is sent only for typed text that the server does not have. */
import { csrfToken, twoDigits } from "./common.js";

const FIELDS = ["mode", "measures", "results", "highlights", "keeper", "place", "statement"];
const PAUSE = 2000;
const RETRIES = [5000, 15000, 30000, 60000];
const form = document.getElementById("answer");
const found = document.getElementById("draft-found");
const owner = form || found;

const slot = owner ? `draft:${owner.dataset.person}:${owner.dataset.task}` : "";

/* Texts */

function tidy(text) { return (text || "").replace(/\r\n/g, "\n").trim(); }
function same(a, b) { return FIELDS.every((name) => tidy(a[name]) === tidy(b[name])); }
function blank(content) { return FIELDS.every((name) => name === "mode" || !tidy(content[name])); }
function label(name) {
  const names = { mode: "提供方式", measures: "工作措施", results: "完成情况", highlights: "亮点", keeper: "保管人", place: "存放地点", statement: "情况说明" };
  return names[name];
}
function modeName(value) { return { upload: "上传材料", on_site: "现场提供", statement: "情况说明" }[value] || value; }
function asText(content) {
  return FIELDS.filter((name) => tidy(content[name])).map((name) => `${label(name)}：${name === "mode" ? modeName(content[name]) : tidy(content[name])}`).join("\n\n") || "（空）";
}
function clock(time) {
  const day = new Date(time);
  return `${day.getMonth() + 1}月${day.getDate()}日 ${twoDigits(day.getHours())}:${twoDigits(day.getMinutes())}`;
}
function lastAnswer() {
  const block = document.getElementById("last-answer");
  return block ? JSON.parse(block.textContent) : null;
}

/* Local storage. Without it (private window, full) the server still has the draft. */

function read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } }
function write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } }
function drop(key) { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } }

function offer(words, content, restore) {
  found.querySelector("[data-words]").textContent = words;
  found.querySelector("[data-text]").textContent = asText(content);
  const button = found.querySelector("[data-restore]");
  if (button) button.onclick = restore;
  found.querySelector("[data-forget]").onclick = () => { drop(`${slot}:kept`); found.hidden = true; };
  found.hidden = false;
}

/* The form */

const state = document.getElementById("save-state");
const panel = document.getElementById("draft-conflict");
let timer = null;
let retry = 0;
let flying = false;
let again = false;
let handingIn = false;
let stopped = false;
let sent = null;
let heard = null;
let stored = null; // the text saved on the server
let deciding = false; // this window's text is being saved over another window's
const windows = slot && typeof BroadcastChannel !== "undefined" ? new BroadcastChannel(slot) : null;

function control(name) { return form.elements[name]; }
function content() {
  const values = {};
  FIELDS.forEach((name) => { values[name] = control(name) ? control(name).value || "" : ""; });
  return values;
}
function fill(values) {
  FIELDS.forEach((name) => { if (control(name)) control(name).value = values[name] || ""; });
  form.dispatchEvent(new CustomEvent("draft:filled", { bubbles: true }));
}
function version() { return control("draft_seen").value || "0"; }
function setVersion(number) { control("draft_seen").value = number; }
function say(text, bad) {
  state.textContent = text;
  state.classList.toggle("is-bad", !!bad);
}

/* The values in the HTML: on a slow connection, somebody may have typed before this script was loaded. */
function written() {
  const values = {};
  FIELDS.forEach((name) => {
    const field = control(name);
    values[name] = !field ? "" : field.tagName ? field.defaultValue : Array.prototype.reduce.call(field, (found, radio) => radio.defaultChecked ? radio.value : found, "");
  });
  return values;
}

/* What the page shows when it is handed in: citation and version of each piece (citing.shown_pieces). */
function shownPieces() {
  return [...document.querySelectorAll("#evidence-rows [data-citation]")].map((row) => `${row.dataset.citation}:${row.dataset.version}`).join(" ");
}

function dirty() { return !stored || !same(stored, content()); }
function basis() { return `${control("version").value} ${version()}`; } // of the task and of the draft
function stash() { return write(slot, { content: content(), basis: basis(), at: Date.now() }); }
function unstash() { const kept = read(slot); if (kept && same(kept.content, content())) drop(slot); }

function body(extra) {
  const data = new URLSearchParams(content());
  data.append("draft_seen", version());
  data.append("csrfmiddlewaretoken", csrfToken());
  Object.keys(extra || {}).forEach((name) => { data.append(name, extra[name]); });
  return data;
}

function save(options) {
  options = options || {};
  clearTimeout(timer);
  if (flying) { again = true; return; }
  if (stopped || (!dirty() && !options.keep)) return;
  flying = true;
  sent = content();
  say("正在保存…");
  const text = body(options.keep ? { keep: "1" } : null);
  fetch(form.dataset.draft, {
    method: "POST", body: text, credentials: "same-origin", redirect: "manual",
    keepalive: text.toString().length < 60000,
    headers: { "Accept": "application/json", "X-CSRFToken": csrfToken() }
  }).then(answered, () => { flying = false; offline(); }).then(next);
}

function next() {
  if (flying) return;
  if (handingIn) { form.submit(); return; }
  if (again) { again = false; save(); }
}

function answered(response) {
  flying = false;
  if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) { loggedOut(); return null; }
  if (response.status !== 200 && response.status !== 409) { offline(); return null; }
  return response.json().then((data) => { (response.status === 200 ? saved : refused)(data); }, offline);
}

function loggedOut() {
  const link = document.createElement("a");
  stash();
  handingIn = false;
  say("登录已过期，内容暂存在本机。", true);
  link.href = `/login/?next=${encodeURIComponent(window.location.pathname)}`;
  link.textContent = "重新登录后继续";
  state.appendChild(link);
}

function saved(data) {
  retry = 0;
  setVersion(data.version);
  stored = sent;
  document.querySelectorAll("[data-shows=words]").forEach((part) => { part.textContent = data.words; });
  unstash();
  if (deciding && windows) windows.postMessage({ content: stored, version: data.version }); // oxlint-disable-line unicorn/require-post-message-target-origin -- a BroadcastChannel has one origin
  deciding = false;
  if (dirty()) { plan(); } else { say(`已保存 ${data.saved}`); }
}

function offline() {
  const kept = stash();
  say((handingIn ? "没有报送：" : "") + (kept ? "离线，内容暂存在本机" : "离线，内容还没有保存，请不要关闭本页"), true);
  handingIn = false;
  if (retry < RETRIES.length) timer = setTimeout(save, RETRIES[retry++]);
}

function refused(data) {
  stash();
  if (!data.theirs) { stopped = true; handingIn = false; say(`${data.sentence}内容暂存在本机，请刷新页面查看。`, true); return; }
  if (stored && same(data.theirs.content, stored)) { setVersion(data.theirs.version); again = true; return; } /* our own save, whose answer got lost */
  if (sent && same(data.theirs.content, sent)) { saved(data.theirs); return; }
  conflict(data.theirs);
}

function conflict(theirs) {
  const mine = content();
  stopped = true;
  handingIn = false;
  say("另一窗口改过", true);
  panel.querySelector("[data-mine]").textContent = asText(mine);
  panel.querySelector("[data-theirs]").textContent = asText(theirs.content);
  panel.querySelector("[data-when]").textContent = theirs.saved;
  panel.querySelector("[data-keep]").onclick = () => { decided(theirs); deciding = true; save({ keep: true }); };
  panel.querySelector("[data-take]").onclick = () => {
    const typed = content();
    decided(theirs);
    fill(theirs.content);
    stored = content();
    document.querySelectorAll("[data-shows=words]").forEach((part) => { part.textContent = theirs.words; });
    drop(slot);
    keepAside(typed, "已采用另一窗口的内容。本窗口原来的内容还在：");
    say("已采用另一窗口的内容");
  };
  panel.hidden = false;
  document.getElementById("conflict-title").focus();
  panel.scrollIntoView({ block: "center" });
}

/* Another window of this browser has decided. Where nothing is unsaved, its text is taken, so that the question is not asked again here. */
function decidedElsewhere({ content: chosen, version: number }) {
  if (stopped || flying || dirty()) return;
  fill(chosen);
  stored = content();
  setVersion(number);
  say("已换成您在另一窗口选定的内容");
}

function decided(theirs) {
  panel.hidden = true;
  stopped = false;
  again = false;
  setVersion(theirs.version);
}

function keepAside(values, words) {
  const at = Date.now();
  write(`${slot}:kept`, { content: values, at });
  offer(words, values, () => {
    const current = content();
    fill(values);
    if (blank(current)) { found.hidden = true; drop(`${slot}:kept`); } else { keepAside(current, "已恢复。恢复前的内容还在："); }
    stash();
    save();
  });
}

/* Nothing was changed since this was typed: it is only later than what the server has, and goes on as the text of the form. */
function resume(kept) {
  const former = content();
  fill(kept.content);
  if (!blank(former)) keepAside(former, `已填入您 ${clock(kept.at)} 写的、当时没有保存上的内容。此前保存的还在：`);
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

function typed(event) {
  if (event.target.form !== form) return;
  const now = content();
  if (event.type === "change" && heard && same(now, heard)) return; /* leaving a field must not take away the link that is being clicked */
  heard = now;
  stash();
  if (stopped) return;
  retry = 0;
  say("正在输入…");
  plan();
}

function leave() {
  clearTimeout(timer);
  if (handingIn || stopped || !dirty()) return;
  stash();
  if (!flying) { save(); return; }
  if (navigator.sendBeacon) navigator.sendBeacon(form.dataset.draft, body());
}

/* Without the form the answer can no longer be changed: show the locally stored text, to be copied. */
function offerKept() {
  const left = read(slot) || read(`${slot}:kept`);
  const answer = lastAnswer();
  if (!left || blank(left.content) || (answer && same(left.content, answer))) {
    drop(slot);
    drop(`${slot}:kept`);
    return;
  }
  write(`${slot}:kept`, left);
  drop(slot);
  offer(`本机暂存了没有保存上的内容（${clock(left.at)}）。现在不能修改答复，如还需要请先复制。`, left.content, null);
}

function begin() {
  stored = form.hasAttribute("data-unsaved") ? null : written();
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("draft:typed", typed);
  if (windows) windows.addEventListener("message", (event) => { decidedElsewhere(event.data); });
  window.addEventListener("online", () => { retry = 0; save(); });
  window.addEventListener("focus", () => { if (retry || state.classList.contains("is-bad")) save(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
  window.addEventListener("pagehide", leave);

  document.querySelectorAll("[data-save]").forEach((button) => {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (stopped) { panel.scrollIntoView({ block: "center" }); return; }
      if (dirty()) { save(); } else { say("已保存，没有新的改动"); }
    });
  });

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && button.formAction) form.action = button.formAction;
    stash();
    control("csrfmiddlewaretoken").value = csrfToken();
    control("pieces").value = shownPieces();
    clearTimeout(timer);
    handingIn = true;
    if (flying) { event.preventDefault(); event.stopPropagation(); say("正在保存，随即报送…"); }
  });
  window.addEventListener("pageshow", () => { handingIn = false; });

  /* Before another text replaces the draft, save what is typed here. */
  document.querySelectorAll("form[data-takes]").forEach((taking) => {
    taking.addEventListener("submit", (event) => {
      if (!dirty() && !flying) return;
      event.preventDefault();
      event.stopPropagation();
      save();
      let tries = 0; const wait = setInterval(() => {
        if (flying && tries++ < 100) return;
        clearInterval(wait);
        if (!dirty()) taking.submit();
      }, 100);
    });
  });

  /* Text that this browser stored earlier */
  const kept = read(slot) || read(`${slot}:kept`);
  const last = lastAnswer();
  if (kept && (blank(kept.content) || same(kept.content, content()) || (stored && same(kept.content, stored)) || (last && same(kept.content, last)))) {
    drop(slot);
    drop(`${slot}:kept`);
  } else if (kept) {
    drop(slot);
    if (kept.basis === basis()) resume(kept);
    else keepAside(kept.content, `本机还暂存着一份不同的内容（${clock(kept.at)}），是否恢复？`);
  }
  if (dirty()) { stash(); save(); }
}

if (owner?.dataset.task) (form ? begin : offerKept)();
