import type { Account } from '../../src/lib/chain/account.ts';
import type { Redeem } from '../../src/lib/chain/contracts/purse-messages.ts';
import type { LookResult, Payout, PursePort } from '../../src/lib/chain/purse-port.ts';
import { ticketId } from '../../src/lib/chain/ticket.ts';
import { toHex, type Bytes } from '../../src/lib/protocol/bytes.ts';

/** A chain as a test wants it: slow, down, lying, forgetful. */
export class ScriptedPurses implements PursePort {
	readonly purses = new Map<Account, LookResult>();
	/** Tickets paid, by id in hex. */
	readonly redeemed = new Map<string, Payout>();
	looks = 0;
	/** Messages that were sent, as `redeemMessage` makes them. */
	readonly sent: string[] = [];
	delayMs = 0;
	isDown = false;
	/** What happens to a message; by default the purse pays 95 % of the face value. */
	onSend: (id: string) => void = (id) => this.pay(id);
	#faces = new Map<string, bigint>();

	async look(purse: Account): Promise<LookResult> {
		this.looks++;
		await this.#delay();
		if (this.isDown) return { ok: false, kind: 'unreachable', reason: 'down' };
		return (
			this.purses.get(purse) ?? { ok: false, kind: 'absent', reason: 'there is no such account' }
		);
	}

	async isRedeemed(_purse: Account, id: Bytes): Promise<boolean> {
		await this.#delay();
		if (this.isDown) throw new Error('down');
		return this.redeemed.has(toHex(id));
	}

	async redeemMessage(winner: Redeem): Promise<string> {
		const id = toHex(await ticketId(winner.ticket));
		this.#faces.set(id, winner.ticket.faceValueNano);
		return id;
	}

	async send(message: string): Promise<void> {
		await this.#delay();
		if (this.isDown) throw new Error('down');
		this.sent.push(message);
		this.onSend(message);
	}

	async payout(_purse: Account, id: Bytes): Promise<Payout | null> {
		if (this.isDown) throw new Error('down');
		return this.redeemed.get(toHex(id)) ?? null;
	}

	pay(id: string): void {
		if (this.redeemed.has(id)) throw new Error('exit code 232');
		const faceNano = this.#faces.get(id) ?? 0n;
		this.redeemed.set(id, { paidNano: (faceNano * 95n) / 100n, transaction: id });
	}

	/** Changes what a purse looks like from now on. */
	change(purse: Account, changes: Partial<Extract<LookResult, { ok: true }>['look']>): void {
		const result = this.purses.get(purse);
		if (!result?.ok) throw new Error(`${purse}: expected a purse`);
		this.purses.set(purse, { ok: true, look: { ...result.look, ...changes } });
	}

	async #delay(): Promise<void> {
		if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
	}
}
