import { beginCell, Cell, contractAddress, toNano, type Address } from '@ton/core';
import { runTolkCompiler } from '@ton/tolk-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { PURSE_EXIT_CODES } from '../../src/lib/chain/contracts/refusals.ts';
import {
	SIGNATURE_VECTORS,
	SMALL_ORDER_FORGERIES
} from '../../src/lib/chain/signature-self-test.ts';
import { fromHex, type Bytes } from '../../src/lib/protocol/bytes.ts';
import { isSmallOrderKey } from '../../src/lib/protocol/keys.ts';
import { forgeUnder, ORDER, signWith, toLittleEndian, TORSION } from './support/ed25519.ts';
import { seedOf } from './support/keys.ts';
import { redeemBody, redemption } from './support/tickets.ts';
import { verdict, World } from './support/world.ts';

const VERIFIER = `tolk 1.3
fun onInternalMessage(_: InMessage) {}
get fun is_valid(message: int, signature: slice, key: int): bool {
    return isSignatureValid(message, signature, key);
}`;

const bytes = (hex: string): Bytes => fromHex(hex) ?? new Uint8Array();
const number = (part: Uint8Array) => BigInt(`0x${Buffer.from(part).toString('hex')}`);

describe('TVM', () => {
	let world: World;
	let verifier: Address;

	beforeAll(async () => {
		world = await World.create();
		const compiled = await runTolkCompiler({
			entrypointFileName: 'verifier.tolk',
			fsReadCallback: () => VERIFIER
		});
		if (compiled.status === 'error') throw new Error(compiled.message);
		const init = { code: Cell.fromBase64(compiled.codeBoc64), data: beginCell().endCell() };
		verifier = contractAddress(0, init);
		await world.internal(world.owner.address, verifier, toNano('1'), undefined, init);
	});

	async function isValid(message: Bytes, signature: Bytes, key: Bytes): Promise<boolean> {
		const cell = beginCell().storeBuffer(Buffer.from(signature)).endCell();
		const { stackReader } = await world.chain.runGetMethod(verifier, 'is_valid', [
			{ type: 'int', value: number(message) },
			{ type: 'slice', cell },
			{ type: 'int', value: number(key) }
		]);
		return stackReader.readBoolean();
	}

	it.each(SIGNATURE_VECTORS)('judges $name as the self-test expects it', async (vector) => {
		const { message, signature, key } = vector;
		expect(await isValid(bytes(message), bytes(signature), bytes(key))).toBe(vector.isValid);
	});

	it.each(SMALL_ORDER_FORGERIES)('takes a forgery under $key', async ({ key, signature }) => {
		const message = bytes(SIGNATURE_VECTORS[0]?.message ?? '');
		expect(await isValid(message, bytes(signature), bytes(key))).toBe(true);
	});

	describe('and a purse with a key of small order', () => {
		const tail = (first: string) => `${first}${'ff'.repeat(30)}7f`;
		const keys = [
			'00'.repeat(32),
			`01${'00'.repeat(31)}`,
			...SMALL_ORDER_FORGERIES.map(({ key }) => key),
			'26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
			...['ec', 'ed', 'ee'].map(tail),
			`00${'00'.repeat(30)}80`
		];

		it.each([...new Set(keys)])('%s refuses what TVM would take', async (hex) => {
			const key = bytes(hex);
			const purse = await world.openPurse(toNano('1'), { sessionKey: key });
			const draft = await redemption(world, purse.address);
			const signature = forgeUnder(key, draft.id);
			expect(await isValid(draft.id, signature, key)).toBe(true);
			expect(isSmallOrderKey(key)).toBe(true);
			const body = redeemBody(draft.secret, signature, draft.ticket);
			expect(verdict(await world.external(purse.address, body))).toBe(
				`refused ${PURSE_EXIT_CODES.unsafeKey}`
			);
		});
	});
});

describe('a purse', () => {
	let world: World;
	let purse: Address;

	beforeAll(async () => {
		world = await World.create();
		purse = (await world.openPurse(toNano('1'))).address;
	});

	const seed = seedOf('session');
	const redeemWith = async (sign: (id: Bytes) => Bytes) => {
		const { id, ticket, secret } = await redemption(world, purse);
		return verdict(await world.external(purse, redeemBody(secret, sign(id), ticket)));
	};
	const refused = `refused ${PURSE_EXIT_CODES.wrongSignature}`;

	it('takes a valid signature with any nonce', async () => {
		expect(await redeemWith((id) => signWith(seed, id, 12345n))).toBe('ok');
	});

	it('pays a ticket that was signed a second time only once', async () => {
		const { id, body, ticket, secret } = await redemption(world, purse);
		const again = redeemBody(secret, signWith(seed, id, 777n), ticket);
		expect(again.equals(body)).toBe(false);
		expect(verdict(await world.external(purse, body))).toBe('ok');
		expect(verdict(await world.external(purse, again))).toBe(
			`refused ${PURSE_EXIT_CODES.alreadyRedeemed}`
		);
	});

	it('refuses a signature with S above the order', async () => {
		const outcome = await redeemWith((id) => {
			const signature = signWith(seed, id, 99n);
			const s = number(signature.slice(32).reverse());
			return new Uint8Array([...signature.slice(0, 32), ...toLittleEndian(s + ORDER)]);
		});
		expect(outcome).toBe(refused);
	});

	it('refuses a signature whose R has a torsion part', async () => {
		expect(await redeemWith((id) => signWith(seed, id, 99n, TORSION))).toBe(refused);
	});
});
