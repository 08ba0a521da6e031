import { fromHex, type Bytes } from '../protocol/bytes.ts';
import { verifySignature } from '../protocol/keys.ts';

/**
 * Whether this browser's Ed25519 agrees with TVM about odd signatures. Where it took one that TVM
 * refuses, a requester could pay with tickets that never redeem; so paid jobs need this to pass.
 * Libraries differ: see "Taming the many EdDSAs" (Chalkias, Garillon, Nikolaenko, 2020).
 */

export interface SignatureVector {
	name: string;
	key: string;
	message: string;
	signature: string;
	/** What TVM says, and the browser has to say. */
	isValid: boolean;
}

const KEY = 'a0406624a31944cfcebffd1a3a7bfe95d02b6f124c472c45525aff770157e16f';
const MESSAGE = 'af6f55cd215f1b1097de24d60f2d7f5c5e421fc52b7bcd5942631c695bffb290';
const R = '6d4f1d93dbadbdbf91cf65867e122c3cfe4723912af2d0690d4fee1524ec6183';

const vector = (name: string, signature: string, isValid: boolean, key = KEY): SignatureVector => ({
	...{ name, key, message: MESSAGE, signature, isValid }
});

/**
 * Made once from RFC 8032's formulas, the seed being SHA-256 of "mulberry ticket self-test". Left out are
 * signatures that a browser may refuse and TVM takes, as with a neutral R: they cost nobody anything.
 */
export const SIGNATURE_VECTORS: readonly SignatureVector[] = [
	vector('plain', `${R}bee5d8167c3ce81360ffd63debfa3bff9db76d5e4b8c0ce52a69c0d7d44c700b`, true),
	vector(
		'another message',
		`${R}bee5d8167c3ce81360ffd63debfa3bff9db76d5e4b8c0ce52a69c0d7d44c710b`,
		false
	),
	vector('S + L', `${R}abb9ce73969ffa6b369ccee0c9f41a149eb76d5e4b8c0ce52a69c0d7d44c701b`, false),
	vector(
		'R with a torsion part',
		'a2aeb5f890fa4bee4db5eea96257246f83ed585f824c1dadbe22a0d9bd009da5' +
			'81f0f428c6822c8965d0c33289ea9731e8ed3b81962be2444ed1ba5d6221a203',
		false
	),
	vector(
		'a key with a torsion part',
		`${R}e95a44554238630a94f8285d4fdd3a9ab7faa9a9a97b879686dc423c47f1db0e`,
		false,
		'ed9ff58335a625d60216861b18e1a1b90aee9b8d26f104dccd190934ef248b9a'
	),
	vector(
		'R is the neutral point, y above the prime',
		'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f' +
			'568a176a6135fde3353be888c0f4c7d0d402653dc7be43c0961c20ef6f19ea0e',
		false
	),
	vector(
		'R is the neutral point, x of the wrong sign',
		'0100000000000000000000000000000000000000000000000000000000000080' +
			'cab4566a2e70ec01a1675b9df96180d92e359b0e2989293bbfabfa6e27f3b004',
		false
	)
];

/** Forgeries that plain verifiers take, TVM among them: such a key must be refused beforehand. */
export const SMALL_ORDER_FORGERIES: readonly { key: string; signature: string }[] = [
	{
		key: '0000000000000000000000000000000000000000000000000000000000000000',
		signature:
			'c9a3f86aae465f0e56513864510f3997561fa2c9e85ea21dc2292309f3cd6022' +
			'0200000000000000000000000000000000000000000000000000000000000000'
	},
	{
		key: '0100000000000000000000000000000000000000000000000000000000000000',
		signature:
			'5866666666666666666666666666666666666666666666666666666666666666' +
			'0100000000000000000000000000000000000000000000000000000000000000'
	},
	{
		key: '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
		signature:
			'9bad33f580df7ecc49df5342bac8145d5bedc40f573d1b067f3c4ce449689a15' +
			'0100000000000000000000000000000000000000000000000000000000000000'
	},
	{
		key: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
		signature:
			'5866666666666666666666666666666666666666666666666666666666666666' +
			'0100000000000000000000000000000000000000000000000000000000000000'
	},
	{
		key: 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
		signature:
			'9599999999999999999999999999999999999999999999999999999999999999' +
			'0100000000000000000000000000000000000000000000000000000000000000'
	},
	{
		key: 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
		signature:
			'5866666666666666666666666666666666666666666666666666666666666666' +
			'0100000000000000000000000000000000000000000000000000000000000000'
	}
];

function bytesOf(hex: string): Bytes {
	const bytes = fromHex(hex);
	if (bytes === null) throw new TypeError(`hex: expected whole bytes, found ${hex}`);
	return bytes;
}

/** @returns the names of the vectors that this browser judges otherwise than TVM; empty is good */
export async function failedSignatureVectors(verify = verifySignature): Promise<string[]> {
	const failed: string[] = [];
	for (const { name, key, message, signature, isValid } of SIGNATURE_VECTORS) {
		const said = await verify(bytesOf(key), bytesOf(signature), bytesOf(message));
		if (said !== isValid) failed.push(name);
	}
	for (const { key, signature } of SMALL_ORDER_FORGERIES) {
		if (await verify(bytesOf(key), bytesOf(signature), bytesOf(MESSAGE))) failed.push(`key ${key}`);
	}
	return failed;
}
