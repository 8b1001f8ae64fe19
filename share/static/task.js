// The page of a task: its log grows while the task runs, stays at its end if wanted, and leads to the first
// error. Lines come from the server as HTML that is escaped there.
import { refresh } from './live-region.js';

/** Pixels from the end within which somebody still reads the end. */
const NEAR_END = 40;

const log = document.getElementById('log');
const state = document.getElementById('log-state');
const follow = document.getElementById('follow');
const firstError = document.getElementById('first-error');

function showFirstError() {
  const line = log.querySelector('.l-error');
  if (line === null) return;
  firstError.hash = line.id;
  firstError.hidden = false;
}

/** The line the address names, also when it arrived after the page. */
function showLinked() {
  const line = /^#L\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (!line) return false;
  line.scrollIntoView({ block: 'center' });
  return true;
}

function setFollowing(wanted) {
  follow.setAttribute('aria-pressed', String(wanted));
  if (wanted) log.scrollTop = log.scrollHeight;
}

function followLog(address) {
  const pending = document.createElement('div');
  pending.className = 'l';
  const text = pending.appendChild(document.createElement('span'));
  const following = () => follow.getAttribute('aria-pressed') === 'true';
  follow.hidden = false;
  follow.addEventListener('click', () => setFollowing(!following()));
  // Who scrolls away wants to read, who comes back wants to follow.
  log.addEventListener('wheel', () => {
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    if (near !== following()) follow.setAttribute('aria-pressed', String(near));
  });
  setFollowing(!location.hash);

  const last = log.querySelector('.l:last-of-type')?.id.slice(1) ?? '0';
  const events = new EventSource(`${address}?after=${last}`);
  events.addEventListener('lines', ({ data }) => {
    pending.remove();
    log.insertAdjacentHTML('beforeend', data);
    showFirstError();
    const steps = log.querySelectorAll('.l-step span');
    const step = steps[steps.length - 1]?.textContent;
    if (step && state.textContent !== step) {
      state.textContent = step;
      void refresh('facts').catch(() => undefined);
    }
    if (following()) log.scrollTop = log.scrollHeight;
  });
  events.addEventListener('pending', ({ data }) => {
    text.innerHTML = data;
    log.append(pending);
    if (following()) log.scrollTop = log.scrollHeight;
  });
  events.addEventListener('end', async ({ data }) => {
    events.close();
    pending.remove();
    follow.hidden = true;
    state.textContent = data;
    await refresh('facts').catch(() => undefined);
    log.removeAttribute('data-follow');
  });
}

showFirstError();
if (!showLinked() && location.hash === '' && log.dataset.follow === undefined) {
  log.scrollTop = log.scrollHeight;
}
window.addEventListener('hashchange', showLinked);
if (log.dataset.follow !== undefined) followLog(log.dataset.follow);
