import type { Plugin } from 'vite';

/**
 * TON Connect's dialog shows three pictures from GitHub. Pages ask no third party and their content security
 * policy forbids it, so the build puts a plain picture of ours in their place.
 */
const ADDRESS =
	/https:\/\/raw\.githubusercontent\.com\/ton-connect\/sdk\/main\/assets\/[\w-]+\.png/g;
/** How many there are; another number means that the package has changed and has to be looked at. */
const COUNT = 3;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="24" fill="#6a1752"/><path d="M13 16h22L24 35z" fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round"/></svg>`;

export function ownDialogImages(): Plugin {
	return {
		name: 'mulberry:own-dialog-images',
		apply: 'build',
		transform(code, id) {
			if (!id.includes('@tonconnect/ui/')) return null;
			const found = code.match(ADDRESS)?.length ?? 0;
			if (found !== COUNT) throw new Error(`${id}: expected ${COUNT} pictures, found ${found}`);
			const data = `data:image/svg+xml;base64,${Buffer.from(PICTURE).toString('base64')}`;
			return { code: code.replaceAll(ADDRESS, data), map: null };
		}
	};
}
