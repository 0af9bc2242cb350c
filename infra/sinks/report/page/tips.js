/** One box for all short notes: shown for what is pointed at or has the focus. */
export function startTips() {
  const tip = document.getElementById('tip');
  const show = (event) => {
    const owner = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    tip.hidden = owner === null;
    if (owner === null) return;
    tip.textContent = owner.dataset.tip;
    const box = owner.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = tip;
    tip.style.left = `${Math.max(6, Math.min(document.documentElement.clientWidth - w - 6, box.left + box.width / 2 - w / 2))}px`;
    tip.style.top = `${box.top - h - 8 > 0 ? box.top - h - 8 : box.bottom + 8}px`;
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('scroll', () => (tip.hidden = true), { passive: true, capture: true });
}
