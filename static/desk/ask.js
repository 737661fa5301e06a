// Asking the server from a form of the desk.
import { csrf } from "./token.js";

/** POST fields; null where there is no answer. */
export async function post(url, fields, options = {}) {
  const body = new URLSearchParams(fields);
  body.set("csrfmiddlewaretoken", csrf()); // not the form's, which goes before a header
  return answer(url, { method: "POST", body, ...options });
}

/** GET with a query; null where there is no answer. */
export function get(url, query) {
  return answer(`${url}?${new URLSearchParams(query)}`, {});
}

async function answer(url, options) {
  try {
    const response = await fetch(url, { credentials: "same-origin", ...options });
    return response.ok && !response.redirected ? response : null;
  } catch {
    return null;
  }
}

/** Call `act` once nothing has happened for `pause` milliseconds. */
export function settled(act, pause) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), pause);
  };
}
