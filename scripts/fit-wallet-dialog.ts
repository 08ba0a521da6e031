import type { Plugin } from 'vite';

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="24" fill="#6a1752"/><path d="M13 16h22L24 35z" fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round"/></svg>`;

/**
 * What TON Connect's dialog does and our pages forbid: it shows three pictures from GitHub, and sets an
 * inline handler (for Safari to show which button is pressed). Each with what takes its place, and how often
 * it is there: another number means that the package has changed and has to be looked at.
 */
const CHANGES = [
	{
		found: /https:\/\/raw\.githubusercontent\.com\/ton-connect\/sdk\/main\/assets\/[\w-]+\.png/g,
		count: 3,
		by: `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString('base64')}`
	},
	{
		found: /document\.body\.setAttribute\("ontouchstart", ""\)/g,
		count: 1,
		by: 'document.body.addEventListener("touchstart", () => {}, { passive: true })'
	}
];

/** Fits the dialog into our content security policy while the pages are built. */
export function fitWalletDialog(): Plugin {
	return {
		name: 'mulberry:fit-wallet-dialog',
		apply: 'build',
		transform(code, id) {
			if (!id.includes('@tonconnect/ui/')) return null;
			let fitted = code;
			for (const { found, count, by } of CHANGES) {
				const times = code.match(found)?.length ?? 0;
				if (times !== count) {
					throw new Error(`${id}: expected ${found.source} ${count} times, found ${times}`);
				}
				fitted = fitted.replace(found, () => by);
			}
			return { code: fitted, map: null };
		}
	};
}
