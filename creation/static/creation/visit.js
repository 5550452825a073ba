/* A visit on the phone. What is noted on a line lives in this browser until the server has it. */
import { element } from "./common.js";
import { Notes } from "./visit-notes.js";
import { dropPhoto, keepPhoto, keptPhotos } from "./visit-photos.js";
import { Sending } from "./visit-sending.js";

const PAUSE = 1200;
const list = document.getElementById("visit-lines");
const state = document.getElementById("visit-state");
const notes = new Notes(`visit:${document.body.dataset.person}:${list.dataset.visit}:`);
const sending = new Sending(notes, list.dataset.check, { noted, refused, photo: mark, told: tell });

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
  if (!line.dataset.key) line.dataset.key = newKey();
  return line.dataset.key;
}

function say(line, text, bad) {
  const place = line.querySelector("[data-state]");
  place.textContent = text;
  place.classList.toggle("is-bad", Boolean(bad));
}

function store(line) {
  const { about, remark, verdict } = line.elements;
  const note = { task: line.dataset.task, title: line.dataset.title, about: about ? about.value.trim() : "", verdict: verdict.value, remark: remark.value.trim() };
  if (notes.put(keyOf(line), note)) say(line, "已暂存在本机");
  else say(line, "本浏览器不能暂存，发送完以前请不要关闭本页。", true);
}

function addLine(title = "", task = "") {
  const made = document.getElementById("visit-other").content.firstElementChild.cloneNode(true);
  made.dataset.task = task;
  made.dataset.title = title;
  if (task) made.querySelector(".visit-label").replaceWith(element("div", "visit-title", title));
  document.getElementById("visit-others").appendChild(made);
  return made;
}

/* What this browser still has from before: on its line again, or below if the line has left the list. */
function restore(key) {
  const note = notes.get(key);
  const line = lineOf(key) || linesOf().find((each) => note.task && each.dataset.task === note.task) || addLine(note.title, note.task);
  line.dataset.key = key;
  for (let folded = line.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.setAttribute("open", "");
  if (line.elements.about) line.elements.about.value = note.about;
  line.elements.remark.value = note.remark;
  line.elements.verdict.forEach((box) => { box.checked = box.value === note.verdict; });
  say(line, "已暂存在本机");
}

function linkFinding(line) {
  const asked = line.dataset.noted ? `&check=${line.dataset.noted}` : line.dataset.task ? `&task=${line.dataset.task}` : "";
  line.querySelector("[data-finding]").href = list.dataset.findings + asked;
}

// What came of sending

function noted(key, check, time) {
  const line = lineOf(key);
  if (!line) return;
  if (time) say(line, `已保存 ${time}`);
  line.dataset.noted = check;
  linkFinding(line);
}

function refused(key, sentence) {
  const line = lineOf(key);
  if (line) say(line, sentence, true);
}

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

async function left() {
  const photos = (await keptPhotos(notes.prefix)).length;
  return [notes.waiting.length && `${notes.waiting.length} 项`, photos && `${photos} 张照片`].filter(Boolean).join("、");
}

async function tell() {
  const words = await left();
  const stopped = notes.keys.length - notes.waiting.length;
  const waits = Boolean(words) && (sending.tries > 0 || !navigator.onLine);
  state.classList.toggle("is-bad", waits || stopped > 0 || sending.loggedOut);
  if (sending.loggedOut) {
    state.textContent = `登录已过期，${words || "内容"}暂存在本机。`;
    const link = element("a", "", "重新登录后继续");
    link.href = list.dataset.login;
    state.appendChild(link);
  } else if (stopped) state.textContent = `${stopped} 项没有被接受，原因写在该项下面，内容还在本机。`;
  else if (!words) state.textContent = navigator.onLine ? "写下的都已保存。" : "没有网络。写下的都已保存，可以接着写。";
  else if (waits) state.textContent = `没有网络：${words}暂存在本机，恢复后自动发送。`;
  else state.textContent = `正在发送：${words}`;
}

// What the person does

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
  if (!line.dataset.noted) store(line);
  for (const file of files) {
    const photo = { key: newKey(), slot: notes.prefix, line: keyOf(line), name: file.name || "照片.jpg", file };
    const safe = await keepPhoto(photo);
    show(photo);
    if (!safe) say(line, "本浏览器不能暂存照片，发送完以前请不要关闭本页。", true);
  }
  tell();
  sending.plan(0);
}

function typed(event) {
  const line = event.target.closest("form[data-line]");
  if (!line || event.target.type === "file") return;
  store(line);
  tell();
  sending.plan(event.type === "change" ? 0 : PAUSE);
}

/* Leave for the feedback, a finding or the verification only when all has arrived, as each begins with what was noted. */
async function leave(event) {
  const link = event.target.closest("#visit-finish, [data-finding], [data-verify]");
  if (!link || link.dataset.go) return;
  event.preventDefault();
  await sending.flush();
  if (notes.waiting.length) await sending.flush();
  await tell();
  if (!navigator.onLine || notes.keys.length || await left()) { state.scrollIntoView({ block: "nearest" }); return; }
  link.dataset.go = "1";
  link.click();
}

list.addEventListener("input", typed);
list.addEventListener("change", (event) => {
  if (event.target.type !== "file") { typed(event); return; }
  take(event.target.closest("form[data-line]"), [...event.target.files]);
  event.target.value = "";
});
list.addEventListener("submit", (event) => { event.preventDefault(); });
list.addEventListener("click", leave);
document.getElementById("visit-add").addEventListener("click", () => { const line = addLine(); linkFinding(line); line.elements.about.focus(); });
window.addEventListener("online", () => { sending.again(); });
window.addEventListener("offline", tell);
window.addEventListener("pageshow", () => { document.querySelectorAll("[data-go]").forEach((link) => { delete link.dataset.go; }); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") sending.again(); });

notes.keys.forEach(restore);
linesOf().forEach(linkFinding);
keptPhotos(notes.prefix).then((photos) => {
  photos.forEach(show);
  if (photos.length || notes.waiting.length) { tell(); sending.plan(0); }
});
