/** How near to the end of the page still counts as being there. */
const AT_END_PX = 64;

export interface ScrollPlace {
	top: number;
	viewport: number;
	content: number;
}

export const isAtEnd = ({ top, viewport, content }: ScrollPlace): boolean =>
	content - top - viewport <= AT_END_PX;

/** Whether the page goes on following: until the reader scrolls up, and again from the end. */
export function followsAfter(follows: boolean, before: number, now: ScrollPlace): boolean {
	if (isAtEnd(now)) return true;
	return follows && now.top >= before - 1;
}

/** Keeps the end of a growing answer in sight until the reader scrolls away from it. */
export class FollowScroll {
	#follows = $state(true);
	#lastTop = 0;
	#frame = 0;

	get follows(): boolean {
		return this.#follows;
	}

	/** Listens to the page's scrolling; what it returns ends that. */
	start(): () => void {
		const stopped = new AbortController();
		addEventListener('scroll', () => this.#onScroll(), { passive: true, signal: stopped.signal });
		return () => {
			stopped.abort();
			cancelAnimationFrame(this.#frame);
		};
	}

	/** To be called whenever the content grew. */
	keep(): void {
		if (!this.#follows || this.#frame) return;
		this.#frame = requestAnimationFrame(() => {
			this.#frame = 0;
			if (this.#follows) this.#toEnd();
		});
	}

	/** Goes to the end and follows from there. */
	resume(): void {
		this.#follows = true;
		this.#toEnd();
	}

	#toEnd(): void {
		scrollTo({ top: document.documentElement.scrollHeight, behavior: 'instant' });
	}

	#onScroll(): void {
		const { scrollTop, clientHeight, scrollHeight } = document.documentElement;
		const now = { top: scrollTop, viewport: clientHeight, content: scrollHeight };
		this.#follows = followsAfter(this.#follows, this.#lastTop, now);
		this.#lastTop = scrollTop;
	}
}
