// Stores the text typed into a form in this browser until the form is recorded, and offers the text when the person opens
// the form again. A draft belongs to one account, is identified by the form's URL and base revision, and expires after a
// week. Signing out deletes the drafts. A draft is restored or sent only if the person presses a button.
{
  const { account, returned } = document.body.dataset;
  const DRAFTS = "draft ";
  const OWN = `${DRAFTS}${account} `;
  const WEEK = 7 * 24 * 3600 * 1000;
  const MOST = 20;
  const LONGEST = 1_500_000; // characters; browsers store about five million for a site
  const BASES = ["base_revision", "base", "revision"];
  const PLACE = ["act", "at", "start", "end", "provision", "corrects", "ask"];
  const NOT_KEPT = new Set(["csrfmiddlewaretoken", "confirmed", "seen"]);
  const SENT = "draft-sent"; // key in this tab's storage: the draft whose form was sent last
  const WRITTEN = "textarea:not([readonly]), input:is([type=text], [type=url], :not([type])):not([readonly])";

  const writtenIn = (form) => [...form.querySelectorAll(WRITTEN)].filter((field) => field.name);
  const isKept = (form) =>
    form.method === "post" && !new URL(form.action).pathname.includes("/accounts/") && writtenIn(form).length > 0;
  const formsIn = (root) => [...root.querySelectorAll("form")].filter(isKept);
  const hidden = (form, name) => form.querySelector(`input[type=hidden][name=${name}]`)?.value ?? "";
  const placeOf = (form) => {
    const url = new URL(form.getAttribute("action") || location.href, location.href);
    return `${OWN}${url.pathname} ${PLACE.map((name) => hidden(form, name)).join(" ")} #`;
  };
  const keyOf = (form) => placeOf(form) + (BASES.map((name) => hidden(form, name)).find(Boolean) ?? "");
  const entriesOf = (form) =>
    [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(DRAFTS));
  const draftAt = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  };
  const isSame = (form, draft) =>
    writtenIn(form).every((field) => draft.entries.some(([name, value]) =>
      name === field.name && value.replaceAll("\r\n", "\n") === field.value));

  const tidy = () => {
    const times = new Map(keys().map((key) => [key, draftAt(key)?.when ?? 0]));
    const newestFirst = [...times].sort(([, first], [, second]) => second - first);
    newestFirst.forEach(([key, when], index) => {
      if (Date.now() - when > WEEK || index >= MOST) localStorage.removeItem(key);
    });
  };
  const returnedForms = new WeakSet(); // forms that the server returned with text that is not recorded
  const save = (form) => {
    const key = keyOf(form);
    const isTyped = writtenIn(form).some((field) => field.value !== field.defaultValue);
    const content = JSON.stringify({ when: Date.now(), entries: entriesOf(form) });
    if ((!isTyped && !returnedForms.has(form)) || content.length > LONGEST) {
      localStorage.removeItem(key);
      return;
    }
    try {
      localStorage.setItem(key, content);
      tidy();
    } catch {
      localStorage.removeItem(key); // no space is left, and an older draft would be misleading
    }
  };

  const putBack = (form, draft) => {
    const left = new Map();
    for (const [name, value] of draft.entries) left.set(name, [...(left.get(name) ?? []), value]);
    for (const field of form.elements) {
      if (!field.name || NOT_KEPT.has(field.name) || ["file", "submit", "password"].includes(field.type)) continue;
      const values = left.get(field.name) ?? [];
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else if (values.length) field.value = values.shift();
    }
    for (const field of writtenIn(form)) field.dispatchEvent(new Event("input", { bubbles: true }));
    writtenIn(form)[0].focus();
  };
  const offer = (form) => {
    const drafts = keys().filter((key) => key.startsWith(placeOf(form))).map((key) => [key, draftAt(key)])
      .filter(([, draft]) => draft && !isSame(form, draft)).sort(([, first], [, second]) => second.when - first.when);
    if (!drafts.length || form.previousElementSibling?.matches(".draft")) return;
    const [, draft] = drafts[0];
    const notice = document.getElementById("draft-offer").content.firstElementChild.cloneNode(true);
    notice.querySelector("time").dateTime = new Date(draft.when).toISOString();
    notice.querySelector("time").textContent = new Date(draft.when)
      .toLocaleString(document.documentElement.lang.replace(/^en$/, "en-GB"), { dateStyle: "long", timeStyle: "short" });
    notice.querySelector("[data-put-back]").addEventListener("click", () => {
      notice.remove();
      putBack(form, draft);
    });
    notice.querySelector("[data-discard]").addEventListener("click", () => {
      for (const [key] of drafts) localStorage.removeItem(key);
      notice.remove();
    });
    form.before(notice);
    for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  };

  // Deletes or keeps the draft of the form that this tab sent last, depending on whether the site recorded the form.
  const settle = () => {
    const sent = sessionStorage.getItem(SENT);
    if (!sent) return;
    const again = formsIn(document).find((form) => sent.startsWith(placeOf(form)));
    const draft = draftAt(sent);
    if (returned === undefined) {
      const isRecorded = document.querySelector("[data-done]") || (again && draft && isSame(again, draft));
      if (isRecorded) localStorage.removeItem(sent);
    } else if (again) {
      returnedForms.add(again);
      localStorage.removeItem(sent);
      save(again);
    } else if (document.querySelector(".kept")) {
      return; // the page shows the typed text, ready to be sent again
    }
    sessionStorage.removeItem(SENT);
  };

  if (account) {
    let waiting;
    document.addEventListener("input", ({ target }) => {
      if (!target.form || !isKept(target.form)) return;
      clearTimeout(waiting);
      waiting = setTimeout(save, 400, target.form);
    });
    const saveAll = () => {
      clearTimeout(waiting);
      for (const form of formsIn(document)) {
        if (writtenIn(form).some((field) => field.value !== field.defaultValue)) save(form);
      }
    };
    let isLeaving = false; // after signing out, there is nothing to save
    window.addEventListener("pagehide", () => isLeaving || saveAll());
    document.addEventListener("submit", ({ target }) => {
      if (new URL(target.action).pathname.endsWith("/accounts/logout/")) {
        isLeaving = true;
        clearTimeout(waiting);
        for (const key of keys()) if (key.startsWith(OWN)) localStorage.removeItem(key);
      } else if (isKept(target)) {
        saveAll();
        save(target);
        sessionStorage.setItem(SENT, keyOf(target));
      }
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) sessionStorage.removeItem(SENT);
    });
    window.addEventListener("load", () => {
      tidy();
      settle();
      for (const form of formsIn(document)) if (!returnedForms.has(form)) offer(form);
    });
    document.addEventListener("htmx:load", ({ target }) => {
      for (const form of formsIn(target)) offer(form);
    });
  }
}
