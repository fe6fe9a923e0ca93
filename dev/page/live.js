// live.js: reloads the page when a new program serves, and shows what a build says while it fails.
//
//     <script src="/-/dev/live.js" defer></script>
(() => {
  "use strict";
  let served = null, overlay = null;

  const hide = () => { if (overlay) overlay.remove(); overlay = null; };

  function show(text) {
    hide();
    overlay = document.createElement("div");
    overlay.id = "gatewright-dev-overlay";
    overlay.setAttribute("role", "alert");
    const style = { position: "fixed", inset: "auto 0 0 0", maxHeight: "60vh", overflow: "auto", zIndex: "2147483647",
                    background: "#1d1f27", color: "#f1f1f4", borderTop: "4px solid #d6455d", padding: "14px 18px",
                    margin: "0", font: "13px/1.45 ui-monospace, monospace", whiteSpace: "pre-wrap" };
    Object.assign(overlay.style, style);
    overlay.textContent = text;
    document.documentElement.append(overlay);
  }

  const events = new EventSource("/-/dev/events");
  events.onmessage = (message) => {
    const now = JSON.parse(message.data);
    if (served !== null && now.served !== served) {
      events.close();
      location.reload();
      return;
    }
    served = now.served;
    if (now.error) show(now.error); else hide();
  };
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
