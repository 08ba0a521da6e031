import { createHash } from 'node:crypto';
import type { Bytes } from '../../../src/lib/protocol/bytes.ts';

/**
 * Ed25519 by the formulas of RFC 8032, for signatures that no library would make: a second one of the
 * same message, one with a torsion part, one under a key of small order. Slow, and not constant in time.
 */

const P = 2n ** 255n - 19n;
/** The order of the base point. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

type Point = readonly [x: bigint, y: bigint];

const mod = (value: bigint, by = P) => ((value % by) + by) % by;

function power(base: bigint, exponent: bigint): bigint {
	let result = 1n;
	for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = mod(square * square)) {
		if (rest & 1n) result = mod(result * square);
	}
	return result;
}

const inverse = (value: bigint) => power(mod(value), P - 2n);
const D = mod(-121665n * inverse(121666n));

export function add([x1, y1]: Point, [x2, y2]: Point): Point {
	const k = mod(D * x1 * x2 * y1 * y2);
	return [mod((x1 * y2 + x2 * y1) * inverse(1n + k)), mod((y1 * y2 + x1 * x2) * inverse(1n - k))];
}

export function multiply(point: Point, by: bigint): Point {
	let result: Point = [0n, 1n];
	for (let double = point, rest = by; rest > 0n; rest >>= 1n, double = add(double, double)) {
		if (rest & 1n) result = add(result, double);
	}
	return result;
}

function littleEndian(bytes: Uint8Array): bigint {
	return BigInt(`0x${Buffer.from(Uint8Array.from(bytes).reverse()).toString('hex')}`);
}

export function toLittleEndian(value: bigint): Bytes {
	const bytes = Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
	return new Uint8Array(bytes.reverse());
}

export const encode = ([x, y]: Point): Bytes => toLittleEndian(y | ((x & 1n) << 255n));

export function decode(bytes: Uint8Array): Point {
	const number = littleEndian(bytes);
	const y = mod(number & ((1n << 255n) - 1n));
	const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
	let x = power(square, (P + 3n) / 8n);
	if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n));
	if (mod(x * x - square) !== 0n) throw new Error('not a point of the curve');
	return [(x & 1n) === number >> 255n ? x : mod(-x), y];
}

export const BASE = decode(toLittleEndian(mod(4n * inverse(5n))));
/** A point of order 8. */
export const TORSION = decode(
	Buffer.from('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', 'hex')
);

const sha512 = (...parts: Uint8Array[]): Bytes =>
	new Uint8Array(createHash('sha512').update(Buffer.concat(parts)).digest());

export const challenge = (r: Bytes, key: Bytes, message: Bytes): bigint =>
	littleEndian(sha512(r, key, message)) % ORDER;

/** The secret scalar behind a 32-byte seed. */
function scalarOf(seed: Bytes): bigint {
	const low = littleEndian(sha512(seed).subarray(0, 32));
	return (low & ((1n << 254n) - 8n)) | (1n << 254n);
}

/** A signature with a nonce of the caller's, and R moved by `shift`. Valid if R is not moved. */
export function signWith(
	seed: Bytes,
	message: Bytes,
	nonce: bigint,
	shift: Point = [0n, 1n]
): Bytes {
	const scalar = scalarOf(seed);
	const key = encode(multiply(BASE, scalar));
	const r = encode(add(multiply(BASE, nonce), shift));
	const s = mod(nonce + challenge(r, key, message) * scalar, ORDER);
	return new Uint8Array([...r, ...toLittleEndian(s)]);
}

/** A signature that nobody's secret made, under a key of small order. */
export function forgeUnder(smallKey: Bytes, message: Bytes): Bytes {
	const key = decode(smallKey);
	for (let s = 1n; s < 100n; s++) {
		const left = multiply(BASE, s);
		for (let turn = 0n; turn < 8n; turn++) {
			const point = add(left, multiply(TORSION, turn));
			const r = encode(point);
			const right = add(point, multiply(key, challenge(r, smallKey, message) % 8n));
			if (right[0] === left[0] && right[1] === left[1]) {
				return new Uint8Array([...r, ...toLittleEndian(s)]);
			}
		}
	}
	throw new Error('no forgery found');
}
