import {
	contractAddress,
	type Address,
	type Contract,
	type ContractProvider,
	type Sender,
	type StateInit
} from '@ton/core';
import type { Bytes } from '../../protocol/bytes.ts';
import {
	storeAnchor,
	storeBeaconData,
	storeSetCatalogue,
	storeSetOwner,
	type LogHead
} from './beacon-messages.ts';
import { BEACON_CODE } from './code.ts';
import { sendBody, toBody, uintBytes, type SendOptions } from './message-parts.ts';

/** What a beacon is deployed with. */
export interface BeaconConfig {
	owner: Address;
	/** SHA-256 of the catalogue, 32 bytes. */
	catalogue: Bytes;
}

/** The public memory of one network: the last anchored head and the catalogue's hash. */
export class Beacon implements Contract {
	readonly address: Address;
	readonly init: StateInit | undefined;

	private constructor(address: Address, init?: StateInit) {
		this.address = address;
		this.init = init;
	}

	static createFromAddress(address: Address): Beacon {
		return new Beacon(address);
	}

	static createFromConfig({ owner, catalogue }: BeaconConfig): Beacon {
		const head = { size: 0n, root: new Uint8Array(32), timeMs: 0 };
		const init = { code: BEACON_CODE, data: storeBeaconData({ owner, head, catalogue }) };
		return new Beacon(contractAddress(0, init), init);
	}

	async sendDeploy(provider: ContractProvider, via: Sender, valueNano: bigint): Promise<void> {
		await provider.internal(via, { value: valueNano, bounce: false });
	}

	/** By the owner: a head that is larger and newer than the last. What it brings stays as rent. */
	async sendAnchor(
		provider: ContractProvider,
		via: Sender,
		options: SendOptions & { head: LogHead }
	): Promise<void> {
		const { head, queryId = 0n } = options;
		await sendBody(provider, via, options, toBody(storeAnchor({ queryId, head })));
	}

	/** By the owner. What the beacon holds above a year's rent comes back. */
	async sendSetCatalogue(
		provider: ContractProvider,
		via: Sender,
		options: SendOptions & { hash: Bytes }
	): Promise<void> {
		const { hash, queryId = 0n } = options;
		await sendBody(provider, via, options, toBody(storeSetCatalogue({ queryId, hash })));
	}

	/** By the owner, who is none afterwards. */
	async sendSetOwner(
		provider: ContractProvider,
		via: Sender,
		options: SendOptions & { owner: Address }
	): Promise<void> {
		const { owner, queryId = 0n } = options;
		await sendBody(provider, via, options, toBody(storeSetOwner({ queryId, owner })));
	}

	/** The last anchored head; size 0 before the first. */
	async getLastHead(provider: ContractProvider): Promise<LogHead> {
		const { stack } = await provider.get('last_head', []);
		return {
			size: stack.readBigNumber(),
			root: uintBytes(stack.readBigNumber(), 32),
			timeMs: stack.readNumber()
		};
	}

	async getCatalogue(provider: ContractProvider): Promise<Bytes> {
		const { stack } = await provider.get('catalogue', []);
		return uintBytes(stack.readBigNumber(), 32);
	}

	async getVersion(provider: ContractProvider): Promise<number> {
		const { stack } = await provider.get('version', []);
		return stack.readNumber();
	}
}
