// What htmx leaves to do: open parts stay open when a part of the page is replaced, logs stay at
// their end, and a lost connection is said.
"use strict";
(function () {
  const opened = new Set();

  function remember(root) {
    for (const each of root.querySelectorAll("details[id]")) {
      if (each.open) opened.add(each.id); else opened.delete(each.id);
    }
  }

  function reopen(root) {
    for (const each of root.querySelectorAll("details[id]")) {
      if (opened.has(each.id)) each.open = true;
    }
  }

  function isAtEnd(log) {
    return log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }

  const lost = function () { return document.getElementById("lost"); };
  let wasLost = false;

  document.addEventListener("htmx:beforeSwap", function (event) {
    remember(document);
    for (const log of document.querySelectorAll(".log")) log.dataset.end = isAtEnd(log) ? "1" : "";
    if (event.detail.xhr && event.detail.xhr.status >= 400) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", function () { reopen(document); });
  document.addEventListener("htmx:sseBeforeMessage", function (event) {
    const log = event.target.closest(".log");
    if (log) log.dataset.end = isAtEnd(log) ? "1" : "";
  });
  document.addEventListener("htmx:sseMessage", function (event) {
    const log = event.target.closest && event.target.closest(".log");
    if (log && log.dataset.end) log.scrollTop = log.scrollHeight;
  });
  document.addEventListener("htmx:sseError", function () {
    wasLost = true;
    if (lost()) lost().hidden = false;
  });
  document.addEventListener("htmx:sseOpen", function () {
    if (wasLost) window.location.reload();
  });
  // Browsers keep few connections to a server: a page that nobody looks at gives its own back.
  let source = null, closing = null, wasClosed = false, isEdited = false;

  function connect(url) {
    source = new EventSource(url);
    return source;
  }

  document.addEventListener("input", function () { isEdited = true; });
  document.addEventListener("visibilitychange", function () {
    window.clearTimeout(closing);
    if (document.visibilityState === "visible") {
      if (wasClosed) window.location.reload();
    } else if (!isEdited) {
      closing = window.setTimeout(function () {
        if (source) { source.close(); wasClosed = true; }
      }, 30000);
    }
  });
  window.htmx.createEventSource = connect;

  document.addEventListener("submit", function (event) {
    const question = event.target.dataset.question;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  document.addEventListener("DOMContentLoaded", function () {
    document.documentElement.classList.add("scripted");
    for (const log of document.querySelectorAll(".log")) log.scrollTop = log.scrollHeight;
    const focus = document.querySelector("[data-focus]");
    if (focus) focus.focus();
  });
})();
