import * as v from 'valibot';
import { toBase64Url, type Bytes } from './bytes.ts';
import { contributorPeerId, type PeerId } from './ids.ts';
import { accountText, bytes32, modelId, nanoText, safeCount, u32Count } from './job.ts';
import { explainIssue, openJws, signJws } from './jws.ts';

/** An offer lives at most this long by the coordinator's clock; it is posted again every 20 s. */
export const OFFER_TTL_MS = 60_000;
export const OFFER_REFRESH_MS = 20_000;
export const MAX_OFFER_BYTES = 8_192;

const positive = v.pipe(v.number(), v.minValue(0), v.maxValue(1e6));

const offeredModel = v.object({
	id: modelId,
	/** SHA-256 over the sorted lines of file hash and path of what was loaded. */
	digest: bytes32,
	engine: v.picklist(['webllm', 'wllama']),
	contextTokens: u32Count,
	/** Measured by the contributor's own benchmark after loading. */
	tokensPerSecond: positive,
	/** Nano per million tokens. Free jobs ignore them. */
	promptPrice: nanoText,
	completionPrice: nanoText
});

/** Of one offer: a requester takes the largest that its reserve allows. */
export const MAX_FACE_VALUES = 4;
const NOBODY = `0:${'0'.repeat(64)}`;

/** What a requester needs to pay with tickets; `docs/payments.md`. */
const paidTerms = v.strictObject({
	/** Global id of the TON network whose purses are taken. */
	network: v.pipe(v.number(), v.integer(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1)),
	/** Where winning tickets pay. */
	payout: v.pipe(accountText, v.notValue(NOBODY, 'must be an account that somebody owns')),
	/** In nano, the smallest first. */
	faceValues: v.pipe(
		v.array(nanoText),
		v.minLength(1),
		v.maxLength(MAX_FACE_VALUES),
		v.check(isRising, 'must be above 0 and rise')
	)
});

/** Of canonical decimal text; of anything else it may say what it likes, but never throws. */
function isRising(amounts: string[]): boolean {
	return amounts.every((amount, i) => {
		const before = amounts[i - 1] ?? '0';
		return amount.length === before.length ? amount > before : amount.length > before.length;
	});
}

const offerFields = v.object({
	v: v.literal(1),
	key: bytes32,
	models: v.pipe(v.array(offeredModel), v.minLength(1), v.maxLength(8)),
	slots: u32Count,
	waitMs: safeCount,
	jobs: v.picklist(['free', 'paid', 'both']),
	paid: v.exactOptional(paidTerms),
	features: v.pipe(v.array(v.pipe(v.string(), v.maxLength(32))), v.maxLength(32)),
	limits: v.object({ maxTokens: u32Count }),
	/** Unix milliseconds by the coordinator's clock. */
	issued: safeCount,
	expires: safeCount
});
const offerSchema = v.pipe(
	offerFields,
	v.forward(
		v.check(
			({ jobs, paid }) => (jobs === 'free') === (paid === undefined),
			'belongs to paid jobs, and must be there for them'
		),
		['paid']
	)
);

export type PaidTerms = v.InferOutput<typeof paidTerms>;
export type OfferedModel = v.InferOutput<typeof offeredModel>;
export type Offer = v.InferOutput<typeof offerFields>;

/** An offer whose signature was checked. `jws` is the signed text, hashed into the running state. */
export interface VerifiedOffer {
	jws: string;
	offer: Offer;
	key: Bytes;
	peer: PeerId;
}

export type OfferResult = { ok: true; value: VerifiedOffer } | { ok: false; reason: string };

const OFFER_TYPE = 'mulberry-offer';
const WITHDRAWAL_TYPE = 'mulberry-withdrawal';

export function signOffer(privateKey: CryptoKey, offer: Offer): Promise<string> {
	return signJws(privateKey, OFFER_TYPE, offer);
}

/**
 * Checks an offer's signature, shape and life time; total.
 *
 * @param nowMs the coordinator's clock
 */
export async function verifyOffer(jws: unknown, nowMs: number): Promise<OfferResult> {
	const opened = await openJws(jws, OFFER_TYPE, MAX_OFFER_BYTES);
	if ('reason' in opened) return { ok: false, reason: opened.reason };
	const parsed = v.safeParse(offerSchema, opened.payload, { abortEarly: true });
	if (!parsed.success) return { ok: false, reason: explainIssue(parsed.issues[0], 'offer') };
	const offer = parsed.output;
	if (offer.expires <= nowMs) return { ok: false, reason: 'expires: in the past' };
	if (offer.expires > nowMs + OFFER_TTL_MS + 5_000) {
		return { ok: false, reason: `expires: more than ${OFFER_TTL_MS / 1000} s ahead` };
	}
	const key = opened.key;
	return {
		ok: true,
		value: { jws: jws as string, offer, key, peer: contributorPeerId(key) }
	};
}

const withdrawalSchema = v.object({ v: v.literal(1), key: bytes32, issued: safeCount });

/** Signed beforehand, so that a closing page can send it without waiting for WebCrypto. */
export function signWithdrawal(
	privateKey: CryptoKey,
	key: Uint8Array,
	issuedMs: number
): Promise<string> {
	return signJws(privateKey, WITHDRAWAL_TYPE, {
		v: 1,
		key: toBase64Url(key),
		issued: issuedMs
	} satisfies v.InferOutput<typeof withdrawalSchema>);
}

/** Takes back the offer issued at `issued`, and every earlier one. Total. */
export async function verifyWithdrawal(
	jws: unknown
): Promise<{ peer: PeerId; issued: number } | null> {
	const opened = await openJws(jws, WITHDRAWAL_TYPE, MAX_OFFER_BYTES);
	if ('reason' in opened) return null;
	const parsed = v.safeParse(withdrawalSchema, opened.payload);
	return parsed.success
		? { peer: contributorPeerId(opened.key), issued: parsed.output.issued }
		: null;
}
