// Passkeys, where the browser has them. Without this file everything else works.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function post(address, body, csrf) {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  function descriptors(list) {
    return (list || []).map((item) => ({ ...item, id: bytes(item.id) }));
  }

  function told(credential) {
    const said = credential.response;
    const response = { clientDataJSON: text(said.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (said[name]) response[name] = text(said[name]);
    }
    if (said.getTransports) response.transports = said.getTransports();
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  }

  function ready(id, act) {
    const place = document.getElementById(id);
    if (!place) return;
    place.hidden = false;
    const button = place.querySelector("button");
    const failed = place.querySelector("[role=alert]");
    button.addEventListener("click", async () => {
      button.disabled = true;
      failed.hidden = true;
      try {
        const answer = await act(place.dataset, place);
        location.assign(answer.next);
      } catch {
        failed.hidden = false;
        button.disabled = false;
      }
    });
  }

  ready("passkey-in", async (data) => {
    const options = await post("/api/passkeys/begin-sign-in", {});
    const credential = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) },
    });
    const query = new URLSearchParams({ language: data.language, next: data.next });
    return post("/api/passkeys/sign-in?" + query, told(credential));
  });

  ready("passkey-new", async (data, place) => {
    const options = await post("/api/passkeys/begin-new", {}, data.csrf);
    const credential = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: descriptors(options.excludeCredentials),
      },
    });
    const query = new URLSearchParams({ language: data.language, name: place.querySelector("input").value });
    return post("/api/passkeys/new?" + query, told(credential), data.csrf);
  });
})();
