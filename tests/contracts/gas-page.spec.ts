import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BEACON_CODE, PURSE_CODE } from '../../src/lib/chain/contracts/code.ts';
import { GAS_PAGE, measuredCode } from './gas/page.ts';
import { measureBeacon, measureOwner, measureRedemptions } from './gas/measure.ts';
import { sizeOf } from './support/ids.ts';

describe('the costs of the contracts', () => {
	it('in docs/gas.md were measured with the code of now', () => {
		const page = readFileSync(GAS_PAGE, 'utf8').replaceAll(/\s+/g, ' ');
		expect(page, 'run npm run contracts:gas').toContain(measuredCode());
	});

	it('of a redemption are within their aims on a fresh day, a busy one and a very busy one', async () => {
		const rows = await measureRedemptions('mainnet', [100, 5_000], 3);
		const aims = [1_000_000n, 1_000_000n, 1_300_000n, 1_600_000n];
		expect(rows).toHaveLength(aims.length);
		rows.forEach(({ name, costNano }, index) => {
			expect(costNano, name).toBeLessThanOrEqual(aims[index] ?? 0n);
		});
	}, 120_000);

	it('of all the rest are within their aims', async () => {
		expect(sizeOf(PURSE_CODE).cells).toBeLessThanOrEqual(20);
		expect(sizeOf(BEACON_CODE).cells).toBeLessThanOrEqual(20);
		const [open] = await measureOwner('mainnet', 'W5');
		expect(open?.costNano).toBeLessThanOrEqual(3_000_000n);
		const [, anchor] = await measureBeacon('mainnet', 'W5');
		// Of 0.0009 with a W5, the wallet's own part is more than half.
		expect(anchor?.costNano).toBeLessThanOrEqual(900_000n);
	});
});
