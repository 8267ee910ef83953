// Makes the chat page talk to the JSON behind it (docs/chat-api.md). Without this script the page is a plain form.
// Every sentence stands in the page: `say("late")` reads <template id="say-late">.

const chat = document.getElementById("chat");
const address = chat.dataset.messages;
const log = chat.querySelector("[role=log]");
const list = chat.querySelector(".thread__list");
const form = document.getElementById("write");
const box = form.elements.text;
const writing = document.getElementById("writing");
const problem = document.getElementById("problem");
const framed = window.self !== window.top;

const SOON = 1000;
const SELDOM = 30000;
const PATIENCE = 30000;
// Two messages may be stored out of order for a moment, so each look goes back a few numbers.
const OVERLAP = 20;

const seen = new Set([...list.children].map((item) => Number(item.dataset.id)));
let token = chat.dataset.conversation || kept();
let opening = null; // the first message on its way: the others wait for the token that it brings
let underway = 0;
let pause = SOON;
let failures = 0;
let timer;

// ---- what this browser remembers. In a frame on another site cookies and storage may both be refused.

function kept() {
  try {
    return sessionStorage.getItem("chat") || "";
  } catch {
    return "";
  }
}

function keep(value) {
  token = value;
  try {
    // The page's own cookie does it elsewhere, and leaves nothing for the next reader of the tab.
    if (value && (framed || !navigator.cookieEnabled)) sessionStorage.setItem("chat", value);
    else sessionStorage.removeItem("chat");
  } catch {
    // Kept in memory, then, for as long as the page is open.
  }
}

// ---- the JSON

async function ask(url, options = {}) {
  const answer = await fetch(url, { ...options, signal: AbortSignal.timeout?.(PATIENCE), credentials: "same-origin" });
  const body = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(body.error), { status: answer.status });
  return body;
}

function post(text) {
  const body = JSON.stringify(token ? { text, conversation: token } : { text });
  return ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

async function deliver(text) {
  while (opening) await opening;
  const sending = post(text).catch((error) => {
    if (error.status !== 404) throw error;
    keep(""); // a conversation that nobody knows any more must not stop a message
    return post(text);
  });
  if (!token) {
    const over = () => (opening = null);
    opening = sending.then(over, over);
  }
  keep((await sending).conversation);
}

// ---- the thread

function say(name) {
  return document.getElementById(`say-${name}`).content.textContent.trim();
}

function copy(name) {
  return document.getElementById(name).content.firstElementChild.cloneNode(true);
}

function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]'’])/).map((piece, place) => {
    if (place % 2 === 0) return piece;
    const link = document.createElement("a");
    Object.assign(link, { href: piece, textContent: piece, target: "_blank", rel: "noopener noreferrer" });
    return link;
  });
}

function spokenDay(day) {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return day;
  const format = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", format);
}

function sourceLine(source) {
  const line = copy("source-line");
  const link = line.querySelector("a");
  if (/^https?:\/\//.test(source.url || "")) {
    link.href = source.url;
    line.querySelector("[data-part=title]").textContent = source.title || source.url;
  } else {
    link.replaceWith(source.title || "");
  }
  if (source.checked) line.querySelector("[data-part=day]").textContent = spokenDay(source.checked);
  else line.querySelector("[data-part=check]").remove();
  return line;
}

function buttonRow(buttons) {
  const row = document.createElement("div");
  row.className = "message__buttons";
  for (const { title, payload } of buttons) {
    const button = copy("message-button");
    Object.assign(button, { textContent: title, value: payload });
    row.append(button);
  }
  return row;
}

function bubble(said) {
  const item = copy(`message-${said.from}`);
  const words = item.querySelector("[data-part=text]");
  if (said.from === "family") words.textContent = said.text;
  else words.append(...withLinks(said.text));
  item.append(...(said.sources || []).map(sourceLine));
  if (said.buttons?.length) item.append(buttonRow(said.buttons));
  if (said.id !== undefined) item.dataset.id = said.id;
  if (said.rate) item.dataset.rate = "yes";
  return item;
}

function hideButtons() {
  for (const row of list.querySelectorAll(".message__buttons")) {
    if (row.contains(document.activeElement)) log.focus({ preventScroll: true });
    row.hidden = true;
  }
}

function showButtons() {
  const last = list.querySelector(".message--family:last-child") ? null : list.lastElementChild;
  const row = last?.querySelector(".message__buttons");
  if (row) row.hidden = false;
}

/** «Did this help?» stands under the last message only, if that is an answer. */
function placeRating() {
  const last = list.lastElementChild;
  for (const row of document.querySelectorAll(".rating")) {
    if (row.closest("li") === last) continue;
    if (row.contains(document.activeElement)) log.focus({ preventScroll: true });
    row.remove();
  }
  if (last?.dataset.rate && !last.querySelector(".rating")) last.append(copy("rating"));
}

async function rate(button) {
  const row = button.closest(".rating");
  const item = row.closest("li");
  const helped = button.value === "yes";
  const body = JSON.stringify({ conversation: token, message: Number(item.dataset.id), helped });
  for (const each of row.querySelectorAll("button")) each.disabled = true;
  try {
    await ask(chat.dataset.feedback, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    delete item.dataset.rate;
    const thanks = copy(helped ? "rated-yes" : "rated-no");
    row.replaceWith(thanks);
    thanks.focus({ preventScroll: true });
  } catch (error) {
    for (const each of row.querySelectorAll("button")) each.disabled = false;
    tell(error.status ? error.message : say("offline"));
  }
}

function noteEmptiness() {
  chat.querySelector(".thread__empty").hidden = list.children.length > 0;
}

/** Add messages at the end. Who reads at the end stays at the end; who reads further up is left alone. */
function append(items) {
  if (!items.length) return;
  const end = list.lastElementChild;
  const following = !end || end.getBoundingClientRect().bottom < window.innerHeight + 40;
  list.append(...items);
  placeRating();
  noteEmptiness();
  if (following) for (const item of [list.lastElementChild, items[0]]) item.scrollIntoView({ block: "nearest" });
}

/** The bubble that was shown while this message was on its way, now known by its number. */
function ownBubble(said) {
  const sent = [...list.querySelectorAll(".message--family:not([data-id])")];
  const found = sent.find((item) => item.querySelector("[data-part=text]").textContent.trim() === said.text.trim());
  if (found) found.dataset.id = said.id;
  return found;
}

function show(messages) {
  const fresh = messages.filter((said) => !seen.has(said.id));
  for (const { id } of fresh) seen.add(id);
  const items = [];
  for (const said of fresh) {
    if (said.from === "family" && ownBubble(said)) continue;
    if (said.from === "family") {
      hideButtons();
      for (const item of items) item.querySelector(".message__buttons")?.remove();
    }
    items.push(bubble(said));
  }
  append(items);
  return fresh.length > 0;
}

function tell(sentence) {
  problem.textContent = sentence;
}

function showWriting(sentence) {
  if (writing.textContent !== sentence) writing.textContent = sentence;
}

// ---- looking for what came

async function look() {
  const after = Math.max(0, ...seen) - OVERLAP;
  const query = new URLSearchParams({ after: Math.max(0, after), own: 1 });
  const found = await ask(`${address}?${query}`, { headers: { Authorization: `Bearer ${token}` } });
  const isNew = show(found.messages);
  const held = list.lastElementChild?.classList.contains("message--system");
  if (!underway) showWriting(found.pending && !held ? say("late") : "");
  return isNew || (found.pending && !held);
}

async function lookNow() {
  if (!token) return;
  try {
    pause = (await look()) ? SOON : Math.min(pause * 1.5, SELDOM);
    if (problem.textContent === say("offline")) tell("");
    failures = 0;
  } catch (error) {
    if (error.status === 404) return keep("");
    failures += 1;
    pause = Math.min(pause * 2, SELDOM);
    if (failures > 1 && !problem.textContent) tell(say("offline"));
  }
  lookLater();
}

function lookLater() {
  clearTimeout(timer);
  if (token && !document.hidden) timer = setTimeout(lookNow, pause);
}

// ---- sending

async function send(text, words = text) {
  const item = bubble({ from: "family", text: words });
  hideButtons();
  append([item]);
  item.scrollIntoView({ block: "nearest" });
  tell("");
  underway += 1;
  showWriting(say("writing"));
  try {
    await deliver(text);
    pause = SOON;
  } catch (error) {
    if (!item.dataset.id) takeBack(item, text === words ? text : "", error);
  }
  underway -= 1;
  if (!underway) showWriting("");
  lookNow();
}

/** The message may not have arrived: its words go back into the box, above what was written since. */
function takeBack(item, text, error) {
  item.remove();
  noteEmptiness();
  showButtons();
  if (text) box.value = box.value ? `${text}\n${box.value}` : text;
  tell(error.status ? error.message : say("not-sent"));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value;
  box.focus({ preventScroll: true });
  if (!text.trim()) return underway || tell(say("empty")); // a second press while one is sent means nothing
  box.value = "";
  send(text);
});

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.querySelector("button").click();
});

list.addEventListener("click", (event) => {
  const rating = event.target.closest(".rating__button");
  if (rating) {
    event.preventDefault();
    rate(rating);
    return;
  }
  const button = event.target.closest(".message__button");
  if (!button) return;
  event.preventDefault();
  send(button.value, button.textContent.trim());
});

document.addEventListener("visibilitychange", () => {
  pause = SOON;
  if (document.hidden) clearTimeout(timer);
  else lookNow();
});
window.addEventListener("online", lookNow);

// ---- leaving

function forgetHere() {
  keep("");
  list.replaceChildren();
  box.value = "";
}

document.getElementById("forget").addEventListener("submit", forgetHere);
document.getElementById("exit").addEventListener("click", forgetHere);
window.addEventListener("pagehide", () => {
  // Exit by pressing Shift three times gives no click.
  if (document.body.classList.contains("govuk-exit-this-page-hide-content")) forgetHere();
});

if (framed) {
  // GOV.UK's script would lead only the frame away; the link itself takes the whole page.
  const exit = document.getElementById("exit");
  exit.removeAttribute("data-module");
  exit.querySelector("a").target = "_top";
  // The site around the frame closes it (widget.js). There is no secret in this, so any site may hear it.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") window.parent.postMessage("family-gateway:close", "*");
  });
}

if (window.ResizeObserver) {
  // The box stays at the foot of the window: what is scrolled to must not hide behind it.
  const clear = () => {
    document.documentElement.style.scrollPaddingBottom = `${form.offsetHeight}px`;
    const end = list.lastElementChild?.getBoundingClientRect();
    const covered = end && end.top < window.innerHeight && end.bottom > form.getBoundingClientRect().top;
    if (covered) list.lastElementChild.scrollIntoView({ block: "nearest" });
  };
  new ResizeObserver(clear).observe(form);
}
document.body.classList.add("chat-live");
list.lastElementChild?.scrollIntoView({ block: "nearest" });
lookNow();
