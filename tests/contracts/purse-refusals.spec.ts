import { Address, beginCell, toNano, type Cell, type StateInit } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import { beforeAll, describe, expect, it } from 'vitest';
import { purseStateInit } from '../../src/lib/chain/contracts/purse-data.ts';
import type { Purse } from '../../src/lib/chain/contracts/purse.ts';
import {
	PURSE_EXIT_CODES,
	purseRefusal,
	TVM_EXIT_CODES,
	type PurseRefusal
} from '../../src/lib/chain/contracts/refusals.ts';
import { randomBytes } from '../../src/lib/protocol/bytes.ts';
import { exitCodesOf } from './support/exit-codes.ts';
import { hashOf, identityFrom } from './support/keys.ts';
import { MAINNET_ID, PRICE_SETS } from './support/prices.ts';
import { redemption, type RedemptionParts } from './support/tickets.ts';
import { DAY, verdict, World } from './support/world.ts';

type Case = (world: World, purse: Address) => Promise<{ body: Cell; init?: StateInit }>;

const wrong =
	(parts: (world: World) => Partial<RedemptionParts> | Promise<Partial<RedemptionParts>>): Case =>
	async (world, purse) =>
		redemption(world, purse, await parts(world));

/** Redemptions that a purse must not pay, by what it has to say. Some change the purse first. */
const REDEMPTIONS: Partial<Record<PurseRefusal, Record<string, Case>>> = {
	unknownMessage: {
		'another opcode': async (world, purse) => {
			const { body } = await redemption(world, purse);
			return {
				body: beginCell().storeUint(7, 32).storeSlice(body.beginParse().skip(32)).endCell()
			};
		}
	},
	stateInitAttached: {
		'the purse itself attached': async (world, purse) => ({
			...(await redemption(world, purse)),
			init: purseStateInit({
				owner: world.owner.address,
				number: 0,
				sessionKey: world.session.publicKey,
				reserveNano: 80_000_000n
			})
		})
	},
	wrongNetwork: {
		'mainnet’s ticket': wrong(() => ({ network: MAINNET_ID })),
		'testnet’s ticket': wrong(() => ({ network: -3 }))
	},
	wrongPurse: {
		'another purse of the owner': wrong((world) => ({ purse: world.purse({ number: 1 }).address })),
		'the same hash in the masterchain': async (world, purse) =>
			redemption(world, purse, { purse: new Address(-1, purse.hash) })
	},
	expired: {
		'a second ago': wrong((world) => ({ expires: world.now - 1 })),
		'in 1970': wrong(() => ({ expires: 0 }))
	},
	expiresTooLate: {
		'the day after tomorrow': wrong((world) => ({
			expires: (Math.floor(world.now / DAY) + 2) * DAY
		})),
		never: wrong(() => ({ expires: 2 ** 32 - 1 }))
	},
	faceValueTooHigh: {
		'a nano above a quarter of the reserve': wrong(() => ({ faceValueNano: 20_000_001n })),
		'all the money in the world': wrong(() => ({ faceValueNano: (1n << 119n) + 1n }))
	},
	faceValueTooLow: {
		'nothing at all': wrong(() => ({ faceValueNano: 0n })),
		'too little to pay for itself': wrong(() => ({ faceValueNano: 2_000_000n }))
	},
	wrongSecret: {
		'another secret': wrong(async () => ({ commit: hashOf('not the hash of the secret') })),
		'the secret itself as commit': wrong(() => ({
			secret: hashOf('open secret'),
			commit: hashOf('open secret')
		}))
	},
	losingTicket: {
		'odds of nothing': wrong(() => ({ odds: 0n })),
		'odds of one in 2^64': wrong(() => ({ odds: 1n }))
	},
	unsafeKey: {
		'an unsafe key': async (world, purse) => {
			await world.setPurseData(purse, { sessionKey: new Uint8Array(32) });
			return redemption(world, purse);
		}
	},
	wrongSignature: {
		'a stranger’s key': wrong(async () => ({ signer: (await identityFrom('thief')).privateKey })),
		'random bytes': wrong(() => ({ signature: randomBytes(64) })),
		'the signature of another ticket': async (world, purse) => {
			const { signature } = await redemption(world, purse);
			return redemption(world, purse, { signature });
		}
	},
	alreadyRedeemed: {
		'the very same message': async (world, purse) => {
			const again = await redemption(world, purse);
			expect(verdict(await world.external(purse, again.body))).toBe('ok');
			return again;
		}
	},
	tooManyPaid: {
		'on a day with 15,000 payouts': async (world, purse) => {
			const day = Math.floor(world.now / DAY);
			await world.setPurseData(purse, { day, paidToday: 15_000 });
			return redemption(world, purse);
		}
	},
	notCovered: {
		'a purse with less than the face value': async (world, purse) => {
			const account = await world.chain.getContract(purse);
			account.balance = toNano('0.02');
			return redemption(world, purse);
		}
	}
};

const CASES = Object.entries(REDEMPTIONS).flatMap(([kind, cases]) =>
	Object.entries(cases).map(([title, make]) => ({ kind: kind as PurseRefusal, title, make }))
);

describe.each(PRICE_SETS)('at the prices of %s', (prices) => {
	let world: World;
	let purse: SandboxContract<Purse>;

	async function fresh(): Promise<void> {
		world = await World.create(prices);
		purse = await world.openPurse(toNano('1'));
	}

	/** All of the account that a message could change. */
	const traces = async () => {
		const account = await world.chain.getContract(purse.address);
		return {
			balance: account.balance,
			data: (await world.data(purse.address)).hash().toString('hex'),
			lt: account.lastTransactionLt
		};
	};

	describe.each(CASES)('$kind: $title', ({ kind, make }) => {
		beforeAll(fresh);

		it('is refused from outside before it costs the purse anything', async () => {
			const { body, init } = await make(world, purse.address);
			const before = await traces();
			const outcome = await world.external(purse.address, body, init);
			expect(verdict(outcome)).toBe(`refused ${PURSE_EXIT_CODES[kind]}`);
			expect(await traces()).toEqual(before);
		});
	});

	// Only the import of an external message is at the purse's cost, and only there fees matter.
	const internal = CASES.filter(
		({ kind }) => !['stateInitAttached', 'faceValueTooLow'].includes(kind)
	);

	it.each(internal)('$kind: $title is refused from a wallet too', async ({ kind, make }) => {
		await fresh();
		const { body } = await make(world, purse.address);
		const { balance, data } = await traces();
		const outcome = await world.internal(
			world.stranger.address,
			purse.address,
			toNano('0.1'),
			body
		);
		expect(verdict(outcome)).toBe(`failed ${PURSE_EXIT_CODES[kind]}`);
		expect(await traces()).toMatchObject({ balance, data });
	});
});

describe('what is no redemption at all', () => {
	let world: World;
	let purse: SandboxContract<Purse>;

	beforeAll(async () => {
		world = await World.create();
		purse = await world.openPurse(toNano('1'));
	});

	const good = () => redemption(world, purse.address);
	const replaceTicket = (body: Cell, ticket: Cell) =>
		beginCell().storeBits(body.bits).storeRef(ticket).endCell();

	const broken: Record<string, () => Promise<[body: Cell, exitCode: number]>> = {
		'an empty body': async () => [beginCell().endCell(), PURSE_EXIT_CODES.unknownMessage],
		'half an opcode': async () => [
			beginCell().storeUint(0, 16).endCell(),
			PURSE_EXIT_CODES.unknownMessage
		],
		'a body without a ticket': async () => [
			beginCell()
				.storeBits((await good()).body.bits)
				.endCell(),
			TVM_EXIT_CODES.malformed
		],
		'a bit too much in the body': async () => [
			beginCell()
				.storeSlice((await good()).body.beginParse())
				.storeBit(0)
				.endCell(),
			TVM_EXIT_CODES.malformed
		],
		'another cell beside the ticket': async () => [
			beginCell()
				.storeSlice((await good()).body.beginParse())
				.storeRef(beginCell())
				.endCell(),
			TVM_EXIT_CODES.malformed
		],
		'another cell where the ticket should be': async () => [
			replaceTicket((await good()).body, beginCell().storeUint(1, 32).endCell()),
			TVM_EXIT_CODES.wrongTag
		],
		'a ticket with a bit too much': async () => {
			const { body, ticket } = await good();
			const longer = beginCell().storeSlice(ticket.beginParse()).storeBit(0).endCell();
			return [replaceTicket(body, longer), TVM_EXIT_CODES.malformed];
		},
		'a ticket with a whole address of another workchain': async () => {
			const { body, ticket } = await good();
			const slice = ticket.beginParse();
			const start = slice.loadBits(32 + 32 + 267);
			const payee = new Address(-1, slice.loadBuffer(32));
			const longer = beginCell().storeBits(start).storeAddress(payee).storeSlice(slice).endCell();
			return [replaceTicket(body, longer), TVM_EXIT_CODES.malformed];
		}
	};

	it.each(Object.keys(broken))('%s is refused and costs nothing', async (title) => {
		const [body, exitCode] = (await broken[title]?.()) ?? [];
		if (!body) throw new Error(title);
		const balance = await world.balance(purse.address);
		const outcome = await world.external(purse.address, body);
		expect(verdict(outcome)).toBe(`refused ${exitCode}`);
		expect(await world.balance(purse.address)).toBe(balance);
	});
});

describe('refusals', () => {
	it('have a test here or in purse-owner.spec.ts, each of them', () => {
		const byOwner = ['notOwner', 'notEnoughFree', 'reserveLocked', 'idsStillValid'];
		expect([...Object.keys(REDEMPTIONS), ...byOwner].sort()).toEqual(
			Object.keys(PURSE_EXIT_CODES).sort()
		);
	});

	it('have a sentence each, and no two the same', () => {
		const codes = Object.values({ ...PURSE_EXIT_CODES, ...TVM_EXIT_CODES });
		const sentences = codes.map((code) => purseRefusal(code)?.sentence);
		expect(new Set(sentences).size).toBe(codes.length);
		for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].+\.$/);
		expect(purseRefusal(0)).toBeNull();
		expect(purseRefusal(999)).toBeNull();
	});

	it('are numbered as in contracts/errors.tolk', async () => {
		expect(PURSE_EXIT_CODES).toEqual(await exitCodesOf('Refusal', 'PurseRefusal'));
	});
});
