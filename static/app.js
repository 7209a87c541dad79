// Enhancement only: every page works without this file.
const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

// Relative times: the server prints the full time, this shortens it. The full one stays in the title.
const spans = [[60, "second", 1], [3600, "minute", 60], [86400, "hour", 3600], [2592000, "day", 86400]];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
function shorten(time) {
  const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
  const span = spans.find(([limit]) => Math.abs(seconds) < limit);
  if (span) time.textContent = words.format(Math.trunc(seconds / span[2]), span[1]);
}
const shortenAll = (root = document) => each("time[data-relative]", shorten, root);

// Appearance: answer at once, and tell the server by the cookie it reads.
function theme(form) {
  form.addEventListener("submit", (event) => {
    const value = event.submitter?.value;
    if (!value) return;
    event.preventDefault();
    document.documentElement.dataset.bsTheme = value;
    each("[data-theme-form] button", (b) => b.setAttribute("aria-pressed", b.value === value));
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `nr-theme=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  });
}

// A form that asks first: <form data-confirm="Delete core-1?" data-verb="Delete">.
function confirmFirst(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sure) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    const text = Object.assign(document.createElement("p"), { textContent: form.dataset.confirm, id: "confirm-text" });
    const row = Object.assign(document.createElement("form"), { method: "dialog", className: "row-line" });
    const yes = Object.assign(document.createElement("button"), { className: "btn btn-danger", value: "yes", textContent: form.dataset.verb ?? "Yes" });
    const no = Object.assign(document.createElement("button"), { className: "btn", value: "no", textContent: "Cancel", autofocus: true });
    row.append(yes, no);
    dialog.append(text, row);
    dialog.setAttribute("aria-labelledby", "confirm-text");
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue === "yes") {
        form.dataset.sure = "1";
        form.requestSubmit(event.submitter);
      }
    });
    dialog.showModal();
  });
}

// A double click submits once.
function once(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}

// Rows with a check box: mark them, count them, select all, and wake the bulk buttons.
function selection(table) {
  const boxes = () => [...table.querySelectorAll("tbody input[type=checkbox][name]")];
  const all = table.querySelector("input[data-select-all]");
  const bar = document.getElementById(table.dataset.select);
  const show = () => {
    const chosen = boxes().filter((box) => box.checked);
    boxes().forEach((box) => box.closest("tr").toggleAttribute("data-selected", box.checked));
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    if (bar) {
      each("button", (button) => (button.disabled = chosen.length === 0), bar);
      each("[data-count]", (count) => (count.textContent = chosen.length), bar);
    }
  };
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      boxes().forEach((box) => (box.checked = all.checked));
      show();
    });
  }
  table.addEventListener("change", show);
  show();
}

// A click on a line number puts the link to the line into the clipboard.
function lineLink(event) {
  const link = event.target.closest("a[data-line]");
  if (link && navigator.clipboard) navigator.clipboard.writeText(link.href).catch(() => {});
}

// <button data-copy="#text" hidden>: copies the lines without their numbers; shown only where that works.
function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  if (!source || !navigator.clipboard) return;
  button.hidden = false;
  const label = button.querySelector("span") ?? button;
  const said = label.textContent;
  button.addEventListener("click", async () => {
    const lines = [...source.querySelectorAll(".cfg > span")].map((line) => line.lastChild.textContent);
    await navigator.clipboard.writeText(lines.join(""));
    label.textContent = "Copied";
    setTimeout(() => (label.textContent = said), 2000);
  });
}

// Differences: n and p go to the next and the previous change.
function changes(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[np]$/.test(event.key)) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const changed = (row) => row?.querySelector("td.add, td.del");
  const heads = [...document.querySelectorAll(".diff tbody tr")].filter((row) => changed(row) && !changed(row.previousElementSibling));
  const edge = innerHeight / 3;
  const next = event.key === "n"
    ? heads.find((row) => row.getBoundingClientRect().top > edge + 4)
    : heads.findLast((row) => row.getBoundingClientRect().top < edge - 4);
  if (next) scrollBy({ top: next.getBoundingClientRect().top - edge });
}

// What looks again by itself says so while the server is away, and tries later and later, never all at once.
let missed = 0;
let notice;
function back() {
  missed = 0;
  notice?.remove();
  notice = undefined;
}
function gone(isTold) {
  missed += 1;
  if ((isTold || missed > 1) && !notice) {
    notice = Object.assign(document.createElement("div"), { className: "notice tone-warn", role: "status", id: "away" });
    notice.append(Object.assign(document.createElement("p"), { textContent: "NetRaven restarts, or does not answer. This page goes on by itself." }));
    document.getElementById("main").prepend(notice);
  }
  return Math.min(30, 2 ** missed) * 500 * (1 + Math.random());
}

// The live log: one line per event, resumed by Last-Event-ID, closed while nobody looks.
function liveLog(list) {
  let last = Number(list.dataset.last ?? 0);
  let source, timer, steady;
  const piece = (tag, text, className) => Object.assign(document.createElement(tag), { textContent: text, className: className ?? "" });
  const add = (event) => {
    const line = JSON.parse(event.data);
    if (line.seq <= last) return;
    last = line.seq;
    const follow = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const item = piece("li", "", `level-${line.level}`);
    item.id = `l${line.seq}`;
    const time = piece("time", line.time);
    time.dateTime = line.iso;
    const text = piece("span", line.text);
    if (line.was_truncated) text.append(" ", piece("em", line.was_truncated, "cut"));
    item.append(time, piece("span", line.stage, "stage"), text);
    list.append(item);
    if (follow) list.scrollTop = list.scrollHeight;
  };
  const close = () => {
    clearTimeout(timer);
    clearTimeout(steady);
    source?.close();
  };
  const again = (event) => {
    close();
    timer = setTimeout(open, gone(event.type === "server-restarting"));
    // Whoever is not signed in any more is told so.
    if (missed === 2) fetch(location.href, { headers: { "X-Refresh": "1" } }).then((reply) => reply.redirected && location.reload(), () => {});
  };
  const open = () => {
    close();
    source = new EventSource(`${list.dataset.live}?after=${last}`);
    source.addEventListener("open", () => { steady = setTimeout(back, 1000); });
    source.addEventListener("line", add);
    source.addEventListener("server-restarting", again);
    source.addEventListener("error", again);
    source.addEventListener("done", () => {
      close();
      location.reload();
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  list.scrollTop = list.scrollHeight;
  open();
}

// Parts that show something running fetch themselves again: <div id="jobs" data-refresh="5">. They say when to stop
// by coming back without the attribute. Nothing is replaced while a field in it holds the focus, while something is
// ticked, nor while a pointer is down: a click on what is replaced under it would be lost. A link keeps the focus.
let isPressed = false;
addEventListener("pointerdown", () => { isPressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => { isPressed = false; }, 100), true);
function refresh(part) {
  const again = (wait) => {
    const now = document.getElementById(part.id);
    if (now?.dataset.refresh) setTimeout(tick, wait ?? Number(now.dataset.refresh) * 1000);
  };
  const tick = async () => {
    const old = document.getElementById(part.id);
    const isHeld = () => old.contains(document.activeElement);
    const busy = !old || document.hidden || (isHeld() && !document.activeElement.matches("a, button")) || old.querySelector(":checked");
    let wait;
    if (!busy) {
      try {
        const reply = await fetch(location.href, { headers: { "X-Refresh": "1" } });
        if (reply.status >= 500) throw reply;
        if (reply.redirected || !reply.ok) return;
        const page = new DOMParser().parseFromString(await reply.text(), "text/html");
        back();
        const fresh = page.getElementById(part.id);
        if (!fresh) return;
        const held = isHeld() ? document.activeElement : undefined;
        const same = held && [...fresh.querySelectorAll("a, button")].find((one) => one.outerHTML === held.outerHTML);
        if (isPressed || (held && !same)) return again();
        old.replaceWith(fresh);
        same?.focus({ preventScroll: true });
        enhance(fresh);
      } catch { wait = gone(); }
    }
    again(wait);
  };
  again();
}

function enhance(root) {
  shortenAll(root);
  each("form[data-confirm]", confirmFirst, root);
  each("form[data-once]", once, root);
  each("table[data-select]", selection, root);
}

each("[data-theme-form]", theme);
each("[data-live]", liveLog);
each("[id][data-refresh]", refresh);
enhance(document);
document.querySelector("[data-focus]")?.focus();
each("button[data-copy]", copy);
document.addEventListener("click", lineLink);
if (document.querySelector(".diff")) document.addEventListener("keydown", changes);
setInterval(() => shortenAll(), 30000);
