import { concat, sha256, u32, u64, utf8, type Bytes } from './bytes.ts';
import { sign, verifySignature } from './keys.ts';

/**
 * The running state of a job: a hash chain over what was asked, offered, counted and answered.
 * Both sides compute it and it is never sent; the contributor signs it at the end of every run, so
 * that any prefix of an answer has a signature of its own.
 */
export class RunningState {
	/** st(s) of the last closed run s. */
	readonly value: Bytes;
	readonly seq: number;
	readonly tokens: number;
	readonly nano: bigint;

	private constructor(value: Bytes, seq: number, tokens: number, nano: bigint) {
		this.value = value;
		this.seq = seq;
		this.tokens = tokens;
		this.nano = nano;
	}

	/**
	 * st(0), right after prefill.
	 *
	 * @param job the job frame exactly as it was sent
	 * @param offer the offer (JWS) that the terms carried
	 * @param nano what the prompt costs; 0 for a free job
	 */
	static async start(
		salt: Bytes,
		job: string,
		offer: string,
		promptTokens: number,
		nano = 0n
	): Promise<RunningState> {
		const value = await sha256(
			concat(
				utf8('mulberry/1 receipt\n'),
				salt,
				await sha256(utf8(job)),
				await sha256(utf8(offer)),
				u64(promptTokens)
			)
		);
		return new RunningState(value, 0, 0, nano);
	}

	/** st(s) after the run `seq + 1` that brought `runTokens` tokens with this text. */
	async next(runTokens: number, runText: string, runNano = 0n): Promise<RunningState> {
		const seq = this.seq + 1;
		const tokens = this.tokens + runTokens;
		const nano = this.nano + runNano;
		const value = await sha256(
			concat(this.value, u32(seq), u64(tokens), u64(nano), await sha256(utf8(runText)))
		);
		return new RunningState(value, seq, tokens, nano);
	}
}

const signedBytes = (state: Bytes) => concat(utf8('mulberry/1 chunk\n'), state);

export function signRun(privateKey: CryptoKey, state: RunningState): Promise<Bytes> {
	return sign(privateKey, signedBytes(state.value));
}

export function verifyRun(key: Bytes, sig: Bytes, state: RunningState): Promise<boolean> {
	return verifySignedState(key, sig, state.value);
}

/** As `verifyRun`, for who has only the 32 bytes of the state. */
export function verifySignedState(key: Bytes, sig: Bytes, state: Bytes): Promise<boolean> {
	return verifySignature(key, sig, signedBytes(state));
}
