'use strict';
/* The page: one question at a time. Values are 1 visible, 0 not visible, -1 cannot tell. */

const VISIBLE = 1, ABSENT = 0, UNKNOWN = -1;
const at = (id) => document.getElementById(id);
const state = { about: null, annotator: '', question: null, values: [], zoomed: true, busy: false,
  started: 0, paused: 0, pausedAt: 0, progress: null };

async function call(name, content) {
  const options = content === undefined ? {} : {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ annotator: state.annotator, ...content }) };
  let reply;
  try {
    reply = await fetch(name, options);
  } catch {
    throw new Error('The server does not answer. Is lfhpe ask still running?');
  }
  const found = await reply.json().catch(() => ({ fault: `The server answered ${reply.status}.` }));
  if (!reply.ok) throw new Error(found.fault);
  return found;
}

/* A sheet over everything: pause, the end, an error. */
function sheet(title, text, button, action) {
  at('sheet-title').textContent = title;
  at('sheet-text').textContent = text;
  at('sheet-button').textContent = button;
  at('sheet-button').onclick = () => { at('sheet').hidden = true; action(); };
  at('sheet').hidden = false;
  at('sheet-button').focus();
}

const pretty = (name) => name.replaceAll('_', ' ');
/* The colour shows the side, as in the help drawing. */
const withoutSide = (k) => pretty(state.about.names[k]).replace(/\b(left|right|l|r)\b ?/i, '') ||
  pretty(state.about.names[k]);
const imageOf = (person) => `image/${person}`;

function show(found) {
  state.progress = found.progress;
  showProgress();
  const question = found.question;
  state.question = question;
  if (question === null && found.progress.limit !== null &&
      found.progress.answers >= found.progress.limit) {
    sheet('This round is done', `${found.progress.answers} answers are saved. Now a model learns ` +
      'from them; the window of lfhpe loop shows how far it is, and then the next address. ' +
      'You can close this page.', 'OK', () => {});
    return;
  }
  if (question === null) {
    sheet('Nothing is left to ask', 'All persons are done, or another annotator has them. ' +
      'Stop the server with Ctrl-C and export the answers.', 'Ask again', load);
    return;
  }
  const confirm = question.kind === 'confirm';
  state.values = question.keypoints.map(() => (confirm ? VISIBLE : ABSENT));
  at('ask').textContent = { whole: 'Which of these can you see?',
    window: 'Which of these lie in the yellow frame?',
    confirm: 'Which circles are wrong?' }[question.kind];
  at('hint').textContent = confirm
    ? 'A circle is right if its keypoint lies inside it. Click the wrong ones.'
    : 'Choose them, then Done. What you do not choose counts as "no".';
  at('none').firstChild.textContent = confirm ? 'All wrong ' : 'None of these ';
  showButtons();
  drawHelp(at('help'), state.about, question.keypoints);
  redraw();
  if (found.upcoming !== null) new Image().src = imageOf(found.upcoming);
  state.started = performance.now();
  state.paused = 0;
}

function showButtons() {
  for (const group of ['left', 'middle', 'right']) at(group).replaceChildren();
  const asked = state.question.keypoints;
  for (const k of state.about.order.filter((each) => asked.includes(each))) {
    const i = asked.indexOf(k);
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.index = i;
    button.dataset.key = state.about.keys[k];
    const text = document.createElement('span');
    text.textContent = pretty(state.about.names[k]);
    button.append(text);
    if (state.about.keys[k]) {
      const key = document.createElement('kbd');
      key.textContent = state.about.keys[k];
      button.append(key);
    }
    button.addEventListener('click', (event) => toggle(i, event.shiftKey));
    at(state.about.sides[k] || 'middle').append(button);
  }
  for (const group of ['left', 'middle', 'right']) {
    at(group).parentElement.hidden = !at(group).childElementCount;
  }
}

function redraw() {
  const question = state.question;
  drawPicture(at('picture'), question, imageOf(question.person), state.zoomed, state.values, {
    label: (k) => withoutSide(k), colour: (k) => SIDES[state.about.sides[k]],
    toggle: (i) => toggle(i, false) });
  const confirm = question.kind === 'confirm';
  for (const button of document.querySelectorAll('#answers button')) {
    const value = state.values[button.dataset.index];
    button.setAttribute('aria-pressed', String(value === VISIBLE));
    button.classList.toggle('wrong', confirm && value === ABSENT);
    button.classList.toggle('maybe', value === UNKNOWN);
    const name = button.firstChild.textContent;
    const word = { [VISIBLE]: confirm ? 'right' : 'yes', [ABSENT]: confirm ? 'wrong' : 'no',
      [UNKNOWN]: 'cannot tell' }[value];
    button.setAttribute('aria-label', `${name}: ${word}`);
  }
  at('zoom').setAttribute('aria-pressed', String(state.zoomed));
}

function toggle(i, unsure) {
  const now = state.values[i];
  if (unsure) state.values[i] = now === UNKNOWN ? ABSENT : UNKNOWN;
  else state.values[i] = now === VISIBLE ? ABSENT : VISIBLE;
  redraw();
}

function showProgress() {
  const p = state.progress;
  at('progress').hidden = false;
  at('bar').value = p.persons ? p.persons_settled / p.persons : 0;
  const left = p.seconds_left < 90 ? `${Math.round(p.seconds_left)} s`
    : p.seconds_left < 5400 ? `${Math.round(p.seconds_left / 60)} min`
      : `${(p.seconds_left / 3600).toFixed(1)} h`;
  const answers = p.limit === null ? `${p.answers}` : `${p.answers} of ${p.limit}`;
  at('bar').value = p.limit ? Math.min(1, p.answers / p.limit) : at('bar').value;
  at('numbers').textContent = `${answers} answers · ${p.persons_settled} of ${p.persons} persons done · ` +
    `about ${left} left · your error rate about ${(100 * p.error).toFixed(1)}%`;
}

/* Do one thing at a time, and show what went wrong. */
async function once(action) {
  if (state.busy) return;
  state.busy = true;
  try {
    show(await action());
  } catch (error) {
    sheet('That did not work', error.message, 'Try again', load);
  } finally {
    state.busy = false;
  }
}

const load = () => once(() => call('next', {}));

function submit(values, skipped = false) {
  if (!state.question) return;
  const seconds = (performance.now() - state.started - state.paused) / 1000;
  const id = state.question.id;
  once(() => call('answer', { id, values, seconds: Math.max(0, seconds), skipped }));
}

const all = (value) => state.question.keypoints.map(() => value);
const actions = {
  submit: () => submit(state.values),
  none: () => submit(all(ABSENT)),
  unsure: () => submit(all(UNKNOWN)),
  undo: () => once(() => call('undo', {})),
  skip: () => submit(all(UNKNOWN), true),
  zoom: () => { state.zoomed = !state.zoomed; redraw(); },
  pause: () => {
    state.pausedAt = performance.now();
    sheet('Pause', 'The time does not count.', 'Go on', () => {
      state.paused += performance.now() - state.pausedAt;
    });
  },
};
const shortcuts = { Enter: 'submit', 0: 'none', '-': 'unsure', Backspace: 'undo', ArrowRight: 'skip',
  '+': 'zoom', '=': 'zoom', Escape: 'pause' };
for (const name of Object.keys(actions)) at(name).addEventListener('click', actions[name]);

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !at('start').hidden) return;
  if (!at('sheet').hidden) {
    if (event.key === 'Escape') { event.preventDefault(); at('sheet-button').click(); }
    return;
  }
  const focused = document.activeElement;
  const onButton = focused && focused.tagName === 'BUTTON' && focused.closest('nav, #answers');
  // Enter and Space act on a button that was reached by Tab.
  if (onButton && focused.matches(':focus-visible') && (event.key === ' ' || event.key === 'Enter')) return;
  const name = shortcuts[event.key];
  if (name) {
    event.preventDefault();
    actions[name]();
    return;
  }
  const button = state.question && document.querySelector(`#answers button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) {
    event.preventDefault();
    toggle(Number(button.dataset.index), event.shiftKey);
  }
});

async function begin(annotator) {
  state.annotator = annotator;
  localStorage.setItem('annotator', annotator);
  at('start').hidden = true;
  try {
    state.about = await call('about');
  } catch (error) {
    sheet('That did not work', error.message, 'Try again', () => begin(annotator));
    return;
  }
  at('work').hidden = false;
  await load();
}

at('start').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = at('name').value.trim();
  if (name) begin(name);
});
const known = new URLSearchParams(location.search).get('annotator') || localStorage.getItem('annotator');
if (known) begin(known);
else { at('start').hidden = false; at('name').focus(); }
