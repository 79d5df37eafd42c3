// The kiosk's conveniences; every page works without them. Keys for the thumb, the text read aloud where the browser
// has a voice of the page's language, the office's clock, printing at once, and the way back to the start.
(() => {
  const lang = document.documentElement.lang || "id";
  const BACK_MS = 60000, WRONG_MS = 5 * 60000;

  document.querySelectorAll("[data-keys]").forEach((pad) => {
    const field = document.getElementById(pad.dataset.keys);
    pad.hidden = false;
    field.setAttribute("inputmode", "none");
    pad.addEventListener("click", (event) => {
      const key = event.target.dataset.key;
      if (key === "clear") field.value = "";
      else if (key === "back") field.value = field.value.slice(0, -1);
      else if (key && field.value.length < 16) field.value += key;
    });
  });

  // The server's clock counts; this one only shows it, and says when the device's own is wrong.
  const time = document.querySelector("[data-server]");
  if (time) {
    const server = Number(time.dataset.server), begun = performance.now();
    const hours = { WIB: 7, WITA: 8, WIT: 9 }[time.dataset.zone] || 7;
    const show = () => {
      const now = new Date(server + performance.now() - begun + hours * 3600000);
      const two = (n) => String(n).padStart(2, "0");
      time.textContent = `${two(now.getUTCHours())}.${two(now.getUTCMinutes())} ${time.dataset.zone}`;
    };
    show();
    setInterval(show, 1000);
    const warning = document.querySelector("[data-clock-warning]");
    if (warning && Math.abs(Date.now() - server) > WRONG_MS) warning.hidden = false;
  }

  const text = document.querySelector("[data-say]"), listen = document.querySelector("[data-listen]");
  const voice = () => (window.speechSynthesis ? speechSynthesis.getVoices() : [])
    .find((one) => one.lang.toLowerCase().replace("_", "-").startsWith(lang));
  if (text && listen && window.speechSynthesis) {
    // What went wrong and what the page lists come first: the help alone would repeat what was just tried.
    const spoken = () => [...document.querySelectorAll("main .notice, main .error-summary, main .kiosk-list li"), text]
      .map((one) => one.textContent.trim().replace(/\s+/g, " ")).join(" ");
    const offer = () => { listen.hidden = !voice(); };
    offer();
    speechSynthesis.addEventListener("voiceschanged", offer);
    listen.addEventListener("click", () => {
      const words = new SpeechSynthesisUtterance(spoken());
      words.voice = voice();
      words.lang = words.voice.lang;
      speechSynthesis.cancel();
      speechSynthesis.speak(words);
    });
  }

  if (document.querySelector("[data-autoprint]")) window.print();

  // Nobody's number, NIK or language is left standing for the next person.
  const home = document.body.dataset.home, first = document.querySelector("form.lang button[value=id]");
  const back = () => {
    if (!first) return location.assign(home);
    first.form.elements.next.value = home;
    first.click();
  };
  if (home && (first || location.pathname !== home)) {
    let timer = setTimeout(back, BACK_MS);
    ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, () => {
      clearTimeout(timer);
      timer = setTimeout(back, BACK_MS);
    }));
  }
})();
