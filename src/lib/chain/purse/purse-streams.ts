import { randomBytes, toHex } from '../../protocol/bytes.ts';

/**
 * How many answers the tabs of this browser pay from one purse right now. Each holds a Web Lock of its own
 * while it is paid, so a tab that crashes holds none any more.
 */
export class PurseStreams {
	readonly #prefix: string;
	readonly #locks: Pick<LockManager, 'request' | 'query'>;
	readonly #own = new Map<string, () => void>();

	/** @param purse raw address */
	constructor(purse: string, locks: Pick<LockManager, 'request' | 'query'> = navigator.locks) {
		this.#prefix = `mulberry-stream ${purse} `;
		this.#locks = locks;
	}

	/** Answers of this tab. */
	get own(): number {
		return this.#own.size;
	}

	/** An answer is paid until what it returns is called. */
	async begin(): Promise<() => void> {
		const name = this.#prefix + toHex(randomBytes(8));
		await new Promise<void>((held, failed) => {
			this.#locks
				.request(name, () => {
					held();
					return new Promise<void>((release) => this.#own.set(name, release));
				})
				.catch(failed);
		});
		return () => {
			this.#own.get(name)?.();
			this.#own.delete(name);
		};
	}

	/** Answers of other tabs. */
	async others(): Promise<number> {
		const { held = [] } = await this.#locks.query();
		return held.filter(({ name = '' }) => name.startsWith(this.#prefix) && !this.#own.has(name))
			.length;
	}
}
