/* Requests of the upload scripts, and their words for sizes and times. */
(function () {
  "use strict";
  var ours = window.uploading = {};

  function token() {
    var found = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    return found ? found[1] : document.body.getAttribute("hx-headers").split('"')[3];
  }

  function parse(xhr) {
    try { return JSON.parse(xhr.responseText) || {}; } catch (error) { return {}; }
  }

  /* done(status, answer): status 0 when the line broke. */
  ours.send = function (method, url, body, progress, done) {
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
  };

  /* Also from a page that is left the moment after; when the line is broken, the list of unfinished uploads still has it. */
  ours.giveUp = function (url) {
    window.fetch(url, { method: "DELETE", keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": token(), "Accept": "application/json" } })
      .catch(function () {});
  };

  /* A file that was changed or moved since it was chosen can no longer be read. */
  ours.readable = function (file, done) {
    var reader = new FileReader();
    reader.onload = function () { done(true); };
    reader.onerror = function () { done(false); };
    reader.readAsArrayBuffer(file.slice(0, 1));
  };

  ours.sized = function (bytes) {
    if (bytes >= 1073741824) return (bytes / 1073741824).toFixed(2) + " GB";
    if (bytes >= 1048576) return (bytes / 1048576).toFixed(1) + " MB";
    return Math.ceil(bytes / 1024) + " KB";
  };

  ours.remaining = function (seconds) {
    if (seconds < 60) return "剩余不到 1 分钟";
    if (seconds < 3600) return "剩余约 " + Math.round(seconds / 60) + " 分钟";
    return "剩余约 " + Math.floor(seconds / 3600) + " 小时 " + Math.round(seconds % 3600 / 60) + " 分钟";
  };

  ours.day = function (time) {
    var at = new Date(time);
    function two(number) { return (number < 10 ? "0" : "") + number; }
    return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate());
  };
})();
