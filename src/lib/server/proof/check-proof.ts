import type { Account } from '../../chain/account.ts';
import type { ChainBackend } from '../../chain/rpc.ts';
import { tonProofDigest } from '../../chain/ton-proof.ts';
import { fromHex, fromBase64Url, utf8, type Bytes } from '../../protocol/bytes.ts';
import { verifySignature } from '../../protocol/keys.ts';
import type { Challenges } from '../secrets.ts';
import type { ProofRequest } from './proof-request.ts';

/** A person reads, a phone is fetched, its clock is a little off. */
const MAX_AGE_SECONDS = 900;
const MAX_AHEAD_SECONDS = 60;

export interface ProofContext {
	globalId: number;
	/** The hosts that people open the pages at; wallets name one with or without its port. */
	domains: readonly string[];
	payloads: Challenges;
	/** Asked for the key of a wallet whose code is not known. */
	chain: Pick<ChainBackend, 'call'>;
	nowMs: number;
}

export interface ProofFault {
	code:
		| 'wrong_network'
		| 'wrong_domain'
		| 'wrong_time'
		| 'wrong_payload'
		| 'bad_state_init'
		| 'no_public_key'
		| 'wrong_signature';
	field: string;
	message: string;
}

/** Whether the wallet with this address signed for this site, now, and for the first time. */
export async function checkProof(
	{ address, network, walletStateInit, proof }: ProofRequest,
	context: ProofContext
): Promise<{ ok: true; account: Account } | { ok: false; fault: ProofFault }> {
	const { domain, timestamp, payload } = proof;
	const nowSeconds = context.nowMs / 1000;
	if (network !== String(context.globalId)) {
		return fault('wrong_network', 'network', `expected ${context.globalId}, came ${network}`);
	}
	if (!context.domains.includes(domain.value) || domain.lengthBytes !== utf8(domain.value).length) {
		return fault(
			'wrong_domain',
			'proof.domain',
			`expected ${context.domains.join(' or ')}, came ${domain.value}`
		);
	}
	if (timestamp < nowSeconds - MAX_AGE_SECONDS || timestamp > nowSeconds + MAX_AHEAD_SECONDS) {
		return fault('wrong_time', 'proof.timestamp', 'expected one of the last 15 minutes');
	}
	if (!context.payloads.use(fromBase64Url(payload) ?? new Uint8Array(), context.nowMs)) {
		return fault('wrong_payload', 'proof.payload', 'expected one that was given out and not used');
	}
	const found = await publicKey(address, walletStateInit, context.chain);
	if (!found.ok) return found;
	const digest = await tonProofDigest({
		account: address,
		domain: domain.value,
		timestamp,
		payload
	});
	const signature = new Uint8Array(Buffer.from(proof.signature, 'base64'));
	if (await verifySignature(found.key, signature, digest)) return { ok: true, account: address };
	return fault('wrong_signature', 'proof.signature', 'expected one by the key of this wallet');
}

type FoundKey = { ok: true; key: Bytes } | ReturnType<typeof fault>;

async function publicKey(
	account: Account,
	stateInit: string,
	chain: ProofContext['chain']
): Promise<FoundKey> {
	// Not at the start: few coordinators are ever asked, and TON's wallets take a while to load.
	const { keyOfStateInit } = await import('../../chain/known-wallets.ts');
	const known = keyOfStateInit(account, stateInit);
	if (known.ok) return known;
	if (known.kind === 'bad_state_init') {
		return fault('bad_state_init', 'walletStateInit', known.message);
	}
	const reply = await chain.call({
		method: 'runGetMethod',
		params: { address: account, method: 'get_public_key', stack: [] }
	});
	const key = reply.ok ? keyFromStack(reply.result) : null;
	if (key) return { ok: true, key };
	return fault(
		'no_public_key',
		'walletStateInit',
		'the wallet is of an unknown kind and names no key'
	);
}

/** `[["num", "0x…"]]` with exit code 0 is what a wallet with the method answers. */
function keyFromStack(result: unknown): Bytes | null {
	const { stack, exit_code: exitCode } = (result ?? {}) as { stack?: unknown; exit_code?: unknown };
	const [first] = Array.isArray(stack) ? (stack as unknown[]) : [];
	if (exitCode !== 0 || !Array.isArray(first) || first[0] !== 'num') return null;
	const hex = /^0x([0-9a-f]{1,64})$/i.exec(String(first[1]))?.[1];
	return hex === undefined ? null : fromHex(hex.padStart(64, '0'));
}

function fault(code: ProofFault['code'], field: string, message: string) {
	return { ok: false as const, fault: { code, field, message: `${field}: ${message}.` } };
}
