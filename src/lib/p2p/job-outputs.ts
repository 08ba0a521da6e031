import type { Frame, FrameOf } from '../protocol/frames.ts';
import type { Link } from './link.ts';

/**
 * Everything that a job sends, kept until it ends: another link can take over from any token that the
 * requester still lacks.
 */
export class JobOutputs {
	#frames: Frame[] = [];
	#link: Link | null = null;

	get link(): Link | null {
		return this.#link;
	}

	add(frame: Frame): void {
		this.#frames.push(frame);
		this.#link?.send(frame);
	}

	/**
	 * Sends by this link from now on, beginning with what the requester lacks.
	 *
	 * @param from completion tokens that the requester holds
	 * @param isSettled whether a `due` is paid: of what came before, only what is not is asked for again
	 * @returns false if `from` is not where a text frame ended
	 */
	attach(link: Link, from: number, isSettled: (due: FrameOf<'due'>) => boolean): boolean {
		let next = 0;
		let held = 0;
		while (held < from) {
			const frame = this.#frames[next++];
			if (!frame) return false;
			if (frame.t === 'text') held = frame.from + frame.n;
		}
		if (held !== from) return false;
		this.#link = link;
		for (const [index, frame] of this.#frames.entries()) {
			const isWanted = frame.t === 'due' ? !isSettled(frame) : index >= next;
			if (isWanted) link.send(frame);
		}
		return true;
	}

	detach(): void {
		this.#link = null;
	}
}
