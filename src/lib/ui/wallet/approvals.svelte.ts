import type { Approval, Approve } from '../../chain/development-wallet/approval.ts';

/** What the development wallet wants to know, one question at a time. */
export class Approvals {
	#current = $state.raw<{ approval: Approval; answer: (isYes: boolean) => void } | null>(null);
	#last: Promise<unknown> = Promise.resolve();

	get current(): Approval | null {
		return this.#current?.approval ?? null;
	}

	readonly ask: Approve = (approval) => {
		const asked = this.#last.then(() => this.#show(approval));
		this.#last = asked;
		return asked;
	};

	answer(isYes: boolean): void {
		this.#current?.answer(isYes);
		this.#current = null;
	}

	#show(approval: Approval): Promise<boolean> {
		return new Promise((answer) => (this.#current = { approval, answer }));
	}
}
