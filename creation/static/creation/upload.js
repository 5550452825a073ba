/* Files go up in pieces by PUT, two at a time; after a broken line they go on from what the server has. */
(function () {
  "use strict";
  var PIECE = 8 * 1024 * 1024;
  var AT_ONCE = 2;
  var TRIES = 12;

  var area = document.getElementById("evidence-area");
  if (!area || !document.getElementById("drop-zone")) return;
  var zone = document.getElementById("drop-zone");
  var list = document.getElementById("upload-queue");
  var rows = document.getElementById("evidence-rows");
  var news = document.getElementById("upload-news");
  var declared = document.getElementById("declared");
  var note = document.getElementById("declare-note");
  var sizes = JSON.parse(document.getElementById("upload-sizes").textContent);
  var items = [];

  // Requests

  function token() {
    var found = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    return found ? found[1] : zone.closest("body").getAttribute("hx-headers").split('"')[3];
  }

  function send(method, url, body, progress, done) {
    var xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.setRequestHeader("X-CSRFToken", token());
    xhr.setRequestHeader("Accept", "application/json");
    if (typeof body === "string") xhr.setRequestHeader("Content-Type", "application/json");
    else if (body) xhr.setRequestHeader("Content-Type", "application/octet-stream");
    if (progress) xhr.upload.onprogress = progress;
    xhr.onload = function () { done(xhr.status, parse(xhr)); };
    xhr.onerror = xhr.ontimeout = function () { done(0, {}); };
    xhr.send(body || null);
    return xhr;
  }

  function parse(xhr) {
    try { return JSON.parse(xhr.responseText) || {}; } catch (error) { return {}; }
  }

  // One file in the list

  function element(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function readable(bytes) {
    if (bytes >= 1073741824) return (bytes / 1073741824).toFixed(2) + " GB";
    if (bytes >= 1048576) return (bytes / 1048576).toFixed(1) + " MB";
    return Math.ceil(bytes / 1024) + " KB";
  }

  function add(file, replaces, stamped) {
    var item = { file: file, replaces: replaces, stamped: stamped, state: "waiting", offset: 0, tries: 0, url: "" };
    item.box = element("li");
    var line = element("div", "upload-line");
    line.appendChild(element("span", "upload-name", file.name));
    item.keys = element("span", "evidence-keys");
    line.appendChild(item.keys);
    item.bar = element("progress");
    item.bar.max = Math.max(file.size, 1);
    item.bar.value = 0;
    item.bar.setAttribute("aria-label", "上传进度：" + file.name);
    item.said = element("div", "upload-said muted", "等待上传");
    [line, item.bar, item.said].forEach(function (part) { item.box.appendChild(part); });
    list.appendChild(item.box);
    items.push(item);
    key(item, "取消", function () { cancel(item); });
    var wrong = unfit(file);
    if (wrong) fail(item, wrong);
  }

  function key(item, label, act) {
    var made = element("button", "btn btn-sm btn-outline-secondary", label);
    made.type = "button";
    made.appendChild(element("span", "visually-hidden", "：" + item.file.name));
    made.addEventListener("click", act);
    item.keys.appendChild(made);
  }

  function unfit(file) {
    var extension = (/\.([A-Za-z0-9]+)$/.exec(file.name) || ["", ""])[1].toLowerCase();
    if (!Object.prototype.hasOwnProperty.call(sizes, extension)) return "这种类型不能上传。可以上传的类型：" + Object.keys(sizes).join("、") + "。";
    if (!file.size) return "这是空文件（0 字节），请检查原文件。";
    if (file.size > sizes[extension]) return "有 " + readable(file.size) + "，超过上限 " + readable(sizes[extension]) + "。请压缩或分成几个文件后再上传。";
    return "";
  }

  function tell(item, text) { item.said.textContent = text; }

  function fail(item, text, again) {
    item.state = "failed";
    release("");
    item.box.className = "failed";
    item.bar.hidden = true;
    tell(item, text);
    news.textContent = item.file.name + "：" + text;
    item.keys.textContent = "";
    if (again) key(item, "继续上传", function () { resume(item); });
    key(item, "关闭", function () { leave(item); });
    next();
  }

  function resume(item) {
    item.state = "waiting";
    item.tries = 0;
    item.box.className = "";
    item.bar.hidden = false;
    item.keys.textContent = "";
    key(item, "取消", function () { cancel(item); });
    tell(item, "等待上传");
    next();
  }

  function cancel(item) {
    var busy = item.state === "sending" && item.xhr;
    item.state = "cancelled";
    release("");
    if (busy) item.xhr.abort();
    window.clearTimeout(item.timer);
    if (item.url) send("DELETE", item.url, null, null, function () {});
    leave(item);
    next();
  }

  function leave(item) {
    items.splice(items.indexOf(item), 1);
    item.box.remove();
  }

  // The queue

  function next() {
    if (!declared.checked) {
      note.hidden = !items.some(function (item) { return item.state === "waiting"; });
      return;
    }
    note.hidden = true;
    var busy = items.filter(function (item) { return item.state === "sending"; }).length;
    items.filter(function (item) { return item.state === "waiting"; }).slice(0, Math.max(0, AT_ONCE - busy)).forEach(start);
  }

  function start(item) {
    item.state = "sending";
    if (item.url) { look(item); return; }
    tell(item, "正在准备");
    item.xhr = send("POST", area.dataset.begin, JSON.stringify(about(item)), null, function (status, answer) {
      if (item.state !== "sending") return;
      if (status === 201) { item.url = answer.url; item.offset = 0; piece(item); }
      else trouble(item, status, answer, start);
    });
  }

  function about(item) {
    var asked = { name: item.file.name, size: item.file.size, modified: day(item.file.lastModified), declared: declared.checked };
    if (item.replaces) asked.evidence = Number(item.replaces);
    if (item.stamped) asked.stamped = true;
    return asked;
  }

  function day(time) {
    var at = new Date(time);
    function two(number) { return (number < 10 ? "0" : "") + number; }
    return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate());
  }

  function piece(item) {
    var from = item.offset;
    var body = item.file.slice(from, from + PIECE);
    item.xhr = send("PUT", item.url + "?offset=" + from, body, function (event) { show(item, from + event.loaded); }, function (status, answer) {
      if (item.state === "sending") arrived(item, status, answer);
    });
  }

  function show(item, bytes) {
    var now = Math.min(bytes, item.file.size);
    item.bar.value = now;
    tell(item, now < item.file.size ? readable(now) + " / " + readable(item.file.size) : "正在检查文件");
  }

  function arrived(item, status, answer) {
    if (answer.done) { finish(item, answer); return; }
    if (status === 200) { item.tries = 0; item.offset = answer.offset; piece(item); }
    else if (status === 404) { item.url = ""; trouble(item, 0, answer, start); }
    else trouble(item, status, answer, look);
  }

  /* Ask the server how far it is, and go on from there. */
  function look(item) {
    item.xhr = send("GET", item.url, null, null, function (status, answer) {
      if (item.state !== "sending") return;
      if (status === 200 && !answer.done) { item.offset = answer.offset; show(item, answer.offset); piece(item); }
      else arrived(item, status, answer);
    });
  }

  function trouble(item, status, answer, again) {
    if (status === 401) { fail(item, "登录已过期。请在新窗口重新登录，再点“继续上传”。", true); return; }
    if (status === 403) { fail(item, "没有向此任务上传的权限，或页面已过期。请刷新页面后再试。", true); return; }
    if (answer.duplicate) { offer(item, answer); return; }
    if (answer.error && status !== 409) { fail(item, answer.error); return; }
    if (status >= 400 && status < 500 && status !== 409) { fail(item, "服务器没有接受这个文件，请刷新页面后再试。"); return; }
    item.tries += 1;
    if (item.tries > TRIES) { fail(item, "网络不通，已停止。已传部分保留，网络恢复后点“继续上传”。", true); return; }
    tell(item, "网络中断，正在重试（第 " + item.tries + " 次）");
    item.timer = window.setTimeout(function () { item.timer = 0; if (item.state === "sending") again(item); }, Math.min(30000, 500 * Math.pow(2, item.tries)));
  }

  function offer(item, answer) {
    fail(item, answer.error);
    var made = element("button", "btn btn-sm btn-primary", "引用已有资料");
    made.type = "button";
    made.addEventListener("click", function () {
      made.disabled = true;
      window.htmx.ajax("POST", area.dataset.cite, { source: area, target: item.said, swap: "innerHTML", values: { evidence: answer.duplicate } });
      item.box.className = "";
    });
    item.keys.insertBefore(made, item.keys.firstChild);
  }

  /* The first row with a higher number: files that arrive out of turn still stand in the order of their numbers. */
  function behind(row) {
    return Array.prototype.filter.call(rows.children, function (other) {
      return Number(other.dataset.serial) > Number(row.dataset.serial);
    })[0] || null;
  }

  function finish(item, answer) {
    item.state = "done";
    release("文件已传完，可以报送");
    news.textContent = item.file.name + " 已上传";
    leave(item);
    var holder = element("ul");
    holder.innerHTML = answer.row;
    var row = holder.querySelector("li");
    var old = document.getElementById(row.id);
    if (old) old.replaceWith(row);
    else rows.insertBefore(row, behind(row));
    if (window.htmx) window.htmx.process(row);
    if (document.activeElement === document.body) {
      var title = row.querySelector("input[name=title]");
      if (title) title.focus();
    }
    next();
  }

  // What a person does

  function take(files, replaces, stamped) {
    Array.prototype.forEach.call(files, function (file) { add(file, replaces, stamped); });
    if (!declared.checked && items.length) declared.focus();
    next();
  }

  area.addEventListener("change", function (event) {
    var input = event.target;
    if (input === declared) next();
    if (!input.matches("[data-pick]")) return;
    take(input.files, input.dataset.replaces, input.hasAttribute("data-stamped"));
    input.value = "";
  });
  ["dragenter", "dragover"].forEach(function (name) {
    zone.addEventListener(name, function (event) { event.preventDefault(); zone.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    zone.addEventListener(name, function (event) { event.preventDefault(); zone.classList.remove("over"); });
  });
  zone.addEventListener("drop", function (event) { take(event.dataTransfer.files); });
  ["dragover", "drop"].forEach(function (name) {
    window.addEventListener(name, function (event) { event.preventDefault(); });
  });
  window.addEventListener("online", function () {
    items.forEach(function (item) {
      if (item.state !== "sending" || !item.timer) return;
      window.clearTimeout(item.timer);
      item.timer = 0;
      if (item.url) look(item); else start(item);
    });
  });
  var held = null;
  function unfinished() {
    return items.filter(function (item) { return item.state === "waiting" || item.state === "sending"; });
  }

  function release(text) {
    if (!held || unfinished().length) return;
    held.textContent = text;
    held = null;
  }

  // Handing in waits for the files: what was chosen and not sent would be lost with the page.
  document.addEventListener("submit", function (event) {
    var keeps = event.submitter && event.submitter.hasAttribute("data-save");
    if (event.target.id !== "answer" || keeps || !items.length) return;
    if (!unfinished().length) return;
    event.preventDefault();
    event.stopPropagation(); // nobody is to take the page for one that is leaving
    held = document.getElementById("save-state");
    if (!declared.checked) { next(); declared.focus(); }
    if (held) held.textContent = declared.checked ? "还有 " + unfinished().length + " 个文件正在上传，传完后再点" : "所选文件还没有上传，请先勾选保密声明";
  }, true);
  window.addEventListener("beforeunload", function (event) {
    if (items.some(function (item) { return item.state === "sending"; })) { event.preventDefault(); event.returnValue = ""; }
  });
})();
