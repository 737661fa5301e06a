// Asking the server from a form of the desk.

/** POST fields with the form's own token; null where there is no answer. */
export async function post(url, fields, options = {}) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  const body = new URLSearchParams(fields);
  if (token) body.set(token.name, token.value);
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
