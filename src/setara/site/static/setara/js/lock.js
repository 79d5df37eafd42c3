// A shared PC locks when nobody touches it: warns half a minute before, then posts #lock-form.
// Time is compared with the clock, so that a PC that slept locks when it wakes; tabs share the last touch.
// The server locks by itself too: somebody who types for long tells it once a minute that they are there.
(() => {
  const seconds = Number(document.body.dataset.idleSeconds);
  const form = document.getElementById("lock-form");
  const warning = document.getElementById("lock-warning");
  if (!(seconds > 0) || !form) return;
  const KEY = "setara-touched";
  const warnAt = Math.max(seconds - 30, seconds / 2);
  const TELL_MS = Math.min(60000, seconds * 200);
  let mine = Date.now(), told = mine;
  const read = () => { try { return Number(localStorage.getItem(KEY)) || 0; } catch { return 0; } };
  const touch = () => {
    const now = Date.now();
    if (now - mine < 1000 && warning.hidden) return;
    if (now - Math.max(mine, read()) >= seconds * 1000) return;  // too late: the next tick locks
    mine = now;
    warning.hidden = true;
    try { localStorage.setItem(KEY, String(now)); } catch { /* private mode: this tab alone */ }
    if (now - told < TELL_MS) return;
    told = now;
    fetch(document.body.dataset.lockUrl, { method: "HEAD", credentials: "same-origin" }).catch(() => {});
  };
  try { localStorage.setItem(KEY, String(mine)); } catch { /* as above */ }
  ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"].forEach((name) =>
    document.addEventListener(name, touch, { passive: true, capture: true }));
  const tick = () => {
    const idle = (Date.now() - Math.max(mine, read())) / 1000;
    if (idle >= seconds) { clearInterval(timer); form.submit(); return; }
    warning.hidden = idle < warnAt;
  };
  const timer = setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
})();
