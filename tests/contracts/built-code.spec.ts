import { readFileSync } from 'node:fs';
import type { Cell } from '@ton/core';
import { describe, expect, it } from 'vitest';
import { buildContract, builtFile, CONTRACTS } from '../../scripts/compile-contract.ts';
import {
	BEACON_CODE,
	BEACON_CODE_HASH,
	PURSE_CODE,
	PURSE_CODE_HASH
} from '../../src/lib/chain/contracts/code.ts';

describe('the committed code', () => {
	it.each(CONTRACTS)('of the %s is what its sources compile to', async (name) => {
		const committed: unknown = JSON.parse(readFileSync(builtFile(name), 'utf8'));
		expect(committed, 'run npm run contracts:build').toEqual(await buildContract(name));
	});

	it('has the hashes that the wrappers name', () => {
		const hash = (code: Cell) => code.hash().toString('hex');
		expect(hash(PURSE_CODE)).toBe(PURSE_CODE_HASH);
		expect(hash(BEACON_CODE)).toBe(BEACON_CODE_HASH);
	});
});
