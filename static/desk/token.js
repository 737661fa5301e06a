// The token that goes with the present login: another window may have logged in anew since this page
// was opened, and the form's own token is then of no use.
export function csrf() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
}
