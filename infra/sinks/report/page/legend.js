/** The legend is also the filter: each entry shows its group alone, then together with others. */
import { el, number } from './dom.js';

/** @param changed called after the user changed what is shown */
export function fillLegend(holder, state, changed) {
  const { mode, hidden, focus } = state;
  const again = (position) => {
    changed();
    // The entries were made anew; the keyboard stays where it was.
    holder.children[Math.min(position, holder.children.length - 1)]?.focus();
  };
  const used = mode.groups.map((_, g) => g).filter((g) => mode.groups[g].n > 0);
  const entries = used.map((g, position) => {
    const { colour, name, n } = mode.groups[g];
    const button = el('button.entry', { type: 'button', 'aria-pressed': !hidden.has(g) }, el('i', { style: `background:var(${colour})` }), el('span', null, name), el('small', null, number(n)));
    button.addEventListener('click', () => {
      choose(hidden, used, g);
      again(position);
    });
    return button;
  });
  const clear = el('button.entry.clear', { type: 'button' }, focus === null ? '' : `only ${focus.title} (${number(state.found)}) ×`);
  clear.addEventListener('click', () => {
    state.focus = null;
    again(0);
  });
  holder.replaceChildren(...entries, ...(focus === null ? [] : [clear]));
}

/** From all shown, the first choice shows one alone; further ones add and take away; none left means all. */
function choose(hidden, used, g) {
  if (hidden.size === 0) {
    for (const other of used) if (other !== g) hidden.add(other);
    return;
  }
  if (!hidden.delete(g)) hidden.add(g);
  if (used.every((other) => hidden.has(other))) hidden.clear();
}
