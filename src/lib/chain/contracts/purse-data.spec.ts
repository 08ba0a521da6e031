import { Address, beginCell, Dictionary } from '@ton/core';
import { describe, expect, it } from 'vitest';
import { randomBytes } from '../../protocol/bytes.ts';
import { BEACON_CODE, PURSE_CODE } from './code.ts';
import {
	initialPurseData,
	loadPurseData,
	purseAddress,
	purseStateInit,
	storePurseData,
	verifyPurse,
	type PurseConfig,
	type PurseData
} from './purse-data.ts';
import { Purse } from './purse.ts';

const config: PurseConfig = {
	owner: new Address(0, Buffer.alloc(32, 7)),
	number: 3,
	sessionKey: randomBytes(32),
	reserveNano: 80_000_000n
};
const address = purseAddress(config);
const used: PurseData = {
	...config,
	day: 20_000,
	paidToday: 2,
	today: beginCell().storeUint(1, 8).endCell(),
	tomorrow: null,
	anchor: randomBytes(32),
	unlockAt: 1_800_000_000
};

describe('a purse’s data', () => {
	it('is read as it was written', () => {
		const read = loadPurseData(storePurseData(used));
		expect({ ...read, owner: read.owner.toString(), today: read.today?.toString() }).toEqual({
			...used,
			owner: used.owner.toString(),
			today: used.today?.toString()
		});
	});

	it('fits into one cell with the largest of all numbers', () => {
		const largest = { ...used, reserveNano: (1n << 120n) - 1n, tomorrow: used.today };
		expect(storePurseData(largest).bits.length).toBe(1001);
	});

	it('makes another address with any other config', () => {
		const others: Partial<PurseConfig>[] = [
			{ owner: new Address(-1, config.owner.hash) },
			{ number: 4 },
			{ sessionKey: randomBytes(32) },
			{ reserveNano: 80_000_001n }
		];
		const addresses = [{}, ...others].map((part) =>
			purseAddress({ ...config, ...part }).toString()
		);
		expect(new Set(addresses).size).toBe(5);
		expect(Purse.createFromConfig(config).address.toString()).toBe(address.toString());
		expect(purseStateInit(config).code).toBe(PURSE_CODE);
	});
});

describe('an account that claims to be a purse', () => {
	const verify = (data = storePurseData(used), code = PURSE_CODE, at = address) =>
		verifyPurse(at, { code, data });

	it('is one whatever has happened to it since', () => {
		for (const data of [initialPurseData(config), storePurseData(used)]) {
			expect(verify(data)).toMatchObject({ ok: true, data: { number: 3 } });
		}
	});

	it('is none with other code', () => {
		expect(verify(storePurseData(used), BEACON_CODE)).toEqual({
			ok: false,
			reason: 'code: not a known purse'
		});
	});

	it('is none with data of another form', () => {
		const forms = [beginCell().endCell(), beginCell().storeUint(0, 1000).endCell()];
		for (const data of forms) {
			expect(verify(data)).toMatchObject({ ok: false, reason: expect.stringMatching(/^data: /) });
		}
	});

	it('is none when it began with a set of ids, or anything else, of its maker’s choice', () => {
		const ids = Dictionary.empty(Dictionary.Keys.BigUint(256), Dictionary.Values.Bool());
		ids.set(1n, true);
		const today = beginCell().storeDictDirect(ids).endCell();
		const begun = storePurseData({ ...used, day: 0, paidToday: 0, unlockAt: 0, today });
		const init = { code: PURSE_CODE, data: begun };
		const there = new Address(
			0,
			beginCell().storeUint(0b00110, 5).storeRef(init.code).storeRef(init.data).endCell().hash()
		);
		const verified = verify(begun, PURSE_CODE, there);
		expect(verified.ok).toBe(false);
		expect(verified).toMatchObject({ reason: expect.stringMatching(/^address: expected 0:/) });
	});

	it('is none at another address', () => {
		expect(verify(storePurseData(used), PURSE_CODE, config.owner).ok).toBe(false);
	});
});
