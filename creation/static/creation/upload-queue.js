/* Upload files in pieces by PUT, two at a time. After a lost connection or a reload they continue from what the server has. */
import { element } from "./common.js";
import { day, giveUp, readable, send, sized } from "./upload-line.js";
import { UploadRow } from "./upload-rows.js";

const FIRST = 8 * 1024 * 1024; // the first piece; later ones grow on a fast connection and shrink after failures
const LARGEST = 64 * 1024 * 1024;
const SMALLEST = 256 * 1024;
const AT_ONCE = 2;
const TRIES = 12;

const area = document.getElementById("evidence-area");
const list = document.getElementById("upload-queue");
const rows = document.getElementById("evidence-rows");
const news = document.getElementById("upload-news");
const sizes = JSON.parse(document.getElementById("upload-sizes")?.textContent ?? "{}");
const items = [];

// One file. States: lost (its file must be chosen again), waiting, sending, paused, failed, done, cancelled.

function make(name, folder, size, state) {
  const item = { name, folder, size, state, offset: 0, tries: 0, piece: FIRST, url: "" };
  item.row = new UploadRow(list, name, folder, size);
  items.push(item);
  return item;
}

function add(file, folder, replaces, stamped) {
  const item = make(file.name, folder, file.size, "waiting");
  item.file = file;
  item.changed = file.lastModified;
  item.replaces = replaces;
  item.stamped = stamped;
  running(item);
  const wrong = unfit(file);
  if (wrong) fail(item, wrong);
}

/* Add an unfinished upload that the server still has. */
function recall(kept) {
  const item = make(kept.name, kept.folder, kept.size, "lost");
  item.url = kept.url;
  item.offset = kept.offset;
  item.changed = kept.changed;
  item.until = kept.until;
  item.row.bar.value = kept.offset;
  item.row.tell(`没有传完：${item.row.standing(kept.offset)}。请重新选择同一个文件，从断开的地方继续；保留到 ${kept.until}。`);
  item.row.pick("选择同一文件继续", (file) => { if (!adopt(item, file)) differ(item, file); });
  item.row.key("放弃", () => { cancel(item); });
}

function adopt(item, file) {
  if (file.name !== item.name || file.size !== item.size) return false;
  if (item.changed !== null && file.lastModified !== item.changed) return false;
  item.file = file;
  wait(item);
  return true;
}

function differ(item, file) {
  let why = "文件在上次选择后修改过";
  if (file.name !== item.name) why = `所选文件是“${file.name}”`;
  else if (file.size !== item.size) why = `所选文件有 ${sized(file.size)}，上次的有 ${sized(item.size)}`;
  item.row.tell(`不是同一个文件：${why}。要上传改过的文件，请先放弃这一条，再重新选择。`);
  item.row.box.className = "failed";
  news.textContent = item.row.said.textContent;
}

function running(item) {
  item.row.look(false);
  item.row.key("暂停", () => { pause(item); });
  item.row.key("放弃", () => { cancel(item); });
}

function wait(item) {
  item.state = "waiting";
  item.tries = 0;
  item.row.rest();
  running(item);
  item.row.tell("等待上传");
  next();
}

function pause(item) {
  stop(item, "paused");
  item.row.look(false);
  item.row.tell(`已暂停：${item.row.standing(item.offset)}`);
  item.row.key("继续", () => { wait(item); }, "primary");
  item.row.key("放弃", () => { cancel(item); });
  next();
}

function stop(item, state) {
  const busy = item.state === "sending" && item.xhr;
  item.state = state;
  release("");
  if (busy) item.xhr.abort();
  clearTimeout(item.timer);
  item.timer = 0;
}

function cancel(item) {
  stop(item, "cancelled");
  if (item.url) giveUp(item.url);
  leave(item);
  next();
}

function fail(item, text, again) {
  stop(item, "failed");
  item.row.look(true);
  item.row.tell(text);
  news.textContent = `${item.name}：${text}`;
  item.row.box.scrollIntoView({ block: "nearest" });
  if (again) item.row.key("重试", () => { wait(item); }, "primary");
  if (item.url) item.row.key("放弃", () => { cancel(item); });
  else item.row.key("关闭", () => { leave(item); });
  next();
}

function leave(item) {
  items.splice(items.indexOf(item), 1);
  item.row.remove();
}

function unfit(file) {
  const extension = (/\.([A-Za-z0-9]+)$/.exec(file.name) || ["", ""])[1].toLowerCase();
  if (!Object.hasOwn(sizes, extension)) return `这种类型不能上传。可以上传的类型：${Object.keys(sizes).join("、")}。`;
  if (!file.size) return "这是空文件（0 字节），请检查原文件。";
  if (file.size > sizes[extension]) return `有 ${sized(file.size)}，超过上限 ${sized(sizes[extension])}。请压缩或分成几个文件后再上传。`;
  return "";
}

// The queue

function next() {
  const busy = items.filter((item) => item.state === "sending").length;
  items.filter((item) => item.state === "waiting").slice(0, Math.max(0, AT_ONCE - busy)).forEach(start);
}

function start(item) {
  item.state = "sending";
  if (item.url) { look(item); return; }
  item.row.tell("正在准备");
  item.xhr = send("POST", area.dataset.begin, JSON.stringify(about(item)), null, (status, answer) => {
    if (item.state !== "sending") return;
    if (status === 201) { item.url = answer.url; item.offset = answer.offset; if (answer.offset) look(item); else piece(item); }
    else trouble(item, status, answer, start);
  });
}

function about(item) {
  const asked = { name: item.name, folder: item.folder, size: item.size, changed: item.changed, modified: day(item.changed), declared: true } /* by choosing the file: the page says so beside the button */;
  if (item.replaces) asked.evidence = Number(item.replaces);
  if (item.stamped) asked.stamped = true;
  return asked;
}

function piece(item) {
  const from = item.offset;
  const begun = Date.now();
  const body = item.file.slice(from, from + item.piece);
  item.xhr = send("PUT", `${item.url}?offset=${from}`, body, (event) => { item.row.show(from + event.loaded); }, (status, answer) => {
    if (item.state !== "sending") return;
    if (status === 200 && Date.now() - begun < 10000) item.piece = Math.min(LARGEST, item.piece * 2);
    arrived(item, status, answer);
  });
}

function arrived(item, status, answer) {
  if (answer.done) { finish(item, answer); return; }
  if (status === 200) { item.tries = 0; item.offset = answer.offset; piece(item); }
  else if (status === 404) { item.url = ""; item.offset = 0; trouble(item, 0, answer, start); }
  else trouble(item, status, answer, look);
}

/* Ask the server for the offset and continue from there. */
function look(item) {
  item.xhr = send("GET", item.url, null, null, (status, answer) => {
    if (item.state !== "sending") return;
    if (status === 200 && !answer.done) { item.offset = answer.offset; item.row.show(answer.offset); piece(item); }
    else arrived(item, status, answer);
  });
}

function trouble(item, status, answer, again) {
  if (status === 401) { fail(item, "登录已过期。请在新窗口重新登录，再点“重试”，会从断开的地方继续。", true); return; }
  if (status === 403) { fail(item, "没有向此任务上传的权限，或页面已过期。请刷新页面后再试。", true); return; }
  if (answer.duplicate) { offer(item, answer); return; }
  if (status === 507) { fail(item, answer.error, true); return; }
  if (answer.error && status !== 409 && status !== 503) { item.url = ""; fail(item, answer.error); return; }
  if (status >= 400 && status < 500 && status !== 409) { fail(item, "服务器没有接受这个文件，请刷新页面后再试。"); return; }
  if (!status) { item.piece = Math.max(SMALLEST, item.piece / 2); check(item); }
  item.tries += 1;
  if (item.tries > TRIES) { item.stalled = true; fail(item, `${answer.error || "网络不通，已停止。"}已传部分保留三天，恢复后点“重试”，从断开的地方继续。`, true); return; }
  item.row.rest();
  item.row.tell(`${answer.error || `网络中断，已传 ${  item.row.standing(item.offset)}`}，正在自动重试（第 ${item.tries} 次）`);
  item.timer = setTimeout(() => { item.timer = 0; if (item.state === "sending") again(item); }, Math.min(30000, 500 * 2**item.tries));
}

/* A lost connection and an unreadable file cause the same error, so check the file. */
function check(item) {
  readable(item.file, (fine) => {
    if (!fine && item.state === "sending") fail(item, "文件在上传中被修改、移动或删除，已停止。请放弃这一条，再重新选择文件。");
  });
}

function offer(item, answer) {
  item.url = "";
  fail(item, answer.error);
  const made = item.row.key("引用已有资料", () => {
    made.disabled = true;
    window.htmx.ajax("POST", area.dataset.cite, { source: area, target: item.row.said, swap: "innerHTML", values: { evidence: answer.duplicate } });
    item.row.box.className = "";
  }, "primary");
  item.row.keys.insertBefore(made, item.row.keys.firstChild);
}

/* The first row with a higher number, so that rows are ordered by number in whatever order the files arrive. */
function behind(row) {
  return Array.prototype.filter.call(rows.children, (other) => Number(other.dataset.serial) > Number(row.dataset.serial))[0] || null;
}

function finish(item, answer) {
  item.state = "done";
  document.dispatchEvent(new Event("upload:finished"));
  item.row.bar.value = item.size;
  release("文件已传完，可以报送");
  news.textContent = `${item.name} 已上传`;
  leave(item);
  const holder = element("ul");
  holder.innerHTML = answer.row;
  const row = holder.querySelector("li");
  const old = document.getElementById(row.id);
  if (old) old.replaceWith(row);
  else rows.insertBefore(row, behind(row));
  if (window.htmx) window.htmx.process(row);
  next();
}

// Submitting the answer waits for the files, since chosen files that were not sent would be lost with the page.

let held = null;
function unfinished() {
  return items.filter((item) => item.state === "waiting" || item.state === "sending" || item.state === "paused");
}

function release(text) {
  if (!held || unfinished().length) return;
  held.textContent = text;
  held = null;
}

function hold(sign) { held = sign; }

export const queue = { items, add, adopt, recall, wait, start, next, unfit, unfinished, hold };
