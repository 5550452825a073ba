/* Choose files, drop them, choose them again, submit. The queue uploads them. */
import { element } from "./common.js";
import { chosen, dropped } from "./upload-pick.js";
import { queue } from "./upload-queue.js";

const MOST = 500; // files at once

const area = document.getElementById("evidence-area");
const zone = document.getElementById("drop-zone");
const items = queue.items;
const list = document.getElementById("upload-queue");
const news = document.getElementById("upload-news");

function take(found, replaces, stamped) {
  const skipped = [];
  found.slice(0, MOST).forEach((each) => {
    if (each.folder && queue.unfit(each.file)) skipped.push(`${each.folder}/${each.file.name}`);
    else if (!again(each, replaces)) queue.add(each.file, each.folder, replaces, stamped);
  });
  if (found.length > MOST) skipped.push(`第 ${MOST} 个以后的 ${found.length - MOST} 个文件，请分几次选择`);
  if (skipped.length) say(`有 ${skipped.length} 个文件不能上传，已跳过：${skipped.slice(0, 5).join("；")}${skipped.length > 5 ? " 等" : ""}。`);
  if (found.length) zone.scrollIntoView({ block: "nearest" });
  queue.next();
}

/* Return whether the file is in the queue: it is not sent twice, and an unfinished upload that needs its file gets it. */
function again(each, replaces) {
  return items.some((item) => {
    if (item.name !== each.file.name || item.size !== each.file.size || item.changed !== each.file.lastModified) return false;
    if (item.folder !== each.folder && (each.folder || item.state !== "lost")) return false;
    if (item.state === "lost") return queue.adopt(item, each.file);
    return item.state !== "failed" && item.replaces === replaces;
  });
}

function say(text) {
  const box = element("li");
  box.appendChild(element("div", "upload-said", text));
  const close = element("button", "btn btn-sm btn-outline-secondary", "知道了");
  close.type = "button";
  close.addEventListener("click", () => { box.remove(); });
  box.appendChild(close);
  list.appendChild(box);
  news.textContent = text;
}

function picked(input) {
  take(chosen(input.files), input.dataset.replaces, input.hasAttribute("data-stamped"));
  input.value = "";
}

function begin() {
  area.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches("[data-pick]")) picked(input);
  });
  ["dragenter", "dragover"].forEach((name) => {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach((name) => {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.remove("over"); });
  });
  zone.addEventListener("drop", (event) => {
    dropped(event.dataTransfer, (found, unread) => {
      if (unread) say(`有 ${unread} 个文件或文件夹读不出来，请检查权限后重新选择。`);
      take(found);
    });
  });
  ["dragover", "drop"].forEach((name) => {
    window.addEventListener(name, (event) => { event.preventDefault(); });
  });
  window.addEventListener("online", () => {
    items.slice().forEach((item) => {
      if (item.state === "failed" && item.stalled) { item.stalled = false; queue.wait(item); return; }
      if (item.state !== "sending" || !item.timer) return;
      clearTimeout(item.timer);
      item.timer = 0;
      queue.start(item);
    });
  });
  const folders = document.getElementById("pick-folder");
  if (folders && !("webkitdirectory" in folders.querySelector("input"))) folders.remove();
  JSON.parse(document.getElementById("upload-pending").textContent).forEach(queue.recall);
  area.querySelectorAll("[data-pick]").forEach((input) => { if (input.files.length) picked(input); }); // chosen before this script was loaded

  // Submitting the answer waits for the files, since chosen files that were not sent would be lost with the page.
  document.addEventListener("submit", (event) => {
    const keeps = event.submitter && event.submitter.hasAttribute("data-save");
    if (event.target.id !== "answer" || keeps || !queue.unfinished().length) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise other handlers would take the page as being left
    const sign = document.getElementById("save-state");
    queue.hold(sign);
    if (sign) sign.textContent = `还有 ${queue.unfinished().length} 个文件没有传完，传完后再点；不要的请先放弃`;
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (items.some((item) => item.state === "sending")) { event.preventDefault(); event.returnValue = ""; }
  });
}

if (area && zone) begin();
