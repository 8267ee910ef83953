// Tells the styles and GOV.UK Frontend that scripts run here, before anything is drawn.
(() => {
  const marks = document.body.classList;
  marks.add("js-enabled");
  if ("noModule" in HTMLScriptElement.prototype) marks.add("govuk-frontend-supported");
  if (window.self !== window.top) marks.add("is-framed");
})();
