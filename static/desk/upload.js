// An upload place: files dropped on it, or chosen in it, go to the server one after another, each
// with its own line, bar and result; a refused one doesn't stop the others.
//
// [data-upload=ADDRESS][data-describe=ADDRESS] > input[type=file] + [data-upload-list] + [data-upload-done]
//
// Every photo that is in is told to the page by the event "photo:in" (detail: the server's answer).
import { csrf } from "./token.js";

const MAX_BYTES = 40 * 1024 * 1024;
const DESCRIBED_AT_ONCE = 100;
const BY_STATUS = {
  0: "连不上服务器，请检查网络后再传。",
  403: "没有上传图片的权限，或登录已过期；请刷新页面。",
  413: "图片超过 40 MB，请缩小后再传。",
  503: "网站正在恢复，这张没有存上，请过一会儿再传。",
};

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A file's line in the list, and what can be said in it. */
function line(list, file) {
  const row = element("li", "upload__file");
  const picture = element("span", "upload__picture");
  const name = element("span", "upload__name", file.name);
  const bar = element("progress", "upload__bar");
  const said = element("span", "upload__said", "等待上传");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  row.append(picture, name, bar, said);
  list.append(row);
  return {
    progress(part) {
      bar.value = part;
      said.textContent = part < 1 ? `已传 ${Math.round(part * 100)}%` : "正在处理……";
    },
    fail(reason) {
      bar.remove();
      row.classList.add("upload__file--bad");
      said.textContent = reason;
    },
    done(photo) {
      bar.remove();
      row.classList.add("upload__file--good");
      const image = element("img", "thumbnail");
      image.src = photo.thumbnail;
      image.alt = "";
      picture.append(image);
      const link = element("a", "", photo.known ? "看看它" : "打开");
      link.href = photo.address;
      link.target = "_blank";
      said.replaceChildren(photo.known ? "图库里已经有这张图片，" : "已入库，", link);
    },
  };
}

/** Send one file; resolves with the server's result, or one that says what went wrong. */
function send(address, file, token, progress) {
  if (file.size > MAX_BYTES) return Promise.resolve({ error: BY_STATUS[413] });
  if (!file.size) return Promise.resolve({ error: "文件是空的。" });
  const form = new FormData();
  form.append("files", file);
  const request = new XMLHttpRequest();
  request.open("POST", address);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", token);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) progress(event.loaded / event.total);
  });
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => {
      const result = request.response?.results?.[0];
      const expired = request.status === 200 ? "登录已过期，请重新登录后再传。" : "服务器出错了，请再传一次。";
      resolve(result ?? { error: BY_STATUS[request.status] ?? expired });
    });
    request.send(form);
  });
}

function uploadPlace(place) {
  const input = place.querySelector("input[type=file]");
  const list = place.querySelector("[data-upload-list]");
  const done = place.querySelector("[data-upload-done]");
  const queue = [];
  const added = [];
  const tally = { good: 0, known: 0, bad: 0 };
  let busy = false;

  function sum() {
    const parts = [];
    if (tally.good) parts.push(`${tally.good} 张已入库`);
    if (tally.known) parts.push(`${tally.known} 张图库里已有`);
    if (tally.bad) parts.push(`${tally.bad} 张没有成功`);
    done.replaceChildren(`${parts.join("，")}。`);
    for (let first = 0; first < added.length; first += DESCRIBED_AT_ONCE) {
      const some = added.slice(first, first + DESCRIBED_AT_ONCE);
      const link = element("a", "button upload__describe", `填写 ${some.length} 张图片的说明`);
      link.href = `${place.dataset.describe}?${some.map((id) => `id=${id}`).join("&")}`;
      if (place.tagName !== "FORM") link.target = "_blank";
      done.append(link);
    }
  }

  async function work() {
    if (busy) return;
    busy = true;
    done.replaceChildren();
    while (queue.length) {
      const { file, row } = queue.shift();
      const result = await send(place.dataset.upload, file, csrf(), row.progress);
      if (result.error) {
        tally.bad += 1;
        row.fail(result.error);
        continue;
      }
      tally[result.known ? "known" : "good"] += 1;
      if (!result.known) added.push(result.id);
      row.done(result);
      place.dispatchEvent(new CustomEvent("photo:in", { bubbles: true, detail: result }));
    }
    busy = false;
    sum();
  }

  function take(files) {
    for (const file of files) queue.push({ file, row: line(list, file) });
    work();
  }

  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  place.querySelector("[type=submit]")?.remove();
  // A drag enters and leaves every child of the place; what counts is how often more it entered.
  let inside = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  place.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    inside += 1;
    place.classList.add("upload--over");
  });
  place.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    inside -= 1;
    if (!inside) place.classList.remove("upload--over");
  });
  place.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  place.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    inside = 0;
    place.classList.remove("upload--over");
    take([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
  place.classList.add("upload--ready");
  place.hidden = false;
}

for (const place of document.querySelectorAll("[data-upload]")) uploadPlace(place);
