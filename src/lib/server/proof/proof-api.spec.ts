import { beginCell, Cell, storeStateInit, type StateInit } from '@ton/core';
import { keyPairFromSeed, sign } from '@ton/crypto';
import { WalletContractV3R2, WalletContractV4, WalletContractV5R1 } from '@ton/ton';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFaucet } from '../../chain/coordinator-chain.ts';
import { parseAccount, type Account } from '../../chain/account.ts';
import { NETWORKS } from '../../chain/networks.ts';
import { eventually, TestWallet } from '../../chain/testing/test-wallet.ts';
import { openTonClient } from '../../chain/ton-client.ts';
import { tonProofDigest } from '../../chain/ton-proof.ts';
import { Challenges } from '../secrets.ts';
import { startCoordinator, type TestCoordinator } from '../testing/start-coordinator.ts';
import { checkProof, type ProofContext } from './check-proof.ts';
import type { ProofRequest } from './proof-request.ts';

const DOMAIN = 'mulberry.example';
const ORIGIN = `https://${DOMAIN}`;

let server: TestCoordinator;
let url: URL;
beforeAll(async () => {
	server = await startCoordinator({ origin: ORIGIN, devnetBlockMs: 50, requestsPerSecond: 10_000 });
	url = new URL(`http://127.0.0.1:${server.port}`);
});
afterAll(() => server.close());

const keys = (seed: number) => keyPairFromSeed(Buffer.alloc(32, seed));

function accountOf(contract: { address: { toRawString(): string } }): Account {
	const account = parseAccount(contract.address.toRawString());
	if (!account) throw new Error('expected an account of workchain 0');
	return account;
}

function w5(seed: number) {
	return WalletContractV5R1.create({
		publicKey: keys(seed).publicKey,
		walletId: { networkGlobalId: NETWORKS.devnet.globalId }
	});
}

function base64Of(init: StateInit): string {
	return beginCell().store(storeStateInit(init)).endCell().toBoc().toString('base64');
}

interface Claim {
	contract?: { address: { toRawString(): string }; init: StateInit };
	seed?: number;
	payload: string;
	timestamp?: number;
	domain?: string;
}

/** What a wallet that keeps to the rules would hand over. */
async function prove(claim: Claim): Promise<ProofRequest> {
	const { contract = w5(1), seed = 1, payload, domain = DOMAIN } = claim;
	const timestamp = claim.timestamp ?? Math.floor(Date.now() / 1000);
	const account = accountOf(contract);
	const digest = await tonProofDigest({ account, domain, timestamp, payload });
	return {
		address: account,
		network: String(NETWORKS.devnet.globalId),
		walletStateInit: base64Of(contract.init),
		proof: {
			timestamp,
			domain: { lengthBytes: Buffer.byteLength(domain), value: domain },
			payload,
			signature: sign(Buffer.from(digest), keys(seed).secretKey).toString('base64')
		}
	};
}

async function post(path: string, body?: unknown) {
	const response = await fetch(new URL(path, url), {
		method: 'POST',
		...(body === undefined ? {} : { body: JSON.stringify(body) })
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function freshPayload(): Promise<string> {
	return String((await post('/api/proof/payload')).body['payload']);
}

describe('POST /api/proof', () => {
	it('takes the proof of a wallet that was never deployed, once', async () => {
		const request = await prove({ payload: await freshPayload() });
		expect(await post('/api/proof', request)).toMatchObject({
			status: 200,
			body: { account: request.address }
		});
		expect(await post('/api/proof', request)).toMatchObject({
			status: 400,
			body: { error: { code: 'wrong_payload', field: 'proof.payload' } }
		});
	});

	it('refuses what it cannot read, and names the field', async () => {
		const good = await prove({ payload: await freshPayload() });
		for (const [field, bad] of [
			['address', { ...good, address: 'EQ' }],
			['network', { ...good, network: 'devnet' }],
			['walletStateInit', { ...good, walletStateInit: '{' }],
			['proof.timestamp', { ...good, proof: { ...good.proof, timestamp: 1.5 } }],
			['proof.signature', { ...good, proof: { ...good.proof, signature: '' } }]
		] as const) {
			expect(await post('/api/proof', bad)).toMatchObject({
				status: 400,
				body: { error: { code: 'bad_proof', field } }
			});
		}
		expect(await post('/api/proof', 'x'.repeat(20_000))).toMatchObject({ status: 400 });
	});

	it('limits how often one caller may ask', async () => {
		const statuses: number[] = [];
		for (let i = 0; i < 25; i++) statuses.push((await post('/api/proof', {})).status);
		expect(statuses).toContain(429);
	});
});

describe('without ORIGIN', () => {
	it('believes the host on this machine, and no other', async () => {
		const local = await startCoordinator({ devnetBlockMs: 50 });
		try {
			const { payload } = (await local.coordinator.proof.payload().json()) as { payload: string };
			const ask = async (host: string) => {
				const body = JSON.stringify(await prove({ payload, domain: host }));
				const request = new Request(`http://${host}:3000/api/proof`, { method: 'POST', body });
				return (await local.coordinator.proof.check(request)).status;
			};
			// A proof that somebody made for another site, sent here under that site's name.
			expect(await ask('evil.example')).toBe(503);
			expect(await ask('localhost')).toBe(200);
		} finally {
			await local.close();
		}
	});
});

describe('a proof', () => {
	const payloads = new Challenges(60_000);
	const nowMs = Date.now();
	const context: ProofContext = {
		...{ globalId: -217, domains: [DOMAIN], payloads, nowMs },
		chain: { call: async () => ({ ok: false, code: 500, error: 'not asked' }) }
	};
	const issue = () => payloads.issue(nowMs).challenge;
	const check = async (request: ProofRequest, changes: Partial<ProofContext> = {}) => {
		const checked = await checkProof(request, { ...context, ...changes });
		return checked.ok ? 'ok' : checked.fault.code;
	};

	it('of each known kind of wallet is taken', async () => {
		const { publicKey } = keys(1);
		for (const contract of [
			w5(1),
			WalletContractV4.create({ workchain: 0, publicKey }),
			WalletContractV3R2.create({ workchain: 0, publicKey })
		]) {
			expect(await check(await prove({ contract, payload: issue() }))).toBe('ok');
		}
	});

	it('altered in any field is refused', async () => {
		const good = await prove({ payload: issue() });
		const { proof } = good;
		const flipped = Buffer.from(proof.signature, 'base64');
		flipped[5] = (flipped[5] ?? 0) ^ 1;
		const other = await prove({ contract: w5(2), seed: 2, payload: issue() });
		const altered: [string, ProofRequest][] = [
			['wrong_network', { ...good, network: '-239' }],
			[
				'wrong_domain',
				{ ...good, proof: { ...proof, domain: { ...proof.domain, value: 'evil' } } }
			],
			[
				'wrong_domain',
				{ ...good, proof: { ...proof, domain: { ...proof.domain, lengthBytes: 3 } } }
			],
			['wrong_payload', { ...good, proof: { ...proof, payload: `${proof.payload.slice(1)}A` } }],
			['bad_state_init', { ...good, walletStateInit: other.walletStateInit }],
			['bad_state_init', { ...good, address: other.address }],
			['bad_state_init', { ...good, walletStateInit: Cell.EMPTY.toBoc().toString('base64') }]
		];
		for (const [code, request] of altered) {
			const payload = request.proof.payload === proof.payload ? issue() : request.proof.payload;
			expect(await check({ ...request, proof: { ...request.proof, payload } })).toBe(code);
		}
		const signed: [string, Partial<ProofRequest['proof']>][] = [
			['its signature', { signature: flipped.toString('base64') }],
			['its time', { timestamp: proof.timestamp - 1 }],
			['its payload, for another that was given out', { payload: issue() }]
		];
		for (const [what, changes] of signed) {
			const fresh = await prove({ payload: issue() });
			const changed = { ...fresh, proof: { ...fresh.proof, ...changes } };
			expect([what, await check(changed)]).toEqual([what, 'wrong_signature']);
		}
	});

	it('by another key than the address names is refused', async () => {
		expect(await check(await prove({ seed: 9, payload: issue() }))).toBe('wrong_signature');
	});

	it('of another time than now is refused', async () => {
		const seconds = Math.floor(nowMs / 1000);
		for (const timestamp of [seconds - 1_000, seconds + 120]) {
			expect(await check(await prove({ payload: issue(), timestamp }))).toBe('wrong_time');
		}
		expect(await check(await prove({ payload: issue(), timestamp: seconds - 600 }))).toBe('ok');
	});

	it('whose payload is older than it may be is refused', async () => {
		const early = payloads.issue(nowMs - 61_000).challenge;
		expect(await check(await prove({ payload: early }))).toBe('wrong_payload');
	});

	it('made for another site is refused', async () => {
		const request = await prove({ payload: issue(), domain: 'evil.example' });
		expect(await check(request)).toBe('wrong_domain');
	});

	it('of a wallet of unknown code is checked with the key that the contract tells', async () => {
		const { publicKey } = keys(1);
		const code = beginCell().storeUint(7, 8).endCell();
		const init = { code, data: Cell.EMPTY };
		const address = (await import('@ton/core')).contractAddress(0, init);
		const contract = { address, init };
		const told = (stack: unknown, exitCode = 0) => ({
			chain: {
				call: async () => ({ ok: true as const, result: { stack, exit_code: exitCode } })
			}
		});
		const ask = async (changes: Partial<ProofContext>) =>
			check(await prove({ contract, payload: issue() }), changes);
		const key = [['num', `0x${publicKey.toString('hex')}`]];
		expect(await ask(told(key))).toBe('ok');
		expect(await ask(told(key, 11))).toBe('no_public_key');
		expect(await ask(told([['cell', {}]]))).toBe('no_public_key');
		expect(await ask(told([['num', '0x1']]))).toBe('wrong_signature');
		expect(await ask({})).toBe('no_public_key');
	});
});

describe('get_public_key on the chain', () => {
	it('answers in the shape that the check reads', async () => {
		const client = await openTonClient(url);
		const wallet = new TestWallet(client, 5);
		await askFaucet(url, wallet.address.toString());
		await eventually(async () => (await wallet.balance()) > 0n, 'the coins');
		await wallet.send({ to: wallet.address, value: 1n, seqno: 0 });
		await eventually(async () => (await wallet.seqno()) === 1, 'the wallet');
		const reply = await fetch(new URL('/api/chain/jsonRPC', url), {
			method: 'POST',
			body: JSON.stringify({
				method: 'runGetMethod',
				params: { address: wallet.address.toString(), method: 'get_public_key' }
			})
		});
		const hex = wallet.keys.publicKey.toString('hex').replace(/^0+/, '');
		expect(await reply.json()).toMatchObject({
			result: { exit_code: 0, stack: [['num', `0x${hex}`]] }
		});
	});
});
