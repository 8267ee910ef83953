// The live list of open concerns: says what is new, and alerts to a new emergency who has asked for it.
// htmx renews the list (data-hx-… in the page). Every sentence stands in the page: say(name) reads <template id="say-name">.

const news = document.getElementById("news");
const late = document.getElementById("late");
const silent = document.getElementById("silent");
const scripted = document.getElementById("scripted");

const CLOCK = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" };
// Seconds from now and pitch: short, and unlike what a computer says of itself.
const TONES = [[0, 880], [0.2, 660], [0.4, 880]];

let listed = references("#live .console-list__name a", (link) => link.textContent);
let unread = unreadNow();
let renewedAt = clock();
let title = document.title;
let unseen = 0;
let audio = null;
let on = remembered();

function references(selector, of) {
  return new Set([...document.querySelectorAll(selector)].map(of));
}

function unreadNow() {
  return new Set(document.getElementById("unread")?.dataset.references.split(" ").filter(Boolean));
}

function clock() {
  return new Date().toLocaleTimeString("en-GB", CLOCK);
}

function say(name, gaps = {}) {
  const words = document.getElementById(`say-${name}`).content.textContent;
  return words.replace(/\{(\w+)\}/g, (_, gap) => gaps[gap]);
}

// ---- the alert: remembered by this browser, where it lets us

function remembered() {
  try {
    return localStorage.getItem("alert") === "on";
  } catch {
    return false;
  }
}

function turn(wanted) {
  on = wanted;
  try {
    localStorage.setItem("alert", on ? "on" : "off");
  } catch {
    // On for as long as the page is open, then.
  }
  show();
}

function show() {
  for (const words of scripted.querySelectorAll("[data-when]")) words.hidden = words.dataset.when !== (on ? "on" : "off");
  silent.hidden = !on || audio?.state === "running";
}

// Browsers let a page sound only after a click or a key on it.
function wake() {
  if (!on) return;
  audio ||= new AudioContext();
  audio.resume().then(show);
}

function sound() {
  wake();
  for (const [after, pitch] of TONES) {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.2 });
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + after);
    tone.stop(audio.currentTime + after + 0.15);
  }
}

function name() {
  document.title = unseen ? `(${unseen}) ${say("title")} - ${title}` : title;
}

function somebodyIsHere() {
  wake();
  if (!unseen) return;
  unseen = 0;
  name();
}

// ---- what a renewal brought

function compare() {
  const before = { listed, unread };
  listed = references("#live .console-list__name a", (link) => link.textContent);
  unread = unreadNow();
  const fresh = [...listed].filter((reference) => !before.listed.has(reference));
  const emergencies = [...unread].filter((reference) => !before.unread.has(reference));
  if (emergencies.length) news.textContent = say("emergency", { time: clock(), what: emergencies.join(", ") });
  else if (fresh.length) news.textContent = say("new", { time: clock(), what: fresh.join(", ") });
  if (!on || !emergencies.length) return;
  unseen += emergencies.length;
  sound();
}

function renewed(event) {
  const { title: given, response } = event.detail.ctx;
  const signedOut = response.status === 401;
  if (!signedOut && response.status >= 300) return;
  if (given) title = given;
  if (signedOut) end();
  else {
    renewedAt = clock();
    late.textContent = "";
    compare();
  }
  name();
}

// Whoever relies on the alert must hear that there will be none.
function end() {
  if (on) sound();
  on = false;
  unseen = 0;
  scripted.hidden = true;
}

function notRenewed(event) {
  if (event.detail.ctx?.response?.status !== 401) late.textContent = say("late", { time: renewedAt });
}

htmx.registerExtension("queue", {
  // What the reader has opened stays open.
  htmx_before_morph_attr: (element, { attrName }) => !(element.localName === "details" && attrName === "open"),
});

// Nobody looks at a hidden tab, unless it is to sound.
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && !on) event.preventDefault();
});
document.addEventListener("htmx:finally:swap", renewed);
document.addEventListener("htmx:response:error", notRenewed);
document.addEventListener("htmx:error", notRenewed);
document.addEventListener("pointerdown", somebodyIsHere);
document.addEventListener("keydown", somebodyIsHere);
document.addEventListener("visibilitychange", () => document.hidden || somebodyIsHere());
document.getElementById("alert").addEventListener("click", () => {
  turn(!on);
  if (on) sound();
});

scripted.hidden = false;
wake();
show();
