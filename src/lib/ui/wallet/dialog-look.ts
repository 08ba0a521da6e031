import type { DialogLook } from '../../chain/tonconnect/open-session.ts';

/** The page's own colours of the moment, for the dialog of TON Connect, which wants them in hex. */
export function dialogLook(): DialogLook {
	const probe = document.createElement('span');
	document.body.append(probe);
	const hexOf = (colour: string) => {
		probe.style.color = colour;
		return toHex(getComputedStyle(probe).color);
	};
	const look = {
		isDark: hexOf('light-dark(#000000, #ffffff)') === '#ffffff',
		accent: hexOf('var(--berry)'),
		background: hexOf('var(--paper-raised)'),
		text: hexOf('var(--ink)'),
		softText: hexOf('var(--ink-soft)')
	};
	probe.remove();
	return look;
}

/** `rgb(106, 23, 82)` as `#6a1752`. */
function toHex(colour: string): string {
	const parts = colour.match(/[\d.]+/g)?.slice(0, 3) ?? [];
	return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, '0')).join('')}`;
}
