import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url, type Bytes } from '../protocol/bytes.ts';
import { newRequesterPeerId } from '../protocol/ids.ts';
import {
	Capabilities,
	CAPABILITY_TTL_MS,
	CHALLENGE_TTL_MS,
	Challenges,
	MAX_CAPABILITY_CHARS
} from './secrets.ts';

function bytesOf(text: string): Bytes {
	const bytes = fromBase64Url(text);
	if (!bytes) throw new Error(`expected base64url, came ${text}`);
	return bytes;
}

/** The same text with one bit of one byte turned. */
function flip(text: string, index: number): string {
	const bytes = bytesOf(text);
	const at = index % bytes.length;
	bytes[at] = (bytes[at] ?? 0) ^ 1;
	return toBase64Url(bytes);
}

describe('Challenges', () => {
	it('are 32 bytes, valid for 30 s and only once', () => {
		const challenges = new Challenges();
		const { challenge, expires } = challenges.issue(1000);
		expect(bytesOf(challenge)).toHaveLength(32);
		expect(expires).toBe(31_000);
		expect(challenges.use(bytesOf(challenge), 2000)).toBe(true);
		expect(challenges.use(bytesOf(challenge), 2000)).toBe(false);
	});

	it('are refused after their time, when altered, and by another coordinator', () => {
		const challenges = new Challenges();
		const { challenge } = challenges.issue(0);
		expect(challenges.use(bytesOf(challenge), CHALLENGE_TTL_MS)).toBe(false);
		expect(new Challenges().use(bytesOf(challenge), 1)).toBe(false);
		fc.assert(
			fc.property(fc.nat(31), (index) => !challenges.use(bytesOf(flip(challenge, index)), 1))
		);
	});

	it('of any bytes never throw', () => {
		const challenges = new Challenges();
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
				return !challenges.use(new Uint8Array(bytes), 0);
			})
		);
	});
});

describe('Capabilities', () => {
	const target = newRequesterPeerId();

	it('are valid for their target for two minutes, again and again', () => {
		const capabilities = new Capabilities();
		const capability = capabilities.issue(target, 0);
		expect(capability.length).toBeLessThanOrEqual(MAX_CAPABILITY_CHARS);
		expect(capabilities.isValid(capability, target, 0)).toBe(true);
		expect(capabilities.isValid(capability, target, CAPABILITY_TTL_MS - 1)).toBe(true);
		expect(capabilities.isValid(capability, target, CAPABILITY_TTL_MS)).toBe(false);
	});

	it('are refused for another target, when altered, and by another coordinator', () => {
		const capabilities = new Capabilities();
		const capability = capabilities.issue(target, 0);
		expect(capabilities.isValid(capability, newRequesterPeerId(), 0)).toBe(false);
		expect(new Capabilities().isValid(capability, target, 0)).toBe(false);
		fc.assert(
			fc.property(fc.nat(37), (index) => !capabilities.isValid(flip(capability, index), target, 0))
		);
	});

	it('of any text never throw', () => {
		const capabilities = new Capabilities();
		fc.assert(fc.property(fc.string(), (text) => !capabilities.isValid(text, target, 0)));
	});
});
