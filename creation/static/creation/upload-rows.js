/* How a file on its way looks in the list: name, progress, a sentence, and keys. */
(function () {
  "use strict";
  var ours = window.uploading;
  var WINDOW = 20000; // milliseconds over which the pace is measured

  ours.element = function (tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  };

  ours.Row = function (list, name, folder, size) {
    var line = ours.element("div", "upload-line");
    var title = ours.element("span", "upload-name", name);
    this.name = name;
    this.size = size;
    this.pace = [];
    this.box = ours.element("li");
    if (folder) title.insertBefore(ours.element("span", "muted small", folder + "/ "), title.firstChild);
    line.appendChild(title);
    this.keys = ours.element("span", "evidence-keys");
    line.appendChild(this.keys);
    this.bar = ours.element("progress");
    this.bar.max = Math.max(size, 1);
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", "上传进度：" + name);
    this.said = ours.element("div", "upload-said muted", "等待上传");
    [line, this.bar, this.said].forEach(function (part) { this.box.appendChild(part); }, this);
    list.appendChild(this.box);
  };

  ours.Row.prototype = {
    tell: function (text) { this.said.textContent = text; },
    look: function (failed) {
      this.box.className = failed ? "failed" : "";
      this.bar.hidden = failed;
      this.keys.textContent = "";
    },
    key: function (label, act, style) {
      var made = ours.element("button", "btn btn-sm btn-" + (style || "outline-secondary"), label);
      made.type = "button";
      this._named(made);
      made.addEventListener("click", act);
      this.keys.appendChild(made);
      return made;
    },
    /* A key that opens the system's own choice of a file. */
    pick: function (label, act) {
      var made = ours.element("label", "btn btn-sm btn-primary", label);
      var input = ours.element("input", "visually-hidden");
      input.type = "file";
      input.addEventListener("change", function () { if (input.files[0]) act(input.files[0]); input.value = ""; });
      this._named(made);
      made.appendChild(input);
      this.keys.appendChild(made);
    },
    _named: function (key) { key.appendChild(ours.element("span", "visually-hidden", "：" + this.name)); },
    standing: function (bytes) {
      return Math.floor(bytes * 100 / Math.max(this.size, 1)) + "%，" + ours.sized(bytes) + " / " + ours.sized(this.size);
    },
    show: function (bytes) {
      var now = Math.min(bytes, this.size);
      this.bar.value = now;
      this.tell(now < this.size ? this.standing(now) + this._left(now) : "已传完，正在检查和保存");
    },
    rest: function () { this.pace = []; },
    _left: function (now) {
      var at = Date.now();
      this.pace.push([at, now]);
      while (this.pace.length > 2 && this.pace[0][0] < at - WINDOW) this.pace.shift();
      var seconds = (at - this.pace[0][0]) / 1000;
      var bytes = now - this.pace[0][1];
      return seconds > 2 && bytes > 0 ? "，" + ours.remaining((this.size - now) / (bytes / seconds)) : "";
    },
    remove: function () { this.box.remove(); }
  };
})();
