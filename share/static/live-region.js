// Keeps parts of a page up to date: an element with `data-live="<seconds>"` and an id is fetched again, as
// the server renders it, as long as somebody looks at the page.

/** Puts the element of that id from a fresh copy of the page where the old one is; keeps the focus. */
export async function refresh(id) {
  const response = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
  if (!old || !next || old.innerHTML === next.innerHTML) return;
  const focused =
    old.contains(document.activeElement) && document.activeElement?.getAttribute('href');
  old.replaceWith(next);
  if (focused) next.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
}

for (const { id, dataset } of document.querySelectorAll('[data-live]')) {
  const update = () => {
    if (document.visibilityState === 'visible') void refresh(id).catch(() => undefined);
  };
  setInterval(update, Number(dataset.live) * 1000);
  document.addEventListener('visibilitychange', update);
}
