/* A visit on the phone. What is noted on a line lives in this browser until the server has it; each line has a key, so that what is
   sent twice is kept once. Lines are sent one after another, photos after them, in pieces. */
import { csrfToken, element } from "./common.js";
import { dropKept, keep, kept } from "./form-values.js";
import { send } from "./upload-line.js";
import { dropPhoto, keepPhoto, keptPhotos } from "./visit-photos.js";

const PAUSE = 1200;
const RETRIES = [3000, 10000, 30000];
const PIECE = 1024 * 1024;
const list = document.getElementById("visit-lines");
const state = document.getElementById("visit-state");
const others = document.getElementById("visit-others");
const slot = `visit:${document.body.dataset.person}:${list.dataset.visit}:`;
let running = null;
let tries = 0;
let timer = 0;
let loggedOut = false;

/* Not crypto.randomUUID, which browsers offer over HTTPS only. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// Lines

function linesOf() { return [...list.querySelectorAll("form[data-line]")]; }
function lineOf(key) { return linesOf().find((line) => line.dataset.key === key); }

function keyOf(line) {
  line.dataset.key ||= newKey();
  return line.dataset.key;
}

function noted(line) {
  const { about, remark, verdict } = line.elements;
  return { task: line.dataset.task, about: about ? about.value.trim() : "", verdict: verdict.value, remark: remark.value.trim() };
}

function say(line, text, bad) {
  const place = line.querySelector("[data-state]");
  place.textContent = text;
  place.classList.toggle("is-bad", Boolean(bad));
}

function store(line) {
  keep(slot + keyOf(line), { ...noted(line), title: line.dataset.title });
  say(line, "已暂存在本机");
}

function add(title = "", task = "") {
  const made = document.getElementById("visit-other").content.firstElementChild.cloneNode(true);
  made.dataset.task = task;
  made.dataset.title = title;
  if (task) made.querySelector(".visit-label").replaceWith(element("div", "visit-title", title));
  others.appendChild(made);
  return made;
}

function fill(line, values) {
  if (line.elements.about) line.elements.about.value = values.about;
  line.elements.remark.value = values.remark;
  line.elements.verdict.forEach((box) => { box.checked = box.value === values.verdict; });
}

function keptSlots() {
  try { return Object.keys(localStorage).filter((name) => name.startsWith(slot) && kept(name)); } catch { return []; }
}

/* What this browser still has from before: on its line again, or below if the line has left the list. */
function restore(name) {
  const values = kept(name);
  const key = name.slice(slot.length);
  const line = lineOf(key) || linesOf().find((each) => values.task && each.dataset.task === values.task) || add(values.title, values.task);
  line.dataset.key = key;
  fill(line, values);
  say(line, "已暂存在本机");
}

function linkFinding(line) {
  const asked = line.dataset.noted ? `&check=${line.dataset.noted}` : line.dataset.task ? `&task=${line.dataset.task}` : "";
  line.querySelector("[data-finding]").href = list.dataset.findings + asked;
}

// Sending

function waiting() { return keptSlots().filter((name) => !kept(name).refused); }

function tell() {
  const refused = keptSlots().length - waiting().length;
  keptPhotos(slot).then((photos) => {
    const lines = waiting().length;
    const left = [lines && `${lines} 项`, photos.length && `${photos.length} 张照片`].filter(Boolean).join("、");
    const bad = Boolean(left && (tries || !navigator.onLine)) || refused > 0 || loggedOut;
    state.classList.toggle("is-bad", bad);
    if (loggedOut) {
      state.textContent = `登录已过期，${left || "内容"}暂存在本机。`;
      const link = element("a", "", "重新登录后继续");
      link.href = list.dataset.login;
      state.appendChild(link);
    } else if (refused) state.textContent = `${refused} 项没有被接受，原因写在该项下面，内容还在本机。`;
    else if (!left) state.textContent = "写下的都已保存。";
    else if (bad) state.textContent = `没有网络：${left}暂存在本机，恢复后自动发送。`;
    else state.textContent = `正在发送：${left}`;
  });
}

function unchanged(name, values) { return JSON.stringify(kept(name)) === JSON.stringify(values); }

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(flush, wait);
}

function later() {
  tries += 1;
  plan(RETRIES[Math.min(tries, RETRIES.length) - 1]);
}

/* Send what is waiting. One run at a time: a second call waits for the same run. */
function flush() {
  clearTimeout(timer);
  running ??= sendAll().finally(() => { running = null; tell(); });
  return running;
}

async function sendAll() {
  let fine = true;
  for (let name = waiting()[0]; name && fine; name = waiting()[0]) fine = await sendLine(name);
  for (const photo of fine ? await keptPhotos(slot) : []) {
    if (fine && !photo.refused) fine = await sendPhoto(photo);
  }
  if (fine) { tries = 0; if (waiting().length) plan(PAUSE); } else if (!loggedOut) later();
}

/* Whether to go on with the next one. */
async function sendLine(name) {
  const values = kept(name);
  const key = name.slice(slot.length);
  const body = new URLSearchParams({ key, task: values.task, about: values.about || (values.task ? "" : "其他情况"), verdict: values.verdict, remark: values.remark, csrfmiddlewaretoken: csrfToken() });
  let answer;
  let response;
  try {
    response = await fetch(list.dataset.check, { method: "POST", body, credentials: "same-origin", redirect: "manual", headers: { "Accept": "application/json", "X-CSRFToken": csrfToken() } });
    answer = response.type === "opaqueredirect" ? {} : await response.json();
  } catch { return false; }
  if (response.type === "opaqueredirect" || response.status === 401) { loggedOut = true; return false; }
  const line = lineOf(key);
  if (response.status === 200) {
    loggedOut = false;
    if (unchanged(name, values)) {
      dropKept(name);
      if (line) say(line, `已保存 ${answer.saved}`);
    }
    if (line) { line.dataset.noted = answer.check; linkFinding(line); }
    return true;
  }
  if (response.status >= 500 || !answer.error) return false;
  if (unchanged(name, values)) keep(name, { ...values, refused: true });
  if (line) say(line, answer.error, true);
  return true;
}

function ask(method, url, body) {
  return new Promise((done) => { send(method, url, body, null, (status, answer) => { done({ status, answer }); }); });
}

async function sendPhoto(photo) {
  const url = list.dataset.check.replace(/check\/$/, `photos/${photo.line}/${photo.key}/`);
  let { status, answer } = await ask("GET", url, null);
  while (status === 200 && !answer.done) {
    const from = answer.offset;
    const query = new URLSearchParams({ offset: from, size: photo.file.size, name: photo.name });
    ({ status, answer } = await ask("PUT", `${url}?${query}`, photo.file.slice(from, from + PIECE)));
    if (status === 409 && answer.offset !== undefined) status = 200;
  }
  if (status === 200) {
    await dropPhoto(photo.key);
    mark(photo, "");
    return true;
  }
  if (status === 404) return unknownLine(photo);
  if (status === 401) loggedOut = true;
  if (!status || status >= 500 || status === 401 || !answer.error) return false;
  await keepPhoto({ ...photo, refused: answer.error });
  mark({ ...photo, refused: answer.error }, answer.error);
  return true;
}

/* The server does not know the line yet: send it first. A line that was refused keeps its photos here. */
async function unknownLine(photo) {
  const line = lineOf(photo.line);
  const name = slot + photo.line;
  if (line && !kept(name)) { store(line); return sendLine(name); }
  await keepPhoto({ ...photo, refused: "这一项没有记下，照片没有发送。" });
  mark({ ...photo, refused: true }, "这一项没有记下，照片没有发送。");
  return true;
}

// Photos

function mark(photo, text) {
  const box = document.getElementById(`photo-${photo.key}`);
  if (!box) return;
  box.querySelector(".visit-photo-state")?.remove();
  box.classList.toggle("is-bad", Boolean(photo.refused));
  if (!text) return;
  box.appendChild(element("span", photo.refused ? "" : "visit-photo-state", photo.refused ? `${photo.name}：${text}` : text));
  if (!photo.refused) return;
  const key = element("button", "btn btn-sm btn-link", "移除");
  key.type = "button";
  key.addEventListener("click", async () => { await dropPhoto(photo.key); box.remove(); tell(); });
  box.appendChild(key);
}

function show(photo) {
  const line = lineOf(photo.line);
  if (!line || document.getElementById(`photo-${photo.key}`)) return;
  const box = element("div", "visit-photo");
  box.id = `photo-${photo.key}`;
  const image = element("img");
  image.alt = photo.name;
  image.src = URL.createObjectURL(photo.file);
  box.appendChild(image);
  line.querySelector("[data-photos]").appendChild(box);
  mark(photo, photo.refused || "待发送");
}

async function take(line, files) {
  for (const file of files) {
    const photo = { key: newKey(), slot, line: keyOf(line), name: file.name || "照片.jpg", file };
    const safe = await keepPhoto(photo);
    show(photo);
    if (!safe) say(line, "本浏览器不能暂存照片，发送完以前请不要关闭本页。", true);
  }
  if (!line.dataset.noted) store(line);
  tell();
  plan(0);
}

// What the person does

function typed(event) {
  const line = event.target.closest("form[data-line]");
  if (!line || event.target.type === "file") return;
  store(line);
  tell();
  plan(event.type === "change" ? 0 : PAUSE);
}

async function leaves(event) {
  const link = event.target.closest("#visit-finish, [data-finding]");
  if (!link || link.dataset.go) return;
  event.preventDefault();
  await flush();
  if (waiting().length) await flush();
  if (!navigator.onLine || keptSlots().length || (await keptPhotos(slot)).length) {
    tell();
    state.scrollIntoView({ block: "nearest" });
    return;
  }
  link.dataset.go = "1";
  link.click();
}

list.addEventListener("input", typed);
list.addEventListener("change", (event) => {
  const line = event.target.closest("form[data-line]");
  if (event.target.type !== "file") { typed(event); return; }
  take(line, [...event.target.files]);
  event.target.value = "";
});
list.addEventListener("submit", (event) => { event.preventDefault(); });
list.addEventListener("click", leaves);
document.getElementById("visit-add").addEventListener("click", () => { const line = add(); linkFinding(line); line.elements.about.focus(); });
window.addEventListener("online", () => { tries = 0; plan(0); });
window.addEventListener("offline", tell);
window.addEventListener("pageshow", () => { document.querySelectorAll("[data-go]").forEach((link) => { delete link.dataset.go; }); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { tries = 0; plan(0); } });

keptSlots().forEach((name) => { const values = kept(name); if (values.refused) keep(name, { ...values, refused: undefined }); restore(name); });
linesOf().forEach(linkFinding);
keptPhotos(slot).then((photos) => {
  photos.forEach(show);
  if (photos.length || waiting().length) { tell(); plan(0); }
});
