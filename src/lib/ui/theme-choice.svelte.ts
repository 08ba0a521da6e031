/** Which theme the reader chose. `static/theme.js` applies it before the first paint. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'mulberry-theme';

const parseTheme = (value: unknown): Theme => THEMES.find((theme) => theme === value) ?? 'system';

export class ThemeChoice {
	#current = $state<Theme>('system');

	get current(): Theme {
		return this.#current;
	}

	get next(): Theme {
		return THEMES[(THEMES.indexOf(this.#current) + 1) % THEMES.length] ?? 'system';
	}

	/** Reads what an earlier visit chose; only in a browser. */
	read(): void {
		this.#current = parseTheme(document.documentElement.dataset['theme']);
	}

	advance(): void {
		this.#current = this.next;
		const root = document.documentElement;
		if (this.#current === 'system') delete root.dataset['theme'];
		else root.dataset['theme'] = this.#current;
		try {
			if (this.#current === 'system') localStorage.removeItem(KEY);
			else localStorage.setItem(KEY, this.#current);
		} catch {
			// Storage is refused inside some frames: the choice lasts as long as the page.
		}
	}
}
