import type { BeaconOperator } from '../../chain/beacon/beacon-operator.ts';
import type { BeaconTransaction } from '../../chain/beacon/beacon-transactions.ts';
import { readHead, type SignedHead } from '../../log/head.ts';
import { equalBytes, fromBase64Url } from '../../protocol/bytes.ts';
import type { AnchorStore } from './anchor-store.ts';
import type { Anchored, AnchoredHead, Anchors } from './anchors.ts';

export interface TonAnchorsOptions {
	/** Loads what writes to the beacon. */
	openOperator: () => Promise<BeaconOperator>;
	store: AnchorStore;
	/** Ends waits for the chain. */
	abort: AbortController;
	/** Gives the operator's wallet coins, where coins are free; `null` elsewhere. */
	fund: ((address: string) => Promise<void>) | null;
}

/** Below this a wallet on the devnet gets new coins. */
const ENOUGH_NANO = 1_000_000_000n;

const addressOf = ({ beacon }: BeaconOperator) => beacon.address.toRawString();
const onChain = ({ size, root, time }: SignedHead) => ({
	size: BigInt(size),
	root,
	timeMs: time
});

/** Anchors in the beacon of the operator's wallet. */
export class TonAnchors implements Anchors {
	readonly #options: TonAnchorsOptions;
	#operator: BeaconOperator | null = null;
	#isReady = false;

	constructor(options: TonAnchorsOptions) {
		this.#options = options;
	}

	/** Raw. */
	get beacon(): string | null {
		const open = this.#operator;
		return open ? addressOf(open) : (this.#options.store.list().at(-1)?.beacon ?? null);
	}

	async open(): Promise<BeaconOperator> {
		this.#operator ??= await this.#options.openOperator();
		return this.#operator;
	}

	async list(): Promise<readonly AnchoredHead[]> {
		return this.#options.store.list();
	}

	async anchor(head: SignedHead): Promise<AnchoredHead> {
		const { store } = this.#options;
		const operator = await this.#prepare();
		const beacon = addressOf(operator);
		await this.#reconcile(operator);
		const known = store.list().find((one) => one.head === head.text && one.beacon === beacon);
		if (known) return known;
		const last = await operator.lastHead();
		if (last.size >= head.size) {
			throw new Error(
				`The beacon has a head of ${last.size} entries, this log has ${head.size}: is its folder an old copy?`
			);
		}
		store.sending(head.text, head.size, beacon);
		return this.#confirm(head.text, beacon, await operator.anchor(onChain(head)));
	}

	async anchorCatalogue(hash: string): Promise<Anchored> {
		const bytes = fromBase64Url(hash);
		if (bytes?.length !== 32) throw new TypeError(`hash: expected 32 bytes, found ${hash}`);
		const operator = await this.#prepare();
		const place = (await operator.findCatalogue(bytes)) ?? (await operator.setCatalogue(bytes));
		return { transaction: place.hash, at: place.at };
	}

	abort(): void {
		this.#options.abort.abort(new Error('the coordinator shuts down'));
	}

	close(): void {
		this.#options.store.close();
	}

	/** Writes down what was sent before a crash or a long silence and has arrived since. */
	async #reconcile(operator: BeaconOperator): Promise<void> {
		const { store } = this.#options;
		const beacon = addressOf(operator);
		const pending = store.pending(beacon);
		if (pending.length === 0) return;
		const last = await operator.lastHead();
		for (const text of pending) {
			const head = readHead(text);
			const place = head && (await operator.find(onChain(head)));
			if (place) this.#confirm(text, beacon, place);
			else if (!head || last.size > head.size) store.forget(text);
			else if (last.size === BigInt(head.size) && !equalBytes(last.root, head.root)) {
				store.forget(text);
			}
		}
	}

	#confirm(head: string, beacon: string, { hash, lt, at }: BeaconTransaction): AnchoredHead {
		const anchored = { head, beacon, transaction: hash, lt, at };
		this.#options.store.confirm(anchored);
		return anchored;
	}

	/** On the devnet everything is made as it is needed; elsewhere the operator deploys the beacon. */
	async #prepare(): Promise<BeaconOperator> {
		const { fund } = this.#options;
		const operator = await this.open();
		if (fund && (await operator.balanceNano()) < ENOUGH_NANO) {
			await fund(operator.wallet.toRawString());
			await operator.funded(ENOUGH_NANO);
		}
		if (this.#isReady) return operator;
		if (!(await operator.isDeployed())) {
			if (!fund) {
				const where = `${operator.beacon.address}, owned by ${operator.wallet}`;
				throw new Error(`There is no beacon at ${where}: deploy it with contracts:deploy.`);
			}
			await operator.deploy();
		}
		this.#isReady = true;
		return operator;
	}
}
