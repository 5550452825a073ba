/* The assignment matrix: a click moves a cell on (empty, lead, assist), the row is saved after a short pause; and the boxes of a group tick together. */
(function () {
  "use strict";
  var next = { "": "lead", lead: "assist", assist: "" };
  var sign = { "": "", lead: "牵", assist: "配" };
  var word = { "": "无", lead: "牵头", assist: "配合" };
  var status = document.querySelector("[data-saved]");
  var timers = new Map();
  var saving = new Map();

  function show(button, role) {
    button.dataset.role = role;
    button.className = "role role-" + role;
    button.textContent = sign[role];
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/(牵头|配合|无)$/, word[role]));
  }

  function token() {
    return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  }

  function tell(row, text, bad) {
    var note = row.querySelector("[data-note]");
    if (!note) {
      note = document.createElement("span");
      note.dataset.note = "";
      row.cells[0].appendChild(note);
    }
    note.className = bad ? "light-red d-block" : "muted small d-block";
    note.textContent = text;
    if (status) status.textContent = text;
  }

  /* One save of a row after the other: each carries the row as the one before has left it. */
  function save(row) {
    saving.set(row, (saving.get(row) || Promise.resolve()).then(function () { return send(row); }));
  }

  function send(row) {
    var body = new URLSearchParams();
    body.set("seen", row.dataset.seen);
    row.querySelectorAll("button.role").forEach(function (button) { body.set("u" + button.dataset.unit, button.dataset.role); });
    var bare = row.querySelector("[data-bare]");
    if (bare) bare.remove();
    return fetch(row.dataset.save, { method: "POST", body: body, headers: { "X-CSRFToken": token() }, credentials: "same-origin" })
      .then(function (response) {
        if ([200, 409, 422].indexOf(response.status) < 0) throw new Error(String(response.status));
        if (response.status === 200) row.dataset.seen = response.headers.get("X-Seen");
        return response.text().then(function (text) { tell(row, text.trim(), response.status !== 200); });
      })
      .catch(function () { tell(row, "没有保存：连接中断或登录已过期，请刷新页面后重试。", true); });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button.role");
    if (!button) return;
    var row = button.closest("tr"), role = next[button.dataset.role];
    if (role === "lead") row.querySelectorAll('button[data-role="lead"]').forEach(function (other) { show(other, "assist"); });
    show(button, role);
    window.clearTimeout(timers.get(row));
    timers.set(row, window.setTimeout(function () { timers.delete(row); save(row); }, 900));
  });
  window.addEventListener("beforeunload", function (event) {
    if (timers.size) { timers.forEach(function (timer, row) { window.clearTimeout(timer); save(row); }); timers.clear(); event.preventDefault(); }
  });

  document.querySelectorAll("[data-groups] fieldset").forEach(function (group) {
    var all = group.querySelector("[data-all]"), boxes = group.querySelectorAll("input[name]");
    function count() { all.checked = Array.prototype.every.call(boxes, function (box) { return box.checked; }); }
    all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); });
    group.addEventListener("change", count);
    count();
  });

  var chosen = document.querySelector("[data-chosen]"), audience = document.querySelectorAll('input[name="audience"]');
  function reveal() {
    var picked = document.querySelector('input[name="audience"]:checked');
    chosen.hidden = !picked || picked.value !== "chosen";
  }
  if (chosen && audience.length) {
    audience.forEach(function (radio) { radio.addEventListener("change", reveal); });
    reveal();
  }
})();
