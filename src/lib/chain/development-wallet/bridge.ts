import * as v from 'valibot';
import { utf8 } from '../../protocol/bytes.ts';
import { friendlyAddress } from '../address-text.ts';
import { NETWORKS } from '../networks.ts';
import { tonProofDigest } from '../ton-proof.ts';
import type { Approve } from './approval.ts';
import { transferOf, type DevelopmentWallet } from './development-wallet.ts';

/**
 * What TON Connect's SDK finds on `window` and calls: the injected bridge of a wallet.
 * Source: github.com/ton-blockchain/ton-connect, `bridge.md` and `requests-responses.md`.
 */

const APP_NAME = 'mulberry-development-wallet';
const PROTOCOL = 2;
const NETWORK = String(NETWORKS.devnet.globalId);
/** Codes of connect errors and of answers to requests, as the protocol numbers them. */
const CONNECT_CODES = { badRequest: 1, unknownApp: 100, rejected: 300 } as const;
const SEND_CODES = { unknown: 0, badRequest: 1, rejected: 300, unsupported: 400 } as const;

const DEVICE = {
	platform: 'browser',
	appName: APP_NAME,
	appVersion: '1.0.0',
	maxProtocolVersion: PROTOCOL,
	features: ['SendTransaction', { name: 'SendTransaction', maxMessages: 255 }]
};

const connectRequest = v.object({
	manifestUrl: v.pipe(v.string(), v.url()),
	items: v.array(
		v.variant('name', [
			v.object({ name: v.literal('ton_addr'), network: v.optional(v.string()) }),
			v.object({ name: v.literal('ton_proof'), payload: v.string() })
		])
	)
});
type ConnectRequest = v.InferOutput<typeof connectRequest>;

const transaction = v.object({
	valid_until: v.optional(v.number()),
	network: v.optional(v.string()),
	messages: v.pipe(
		v.array(
			v.object({
				address: v.string(),
				amount: v.pipe(v.string(), v.regex(/^\d{1,25}$/)),
				payload: v.optional(v.string(), ''),
				stateInit: v.exactOptional(v.string())
			})
		),
		v.minLength(1),
		v.maxLength(255)
	)
});
type TransactionRequest = v.InferOutput<typeof transaction>;

interface RpcRequest {
	method: string;
	params: readonly unknown[];
	id: string;
}
type RpcAnswer = { id: string } & (
	{ result: unknown } | { error: { code: number; message: string } }
);
type Listener = (event: { event: string; id: number; payload: unknown }) => void;

export interface BridgeParts {
	wallet: DevelopmentWallet;
	approve: Approve;
	/** Whether this site was connected before; outlives the page. */
	connection: { get(): boolean; set(isConnected: boolean): void };
}

export class DevelopmentBridge {
	readonly deviceInfo = DEVICE;
	readonly protocolVersion = PROTOCOL;
	readonly isWalletBrowser = false;
	readonly #parts: BridgeParts;
	readonly #listeners = new Set<Listener>();
	#lastEvent = 0;

	constructor(parts: BridgeParts) {
		this.#parts = parts;
	}

	async connect(version: number, request: unknown) {
		const parsed = v.safeParse(connectRequest, request);
		if (version > PROTOCOL || !parsed.success) {
			return this.#connectError(CONNECT_CODES.badRequest, 'the request cannot be read');
		}
		const { manifestUrl, items } = parsed.output;
		const domain = new URL(manifestUrl).hostname;
		const withProof = items.some(({ name }) => name === 'ton_proof');
		const { approve, connection } = this.#parts;
		if (!(await approve({ kind: 'connect', domain, address: this.#address, withProof }))) {
			return this.#connectError(CONNECT_CODES.rejected, 'the person refused');
		}
		connection.set(true);
		return this.#event('connect', { items: await this.#items(items, domain), device: DEVICE });
	}

	async restoreConnection() {
		return this.#parts.connection.get()
			? this.#event('connect', { items: [this.#addressItem()], device: DEVICE })
			: this.#connectError(CONNECT_CODES.unknownApp, 'this site is not connected');
	}

	async send(request: RpcRequest): Promise<RpcAnswer> {
		const { id, method } = request;
		if (method === 'disconnect') {
			this.disconnect();
			return { id, result: {} };
		}
		if (method !== 'sendTransaction') {
			return sendError(id, SEND_CODES.unsupported, `there is no ${method} here`);
		}
		const parsed = v.safeParse(transaction, parseJson(request.params[0]));
		if (!parsed.success) {
			return sendError(id, SEND_CODES.badRequest, 'the transaction cannot be read');
		}
		return this.#sendTransaction(id, parsed.output);
	}

	listen(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	disconnect(): void {
		this.#parts.connection.set(false);
	}

	get #address(): string {
		return friendlyAddress(this.#parts.wallet.account, { isBounceable: false, isTest: true });
	}

	async #sendTransaction(id: string, request: TransactionRequest): Promise<RpcAnswer> {
		const { network, messages, valid_until: validUntil = Infinity } = request;
		if (network !== undefined && network !== NETWORK) {
			const message = `this wallet is for ${NETWORK}, not for ${network}`;
			return sendError(id, SEND_CODES.badRequest, message);
		}
		const { wallet, approve } = this.#parts;
		try {
			const transfers = messages.map(transferOf);
			const totalNano = transfers.reduce((sum, { amountNano }) => sum + amountNano, 0n);
			const [feeNano, balanceNano] = await Promise.all([
				wallet.feeNano(messages),
				wallet.balanceNano()
			]);
			if (!(await approve({ kind: 'send', transfers, totalNano, feeNano, balanceNano }))) {
				return sendError(id, SEND_CODES.rejected, 'the person refused');
			}
			return { id, result: await wallet.send(messages, Math.min(validUntil, 0xffff_ffff)) };
		} catch (error) {
			return sendError(id, SEND_CODES.unknown, error instanceof Error ? error.message : 'failed');
		}
	}

	#items(items: ConnectRequest['items'], domain: string): Promise<object[]> {
		return Promise.all(
			items.map((item) =>
				item.name === 'ton_addr' ? this.#addressItem() : this.#proofItem(item.payload, domain)
			)
		);
	}

	#addressItem() {
		const { account, publicKey, stateInit } = this.#parts.wallet;
		return {
			name: 'ton_addr',
			address: account,
			network: NETWORK,
			publicKey: Buffer.from(publicKey).toString('hex'),
			walletStateInit: stateInit
		};
	}

	async #proofItem(payload: string, domain: string) {
		const { wallet } = this.#parts;
		const timestamp = Math.floor(Date.now() / 1000);
		const digest = await tonProofDigest({ account: wallet.account, domain, timestamp, payload });
		return {
			name: 'ton_proof',
			proof: {
				timestamp,
				domain: { lengthBytes: utf8(domain).length, value: domain },
				payload,
				signature: Buffer.from(await wallet.sign(digest)).toString('base64')
			}
		};
	}

	#connectError(code: number, message: string) {
		return this.#event('connect_error', { code, message });
	}

	#event(event: string, payload: unknown) {
		return { event, id: ++this.#lastEvent, payload };
	}
}

function sendError(id: string, code: number, message: string): RpcAnswer {
	return { id, error: { code, message } };
}

function parseJson(text: unknown): unknown {
	try {
		return JSON.parse(String(text)) as unknown;
	} catch {
		return undefined;
	}
}
