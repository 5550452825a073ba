/* Requests of the upload scripts, and texts for sizes and times. */
import { csrfToken, twoDigits } from "./common.js";

function parse(xhr) {
  try { return JSON.parse(xhr.responseText) || {}; } catch { return {}; }
}

/* done(status, answer): the status is 0 when the connection failed. */
export function send(method, url, body, progress, done) {
  const xhr = new XMLHttpRequest();
  xhr.open(method, url);
  xhr.setRequestHeader("X-CSRFToken", csrfToken());
  xhr.setRequestHeader("Accept", "application/json");
  if (typeof body === "string") xhr.setRequestHeader("Content-Type", "application/json");
  else if (body) xhr.setRequestHeader("Content-Type", "application/octet-stream");
  if (progress) xhr.upload.onprogress = progress;
  xhr.onload = function () { done(xhr.status, parse(xhr)); };
  xhr.onerror = xhr.ontimeout = function () { done(0, {}); };
  xhr.send(body || null);
  return xhr;
}

/* Delete an upload, also while the page is left. If the request fails, the upload stays in the list of unfinished ones. */
export function giveUp(url) {
  fetch(url, { method: "DELETE", keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": csrfToken(), "Accept": "application/json" } })
    .catch(() => {});
}

/* Check whether the file can be read; it cannot after it was changed or moved. */
export function readable(file, done) {
  const reader = new FileReader();
  reader.onload = function () { done(true); };
  reader.onerror = function () { done(false); };
  reader.readAsArrayBuffer(file.slice(0, 1));
}

export function sized(bytes) {
  if (bytes >= 1073741824) return `${(bytes / 1073741824).toFixed(2)} GB`;
  if (bytes >= 1048576) return `${(bytes / 1048576).toFixed(1)} MB`;
  return `${Math.ceil(bytes / 1024)} KB`;
}

export function remaining(seconds) {
  if (seconds < 60) return "剩余不到 1 分钟";
  if (seconds < 3600) return `剩余约 ${Math.round(seconds / 60)} 分钟`;
  return `剩余约 ${Math.floor(seconds / 3600)} 小时 ${Math.round(seconds % 3600 / 60)} 分钟`;
}

export function day(time) {
  const at = new Date(time);
  return `${at.getFullYear()}-${twoDigits(at.getMonth() + 1)}-${twoDigits(at.getDate())}`;
}
