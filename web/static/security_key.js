// Asks a security key or a passkey, and sends what it answers as a form. Every sentence stands in the page.

const form = document.getElementById("key");
const problem = document.getElementById("key-problem");
const button = form.querySelector("button");
const SENTENCES = { NotAllowedError: "none", InvalidStateError: "known" };
const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

// The server writes bytes as letters (base64url), the browser's keys want and give bytes.

function bytes(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}

function letters(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function decoded(options) {
  const named = (known) => known?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: options.user && { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
    allowCredentials: named(options.allowCredentials),
  };
}

function encoded({ id, rawId, type, response }) {
  const parts = PARTS.filter((part) => response[part]).map((part) => [part, letters(response[part])]);
  return JSON.stringify({ id, rawId: letters(rawId), type, response: Object.fromEntries(parts) });
}

async function options() {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const answer = await fetch(form.dataset.challenge, { method: "POST", body: new FormData(form) });
  return answer.ok ? answer.json() : null;
}

async function ask() {
  const wanted = await options();
  // Nothing to sign, as when too much time has passed: the server says why, to a form without an answer.
  if (!wanted) return "";
  return encoded(await navigator.credentials[form.dataset.act]({ publicKey: decoded(wanted) }));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  button.disabled = true;
  try {
    form.elements.answer.value = await ask();
    form.submit();
  } catch (error) {
    const words = SENTENCES[error.name] ?? "failed";
    problem.textContent = document.getElementById(`say-${words}`).content.textContent;
    button.disabled = false;
  }
});

if (window.PublicKeyCredential) {
  form.hidden = false;
  document.getElementById("no-keys")?.remove();
}
