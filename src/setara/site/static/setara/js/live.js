// Keeps [data-live] parts current. Ladder: EventSource; after 45 s of silence or an error, polling every
// 7 s and a new try for the stream after 60 s (EventSource gives up for good on a non-200 answer, so it is
// made anew). Elements with data-announce (an id) and data-say (a sentence) are announced when they appear.
// The server's heartbeat must be an event ("event: ping"): comments are invisible to scripts.
// data-live-as="state": the stream carries the state of a whole queue as JSON; the part gets it as the event
// "live:state" and answers with "live:ask" (fetch the fragment anew) and "live:tell" (say this aloud).
// A call is spoken by a voice of the browser in the page's language; else by the office's own recordings (data-voice,
// and data-clips on what is announced); else there is the chime alone.
(() => {
  const SILENCE_MS = 45000, POLL_MS = 7000, RETRY_MS = 60000;
  let sound = false, audio = null;

  const chime = () => {
    audio = audio || new AudioContext();
    [[660, 0], [880, 0.28]].forEach(([pitch, at]) => {
      const tone = audio.createOscillator(), gain = audio.createGain(), t = audio.currentTime + at;
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, t);
      gain.gain.linearRampToValueAtTime(0.35, t + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.001, t + 0.6);
      tone.connect(gain).connect(audio.destination);
      tone.start(t);
      tone.stop(t + 0.65);
    });
  };
  const voiceFor = (lang) => {
    const voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
    return voices.find((v) => v.lang.toLowerCase().replace("_", "-").startsWith(lang));
  };
  // One recording after the other; two calls at once wait for each other.
  let line = Promise.resolve();
  const recorded = (base, clips) => clips.forEach((clip) => {
    line = line.then(() => new Promise((done) => {
      const played = new Audio(base.replace("KLIP", clip));
      played.onended = played.onerror = done;
      played.play().catch(done);
    }));
  });
  const speak = (text, lang, base, clips) => {
    if (!sound) return;
    chime();
    const voice = voiceFor(lang);
    if (!voice) { if (base && clips.length) setTimeout(() => recorded(base, clips), 900); return; }
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    words.rate = 0.9;
    setTimeout(() => speechSynthesis.speak(words), 900);
  };
  // ":9000/board/x" means this host at that port: the live process beside the web one.
  const resolve = (url) => (url.startsWith(":") ? `${location.protocol}//${location.hostname}${url}` : url);

  function follow(box) {
    const target = box.querySelector("[data-live-target]") || box;
    const state = box.querySelector("[data-live-state]");
    const say = box.querySelector("[data-live-say]");
    const { liveUrl, pollUrl, lang = "id" } = box.dataset;
    const ids = () => [...target.querySelectorAll("[data-announce]")];
    const seen = new Set(ids().map((e) => e.dataset.announce));
    let source = null, heard = 0, poller = null, retry = null, shown = "", mode = "";

    const tell = (next) => {
      if (mode === next) return;
      mode = next;
      box.classList.toggle("live-lost", next === "lost");
      const text = { on: box.dataset.textOn, lost: box.dataset.textLost, poll: box.dataset.textPoll }[next];
      if (state && text) state.textContent = text;
    };
    const swap = (html) => {
      if (html === shown) return;
      shown = html;
      const focused = target.contains(document.activeElement) ? document.activeElement.id : "";
      target.innerHTML = html;
      if (focused) document.getElementById(focused)?.focus();
      const fresh = ids().filter((e) => !seen.has(e.dataset.announce));
      fresh.forEach((e) => seen.add(e.dataset.announce));
      const text = fresh.map((e) => e.dataset.say || e.textContent.trim()).join(". ");
      if (!text) return;
      told(text, fresh.flatMap((e) => (e.dataset.clips || "").split(" ").filter(Boolean)));
    };
    const told = (text, clips = []) => {
      if (say) say.textContent = text;
      speak(text, lang, box.dataset.voice, clips);
      if (box.dataset.liveAs === "state") navigator.vibrate?.([300, 150, 300]);
    };
    const fragment = async () => {
      const answer = await fetch(pollUrl, { cache: "no-cache", headers: { "X-Setara-Live": "poll" } });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    };
    const ask = () => fragment().then(swap).catch(() => setTimeout(ask, RETRY_MS / 12));
    box.addEventListener("live:ask", ask);
    box.addEventListener("live:tell", (event) => told(event.detail));
    const poll = async () => {
      if (document.hidden) return;
      try {
        swap(await fragment());
        if (poller) tell("poll"); // else the stream was there again before the answer
      } catch { if (poller) tell("lost"); }
    };
    const fallBack = () => {
      if (source) tell("lost"); // a page that only asks has lost nothing before its first answer
      source?.close();
      source = null;
      if (pollUrl && !poller) { poll(); poller = setInterval(poll, POLL_MS); }
      if (liveUrl && !retry) retry = setTimeout(() => { retry = null; listen(); }, RETRY_MS);
    };
    function listen() {
      if (!liveUrl || !window.EventSource) { fallBack(); return; }
      source?.close();
      heard = Date.now();
      const mine = (source = new EventSource(resolve(liveUrl)));
      const alive = () => {
        heard = Date.now();
        clearInterval(poller);
        poller = null;
        tell("on");
      };
      const take = (event) => {
        alive();
        if (box.dataset.liveAs !== "state") { swap(event.data); return; }
        shown = ""; // what stands on the page is changed in its place from now on
        box.dispatchEvent(new CustomEvent("live:state", { detail: JSON.parse(event.data) }));
      };
      mine.onopen = alive;
      mine.onmessage = take;
      mine.addEventListener("call", take);
      mine.addEventListener("ping", alive);
      mine.onerror = () => {
        if (mine !== source) return;
        if (mine.readyState === EventSource.CLOSED) fallBack();
        else tell("lost");
      };
    }
    setInterval(() => { if (source && Date.now() - heard > SILENCE_MS) fallBack(); }, 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden && poller) poll(); });
    // A device that knows it has no network waits neither for the silence nor, afterwards, for the next try.
    window.addEventListener("offline", () => { fallBack(); tell("lost"); });
    window.addEventListener("online", () => { clearTimeout(retry); retry = null; listen(); if (poller) poll(); });
    window.addEventListener("pagehide", () => source?.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });

    const toggle = box.querySelector("[data-live-sound]");
    if (toggle) {
      toggle.hidden = false;
      toggle.addEventListener("click", () => {
        sound = !sound;
        toggle.setAttribute("aria-pressed", String(sound));
        if (sound) chime();
      });
    }
    listen();
  }
  document.querySelectorAll("[data-live]").forEach(follow);
})();
