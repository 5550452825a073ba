/* What a person does with files: choose, drop, choose again, hand in. The queue sends them. */
(function () {
  "use strict";
  var MOST = 500; // files at once

  var area = document.getElementById("evidence-area");
  var zone = document.getElementById("drop-zone");
  if (!area || !zone) return;
  var ours = window.uploading;
  var queue = ours.queue;
  var items = queue.items;
  var list = document.getElementById("upload-queue");
  var news = document.getElementById("upload-news");
  var declared = document.getElementById("declared");

  function take(found, replaces, stamped) {
    var skipped = [];
    found.slice(0, MOST).forEach(function (each) {
      if (each.folder && queue.unfit(each.file)) skipped.push(each.folder + "/" + each.file.name);
      else if (!again(each, replaces)) queue.add(each.file, each.folder, replaces, stamped);
    });
    if (found.length > MOST) skipped.push("第 " + MOST + " 个以后的 " + (found.length - MOST) + " 个文件，请分几次选择");
    if (skipped.length) say("有 " + skipped.length + " 个文件不能上传，已跳过：" + skipped.slice(0, 5).join("；") + (skipped.length > 5 ? " 等" : "") + "。");
    if (!declared.checked && items.some(function (item) { return item.state === "waiting" && !item.url; })) declared.focus();
    queue.next();
  }

  /* Chosen twice is sent once; what waits for its file gets it. */
  function again(each, replaces) {
    return items.some(function (item) {
      if (item.name !== each.file.name || item.size !== each.file.size || item.changed !== each.file.lastModified) return false;
      if (item.folder !== each.folder && (each.folder || item.state !== "lost")) return false;
      if (item.state === "lost") return queue.adopt(item, each.file);
      return item.state !== "failed" && item.replaces === replaces;
    });
  }

  function say(text) {
    var box = ours.element("li");
    box.appendChild(ours.element("div", "upload-said", text));
    var close = ours.element("button", "btn btn-sm btn-outline-secondary", "知道了");
    close.type = "button";
    close.addEventListener("click", function () { box.remove(); });
    box.appendChild(close);
    list.appendChild(box);
    news.textContent = text;
  }

  function picked(input) {
    take(ours.chosen(input.files), input.dataset.replaces, input.hasAttribute("data-stamped"));
    input.value = "";
  }

  area.addEventListener("change", function (event) {
    var input = event.target;
    if (input === declared) queue.next();
    if (input.matches("[data-pick]")) picked(input);
  });
  ["dragenter", "dragover"].forEach(function (name) {
    zone.addEventListener(name, function (event) { event.preventDefault(); zone.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    zone.addEventListener(name, function (event) { event.preventDefault(); zone.classList.remove("over"); });
  });
  zone.addEventListener("drop", function (event) {
    ours.dropped(event.dataTransfer, function (found, unread) {
      if (unread) say("有 " + unread + " 个文件或文件夹读不出来，请检查权限后重新选择。");
      take(found);
    });
  });
  ["dragover", "drop"].forEach(function (name) {
    window.addEventListener(name, function (event) { event.preventDefault(); });
  });
  window.addEventListener("online", function () {
    items.slice().forEach(function (item) {
      if (item.state === "failed" && item.stalled) { item.stalled = false; queue.wait(item); return; }
      if (item.state !== "sending" || !item.timer) return;
      window.clearTimeout(item.timer);
      item.timer = 0;
      queue.start(item);
    });
  });
  var folders = document.getElementById("pick-folder");
  if (folders && !("webkitdirectory" in folders.querySelector("input"))) folders.remove();
  JSON.parse(document.getElementById("upload-pending").textContent).forEach(queue.recall);
  area.querySelectorAll("[data-pick]").forEach(function (input) { if (input.files.length) picked(input); }); // chosen before this script was there

  // Handing in waits for the files: what was chosen and not sent would be lost with the page.
  document.addEventListener("submit", function (event) {
    var keeps = event.submitter && event.submitter.hasAttribute("data-save");
    if (event.target.id !== "answer" || keeps || !queue.unfinished().length) return;
    event.preventDefault();
    event.stopPropagation(); // nobody is to take the page for one that is leaving
    var sign = document.getElementById("save-state");
    queue.hold(sign);
    var undeclared = !declared.checked && queue.unfinished().some(function (item) { return !item.url; });
    if (undeclared) { queue.next(); declared.focus(); }
    if (sign) sign.textContent = undeclared ? "所选文件还没有上传，请先勾选保密声明" : "还有 " + queue.unfinished().length + " 个文件没有传完，传完后再点；不要的请先放弃";
  }, true);
  window.addEventListener("beforeunload", function (event) {
    if (items.some(function (item) { return item.state === "sending"; })) { event.preventDefault(); event.returnValue = ""; }
  });
})();
