import * as v from 'valibot';
import { parseAccount, type Account } from '../account.ts';
import { PROOF_PATH, PROOF_PAYLOAD_PATH } from '../paths.ts';
import type { ConnectOutcome } from './outcomes.ts';
import type { WalletSession } from './wallet-session.ts';

const REQUEST_TIMEOUT_MS = 15_000;

export type ProveOutcome =
	/** The coordinator has checked that the person owns it. */
	| { kind: 'proven'; account: Account; address: string }
	/** The wallet signed nothing, or something else than it was asked. */
	| { kind: 'not_proven'; message: string }
	| Exclude<ConnectOutcome, { kind: 'connected' }>;

const payloadAnswer = v.object({ payload: v.pipe(v.string(), v.minLength(1), v.maxLength(128)) });
const proofAnswer = v.union([
	v.object({
		account: v.pipe(
			v.string(),
			v.check((text) => parseAccount(text) !== null),
			v.transform((text) => text as Account)
		)
	}),
	v.object({ error: v.object({ code: v.string(), message: v.string() }) })
]);

/**
 * Connects a wallet anew and has it sign that its owner is here. A wallet signs that only while it is being
 * connected, so one that is connected already is let go first.
 */
export async function proveAddress(
	session: WalletSession,
	coordinator: URL,
	globalId: number
): Promise<ProveOutcome> {
	try {
		const { payload } = v.parse(payloadAnswer, await post(coordinator, PROOF_PAYLOAD_PATH, {}));
		await session.disconnect();
		const outcome = await session.connect({ proofPayload: payload });
		if (outcome.kind !== 'connected') return outcome;
		const { account, address, stateInit, proof } = outcome.wallet;
		if (!proof || stateInit === null) {
			return { kind: 'not_proven', message: 'the wallet signed no proof' };
		}
		const body = { address: account, network: String(globalId), walletStateInit: stateInit, proof };
		const answer = v.parse(proofAnswer, await post(coordinator, PROOF_PATH, body));
		return 'account' in answer
			? { kind: 'proven', account: answer.account, address }
			: { kind: 'not_proven', message: answer.error.message };
	} catch (error) {
		return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
	}
}

async function post(coordinator: URL, path: string, body: object): Promise<unknown> {
	const response = await fetch(new URL(path, coordinator), {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
		signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
	});
	return response.json();
}
