// A form is sent once: a second press while the first is under way does nothing. It may be tried again
// after ten seconds (a lost connection); the idempotency key then keeps the second from doing more.
// Also puts the focus on the error summary or refusal, so that nobody misses it.
(() => {
  const HOLD_MS = 10000;
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[data-held]").forEach((button) => {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("data-held");
    });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented && !form.matches("[hx-post]")) return;
    if ((form.getAttribute("method") || "get").toLowerCase() !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    form.dataset.sent = "yes";
    // Disabling would drop the pressed button's own value: it is only marked.
    form.querySelectorAll("button:not([type=button])").forEach((button) => {
      button.setAttribute("aria-disabled", "true");
      button.dataset.held = "yes";
    });
    setTimeout(() => release(form), HOLD_MS);
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form");
    if (form) release(form);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
  });
  const first = document.querySelector("[data-focus]");
  if (first) first.focus();
})();
