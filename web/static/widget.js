// A button for any page that opens the chat in a panel:  <script src="https://…/widget.js" async></script>
// Other words for the button: data-label="…" on the script. Leaves no globals and no styles behind on the page.
(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const label = script.dataset.label || "Ask about prison or tell us a worry";
  const NAME = "family-gateway-chat";
  if (document.querySelector(NAME)) return;

  const STYLES = `
    .family-gateway { all: initial; }
    * { box-sizing: border-box; font-family: arial, helvetica, sans-serif; }
    [hidden] { display: none !important; }
    .open, .close {
      min-height: 48px; padding: 10px 18px; border: 2px solid #fff; border-radius: 24px;
      font-size: 18px; font-weight: bold; line-height: 1.25; color: #fff; background: #1d4b54; cursor: pointer;
    }
    .open { position: fixed; z-index: 2147483000; right: 16px; bottom: 16px; max-width: calc(100vw - 32px);
      box-shadow: 0 2px 8px rgb(0 0 0 / 40%); }
    .open:hover, .close:hover { text-decoration: underline; }
    .open:focus-visible, .close:focus-visible, .tab:focus-visible {
      outline: 3px solid #0b0c0c; outline-offset: 0; color: #0b0c0c; background: #fd0; }
    .panel {
      position: fixed; z-index: 2147483001; right: 16px; bottom: 16px; display: flex; flex-direction: column;
      width: 400px; height: min(680px, calc(100vh - 32px)); max-width: calc(100vw - 32px); overflow: hidden;
      border: 2px solid #1d4b54; border-radius: 8px; background: #fff; box-shadow: 0 4px 24px rgb(0 0 0 / 40%);
    }
    .bar { display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 6px 8px 6px 14px;
      color: #fff; background: #1d4b54; }
    .tab { padding: 4px; font-size: 16px; line-height: 1.25; color: #fff; }
    .close { min-height: 44px; padding: 6px 14px; border-radius: 6px; font-size: 16px; }
    iframe { flex: 1; width: 100%; min-height: 0; border: 0; background: #fff; }
    @media (max-width: 480px) {
      .panel { inset: 0; width: 100%; height: 100%; max-width: none; border: 0; border-radius: 0; }
    }
  `;

  const host = document.createElement(NAME);
  const root = host.attachShadow({ mode: "open" });
  dress();

  const opener = make("button", { type: "button", className: "open", textContent: label });
  const panel = make("div", { className: "panel", hidden: true, id: "panel" });
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", "Family Gateway");
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", "panel");

  const bar = make("div", { className: "bar" });
  // Also the way in where this site may not show the chat in a frame.
  const tab = make("a", { className: "tab", href: `${home}/chat`, target: "_blank", rel: "noopener", textContent: "Open in a new tab" });
  const closer = make("button", { type: "button", className: "close", textContent: "Close chat" });
  bar.append(tab, closer);
  panel.append(bar);
  // The page's styles reach the host element, so what would be inherited from it is stopped here.
  const wall = make("div", { className: "family-gateway" });
  wall.append(opener, panel);
  root.append(wall);

  let frame = null; // made when first opened: nobody who only passes by is known to us

  function make(name, properties) {
    return Object.assign(document.createElement(name), properties);
  }

  function dress() {
    try {
      const sheet = new CSSStyleSheet(); // not inline style, so a strict site allows it too
      sheet.replaceSync(STYLES);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", { textContent: STYLES }));
    }
  }

  function open() {
    if (!frame) {
      frame = make("iframe", { src: `${home}/chat`, title: "Chat with Family Gateway" });
      panel.append(frame);
    }
    panel.hidden = false;
    opener.hidden = true;
    opener.setAttribute("aria-expanded", "true");
    frame.focus();
  }

  function close() {
    panel.hidden = true;
    opener.hidden = false;
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  }

  opener.addEventListener("click", open);
  closer.addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  window.addEventListener("message", (event) => {
    const fromChat = frame && event.source === frame.contentWindow && event.origin === home;
    if (fromChat && event.data === "family-gateway:close" && !panel.hidden) close();
  });

  const place = () => document.body.append(host);
  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place, { once: true });
})();
