// The page works without this script. It shows times in the reader's zone, counts down, and asks whether something
// changed: then it loads the page anew, because the server alone says what is true.
"use strict";

(() => {
  // Five questions in 30 seconds, then one every 15 seconds for 5 minutes.
  const QUICK = 5, SLOW = 20;
  const pauseBefore = (question) => question < QUICK ? 6 : 15;
  // In seconds: no two questions are closer to each other.
  const LEAST_PAUSE = 5;

  const main = document.querySelector("main[data-state]");
  // The reader's clock may be wrong; the server's time when it wrote the page is not.
  const writtenAt = Date.parse(main.dataset.now);
  const shownAt = performance.now();
  const serverNow = () => writtenAt + performance.now() - shownAt;
  const look = () => location.replace(main.dataset.page);

  // Some browsers give the system's name of a language, as "en-US@posix", which is no tag: Intl raises an error for it.
  const isTag = (name) => {
    try {
      return Intl.getCanonicalLocales(name).length === 1;
    } catch {
      return false;
    }
  };

  const showTimesInTheReadersZone = () => {
    const page = new Intl.Locale(document.documentElement.lang);
    const readers = navigator.languages.find((name) => name.split("-")[0] === page.language && isTag(name));
    const form = new Intl.DateTimeFormat(readers || page.baseName, { dateStyle: "long", timeStyle: "short" });
    for (const time of document.querySelectorAll("time[datetime]")) {
      time.textContent = form.format(new Date(time.dateTime));
    }
  };

  const countDown = (shown, onEnd) => {
    const until = Date.parse(shown.dataset.until);
    shown.hidden = false;
    const tick = () => {
      const seconds = Math.ceil((until - serverNow()) / 1000);
      if (seconds <= 0) {
        shown.textContent = shown.dataset.over;
        onEnd();
        return;
      }
      const padded = String(seconds % 60).padStart(2, "0");
      const left = shown.dataset.left.replace("{minutes}", Math.floor(seconds / 60)).replace("{seconds}", padded);
      shown.textContent = left;
      setTimeout(tick, 1000);
    };
    tick();
  };

  const asker = () => {
    const looks = document.querySelector("[data-looks]");
    const offline = document.querySelector("[data-offline]");
    const button = document.querySelector("[data-look]");
    let questions = 0, askedAt = -Infinity, timer;

    const show = (asking, connected) => {
      looks.hidden = !asking || !connected;
      offline.hidden = !asking || connected;
      button.hidden = asking && connected;
    };
    const plan = () => {
      clearTimeout(timer);
      if (questions < QUICK + SLOW) {
        timer = setTimeout(ask, pauseBefore(questions) * 1000);
      } else {
        show(false, true);
      }
    };
    const ask = async () => {
      if ((performance.now() - askedAt) / 1000 < LEAST_PAUSE) {
        return;
      }
      askedAt = performance.now();
      questions += 1;
      try {
        const answer = await fetch(main.dataset.poll, { cache: "no-store", headers: { accept: "application/json" } });
        // The page itself says what is wrong with an address that is no longer valid.
        if (answer.status === 404) {
          look();
          return;
        }
        if (!answer.ok) {
          throw new Error(String(answer.status));
        }
        const now = await answer.json();
        if (now.state !== main.dataset.state || String(now.version) !== main.dataset.version) {
          look();
          return;
        }
        show(true, true);
      } catch {
        show(true, false);
      }
      plan();
    };
    show(true, true);
    plan();
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
    return ask;
  };

  showTimesInTheReadersZone();
  const ask = main.dataset.poll ? asker() : () => {};
  const countdown = document.querySelector(".countdown");
  if (countdown) {
    countDown(countdown, ask);
  }
  // A page that the browser kept shows the past.
  addEventListener("pageshow", (event) => event.persisted && look());
})();
