// Makes the pages kinder where scripts run; without it every form works the same.
// A form that is about to be sent asks its parts to be ready ("mq:before"), and then whoever wants to carry it ("mq:send").
const SIDE = 1600, SMALL_ENOUGH = 400000, MOST = 6, WAITS = [1000, 3000, 8000], PATIENCE = 60000;
const WORDS = {
  room: "最多 6 张。请尽量别拍到人脸、车牌和门牌。", again: "网络不好，正在再试…", failed: "没传好", none: "没有网络，有网会再传",
};
const made = (tag, more, ...inside) => {
  const one = Object.assign(document.createElement(tag), more);
  one.append(...inside);
  return one;
};
const pause = (span) => new Promise((done) => setTimeout(done, span));
const hex = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function drawn(picture, side, quality) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = made("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return { blob: () => new Promise((done) => canvas.toBlob(done, "image/jpeg", quality)), url: () => canvas.toDataURL("image/jpeg", quality) };
}

// Phone photos are several megabytes; about 1600 pixels show a broken lamp just as well.
async function shrunk(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const small = drawn(picture, 96, 0.5).url();
    const blob = file.size > SMALL_ENOUGH ? await drawn(picture, SIDE, 0.82).blob() : null;
    picture.close();
    return { file: blob && blob.size < file.size ? blob : file, small };
  } catch {
    return { file, small: "" }; // the server says whether it can read what this browser cannot
  }
}

// One try: the photo's id, or the words with which it is refused for good, or nothing where the network gave out.
function tried({ file, key }, progress) {
  return new Promise((done) => {
    const call = new XMLHttpRequest(), form = new FormData();
    form.append("file", file, "photo.jpg");
    call.open("POST", "/api/v1/uploads");
    call.setRequestHeader("Idempotency-Key", key);
    call.responseType = "json";
    call.timeout = PATIENCE;
    call.upload.onprogress = (event) => progress(event.loaded / event.total);
    call.onload = () => done(call.status === 201 ? { id: call.response.id } : call.status < 500 ? { refused: call.response?.detail || WORDS.failed } : {});
    call.onerror = call.ontimeout = call.onabort = () => done({});
    call.send(form);
  });
}

class Photos {
  constructor(input) {
    Object.assign(this, { input, form: input.form, rows: [], line: Promise.resolve() });
    const field = input.parentElement;
    this.note = field.querySelector("[data-photo-note]");
    this.list = made("ul", { className: "uploads" });
    const picker = made("span", { className: "button button-wide picker" }, "拍照，或选照片");
    input.before(picker);
    picker.append(input);
    picker.after(this.list);
    for (const box of field.querySelectorAll("label [name=kept]")) {
      if (box.checked) this.add({ id: box.value });
      box.closest("label").remove();
    }
    input.addEventListener("change", () => this.choose([...input.files]));
    this.form.addEventListener("mq:before", (event) => event.detail.push(this.ready()));
    this.form.addEventListener("mq:photos", (event) => event.detail.forEach((one) => this.add(one)));
    this.form.addEventListener("mq:waiting", (event) => { this.back = event.detail.then((photos) => this.goOn(photos)); });
    addEventListener("online", () => this.rows.filter((row) => row.lost).forEach((row) => this.queue(row)));
    input.removeAttribute("name"); // what is chosen travels at once; the form carries the ids
  }

  choose(files) {
    const room = Math.max(0, MOST - this.rows.length);
    files.slice(0, room).forEach((file) => this.queue(this.add({ source: file })));
    this.input.value = "";
    if (files.length > room) this.note.textContent = `最多 ${MOST} 张，多出来的 ${files.length - room} 张没有加上。`;
  }

  // What an earlier page could not send goes on under its old key.
  goOn(photos) {
    photos.slice(0, Math.max(0, MOST - this.rows.length)).forEach((photo) => this.queue(this.add(photo)));
  }

  // A photo with its picture, its progress, and what can be done about it; `id` where it is on the server already.
  add(photo) {
    const row = { key: hex(), lost: false, ...photo };
    row.words = made("span", {});
    row.bar = made("progress", { max: 1, value: 0, ariaLabel: "上传进度" });
    row.again = made("button", { type: "button", className: "button button-small", textContent: "重试", hidden: true, onclick: () => this.queue(row) });
    row.gone = made("button", { type: "button", className: "button button-small", textContent: "去掉", onclick: () => this.drop(row) });
    row.image = made("img", { alt: "", width: 56, height: 56, hidden: true });
    this.picture(row);
    row.box = made("input", { type: "hidden", name: "kept", value: row.id || "", disabled: !row.id });
    row.item = made("li", {}, row.image, row.words, row.box, row.again, row.gone, row.bar);
    this.rows.push(row);
    this.list.append(row.item);
    this.tell();
    return row;
  }

  picture(row) {
    if (row.small) Object.assign(row.image, { src: row.small, hidden: false });
  }

  drop(row) {
    row.dropped = true;
    this.rows.splice(this.rows.indexOf(row), 1);
    row.item.remove();
    this.input.focus();
    this.tell();
    this.changed();
    this.ended(row);
  }

  // One after the other: a narrow network carries one photo faster than six halves.
  queue(row) {
    row.again.hidden = true;
    row.lost = row.refused = false;
    row.waiting = true;
    this.tell();
    this.line = this.line.then(() => this.carry(row)).catch(() => { row.lost = true; }).then(() => {
      row.waiting = false;
      this.tell();
    });
  }

  async carry(row) {
    if (!row.file) {
      Object.assign(row, await shrunk(row.source));
      this.picture(row);
      this.form.dispatchEvent(new CustomEvent("mq:shrunk", { detail: row }));
    }
    for (let round = 0; !row.dropped; round += 1) {
      const answer = await tried(row, (part) => { row.bar.value = part; });
      Object.assign(row, answer);
      if (row.id) return this.arrived(row);
      row.lost = !row.refused && (!navigator.onLine || round === WAITS.length);
      if (row.refused) this.ended(row);
      if (row.refused || row.lost) return;
      row.words.textContent = WORDS.again;
      await pause(WAITS[round]);
    }
  }

  arrived(row) {
    Object.assign(row.box, { value: row.id, disabled: false });
    this.changed();
    this.ended(row);
  }

  // Nobody has to keep it for later any more.
  ended(row) {
    this.form.dispatchEvent(new CustomEvent("mq:ended", { detail: row.key }));
  }

  changed() {
    this.form.dispatchEvent(new CustomEvent("mq:kept", { detail: this.rows.filter((row) => row.id).map(({ id, small }) => ({ id, small })) }));
  }

  tell() {
    this.rows.forEach((row, n) => {
      const state = row.id ? "已传好" : row.refused ? row.refused : row.waiting ? "正在传…" : navigator.onLine ? WORDS.failed : WORDS.none;
      row.words.textContent = `第 ${n + 1} 张，${state}`;
      row.item.className = row.refused || row.lost ? "upload-bad" : "";
      row.bar.hidden = !row.waiting;
      row.again.hidden = !row.lost;
      row.gone.ariaLabel = `去掉第 ${n + 1} 张照片`;
    });
    const waiting = this.rows.filter((row) => row.waiting).length, done = this.rows.filter((row) => row.id).length;
    this.note.textContent = !this.rows.length ? WORDS.room : waiting ? `正在传照片，还有 ${waiting} 张。` : done ? `${done} 张照片已传好。` : "照片还没传好。";
  }

  // Nothing when every photo has arrived; else what keeps the form back, and whether only the network does.
  async ready() {
    await this.back;
    if (navigator.onLine) this.rows.filter((row) => row.lost).forEach((row) => this.queue(row));
    await this.line;
    const bad = this.rows.filter((row) => !row.id);
    if (!bad.length) return null;
    return { network: bad.every((row) => row.lost), words: `有 ${bad.length} 张照片没传好。请点“重试”，或者去掉它再提交。` };
  }
}

if (window.createImageBitmap && window.crypto) document.querySelectorAll("[data-photos]").forEach((input) => new Photos(input));

const pressed = new WeakMap();
const mainButton = (form) => form.querySelector("button:not([type=button], .off-screen)");

// A button that says something (four stars) keeps saying it when the form is sent later, or by a script.
function busy(form, button) {
  if (button?.name) {
    form.querySelector("[data-pressed]")?.remove();
    const said = made("input", { type: "hidden", name: button.name, value: button.value });
    said.dataset.pressed = "";
    form.append(said);
  }
  const shown = button && !button.matches(".off-screen") ? button : mainButton(form);
  pressed.set(form, { shown, words: [...shown.childNodes] });
  form.dataset.sent = "1";
  shown.replaceChildren(form.dataset.busy);
  shown.setAttribute("aria-disabled", "true");
}

function free(form) {
  if (!form.dataset.sent) return;
  const { shown, words } = pressed.get(form);
  delete form.dataset.sent;
  shown.replaceChildren(...words);
  shown.removeAttribute("aria-disabled");
}

function told(form, words) {
  form.querySelector("[data-held]")?.remove();
  if (!words) return;
  const line = made("p", { className: "notice notice-wait held", textContent: words });
  line.setAttribute("role", "alert");
  line.dataset.held = "";
  mainButton(form).before(line);
  line.scrollIntoView({ block: "center" });
}

// A second tap waits for the first; photos on their way are waited for; without a network nothing is lost.
for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("mq:held", (event) => {
    free(form);
    told(form, event.detail);
  });
  const carried = (network) => !form.dispatchEvent(new CustomEvent("mq:send", { detail: network, cancelable: true }));
  const sendWhenReady = async (waits) => {
    const held = (await Promise.all(waits)).find(Boolean);
    if ((!held || held.network) && carried(Boolean(held))) return;
    if (held) form.dispatchEvent(new CustomEvent("mq:held", { detail: held.words }));
    else form.submit();
  };
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    busy(form, event.submitter);
    told(form, "");
    const waits = [];
    form.dispatchEvent(new CustomEvent("mq:before", { detail: waits }));
    if (!waits.length && !carried(false)) return; // nothing to wait for: the browser sends it
    event.preventDefault();
    if (waits.length) sendWhenReady(waits);
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(free));

// Says how much room is left once it becomes little.
for (const box of document.querySelectorAll("textarea[maxlength]")) {
  const left = made("p", { className: "hint", hidden: true });
  left.setAttribute("aria-live", "polite");
  box.after(left);
  const count = () => {
    const room = box.maxLength - box.value.length;
    left.hidden = room > box.maxLength / 5;
    left.textContent = `还能写 ${room} 个字`;
  };
  box.addEventListener("input", count);
  count();
}

// After a refusal the eye goes to what has to be changed.
document.querySelector("#refusal, [aria-invalid=true]")?.scrollIntoView({ block: "center" });
