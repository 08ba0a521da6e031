import { format, resolveConfig } from 'prettier';
import { inRoot } from '../../../scripts/root.ts';
import {
	BEACON_CODE,
	BEACON_CODE_HASH,
	PURSE_CODE,
	PURSE_CODE_HASH
} from '../../../src/lib/chain/contracts/code.ts';
import { initialPurseData } from '../../../src/lib/chain/contracts/purse-data.ts';
import { hashOf } from '../support/keys.ts';
import { idSet, sizeOf, someIds } from '../support/ids.ts';
import { PRICE_SETS, STORAGE_PRICES, type PriceSet } from '../support/prices.ts';
import {
	measureBeacon,
	measureInternalRedemption,
	measureOwner,
	measureRedemptions,
	type Measured
} from './measure.ts';
import { Address, type Cell } from '@ton/core';

export const GAS_PAGE = inRoot('docs', 'gas.md');

const YEAR_SECONDS = 31_536_000n;
const BUSY_DAYS = [100, 1_000, 5_000, 14_000];
const TRIES = 8;
const FACE_VALUES_NANO = [5_000_000n, 20_000_000n, 100_000_000n];
const TITLES: Record<PriceSet, string> = {
	mainnet: 'Mainnet’s prices since April 2026',
	sandbox: 'Mainnet’s prices of December 2025, the default of the test chain'
};

const ton = (nano: bigint): string => (Number(nano) / 1e9).toFixed(6);
const percent = (part: bigint, whole: bigint): string =>
	`${((Number(part) / Number(whole)) * 100).toFixed(1)} %`;

const table = (head: string[], rows: string[][]): string =>
	[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const costs = (rows: Measured[]): string =>
	table(
		['', 'gas of the contract', 'all costs, TON'],
		rows.map(({ name, gas, costNano }) => [name, String(gas), ton(costNano)])
	);

function redemptions(rows: Measured[]): string {
	const shares = (costNano: bigint) => FACE_VALUES_NANO.map((face) => percent(costNano, face));
	return table(
		['', 'gas before accept', 'gas', 'all costs, TON', 'of 0.005', 'of 0.02', 'of 0.1'],
		rows.map(({ name, gas, beforeAccept = 0, costNano }) => [
			...[name, String(beforeAccept), String(gas), ton(costNano)],
			...shares(costNano)
		])
	);
}

/** Code and data of an account, and what keeping them for a year costs. */
function sizes(): string {
	const data = initialPurseData({
		owner: new Address(0, Buffer.alloc(32)),
		number: 0,
		sessionKey: hashOf('key'),
		reserveNano: 80_000_000n
	});
	const row = (name: string, ...roots: (Cell | null)[]): string[] => {
		const parts = roots.filter((root) => root !== null).map(sizeOf);
		const cells = parts.reduce((sum, part) => sum + part.cells, 0);
		const bits = parts.reduce((sum, part) => sum + part.bits, 0);
		const fees = PRICE_SETS.map((prices) => ton(storageNano(prices, cells, bits)));
		return [name, String(cells), String(bits), ...fees];
	};
	return table(
		['', 'cells', 'bits', 'TON a year, since April 2026', 'TON a year, before'],
		[
			row('code of the purse', PURSE_CODE),
			row('a new purse', PURSE_CODE, data),
			row('a purse that remembers 5,000 ids', PURSE_CODE, data, idSet(someIds(5_000))),
			row('code of the beacon', BEACON_CODE)
		]
	);
}

function storageNano(prices: PriceSet, cells: number, bits: number): bigint {
	const { bit, cell } = STORAGE_PRICES[prices];
	return ((BigInt(cells) * cell + BigInt(bits) * bit) * YEAR_SECONDS) >> 16n;
}

async function priceSection(prices: PriceSet): Promise<string> {
	const owner = await measureOwner(prices, 'W5');
	const [openW4] = await measureOwner(prices, 'W4');
	if (!openW4) throw new Error('nothing measured');
	const anchors = await measureBeacon(prices, 'W5');
	const [, cheaperAnchor] = await measureBeacon(prices, 'W3');
	if (!cheaperAnchor) throw new Error('nothing measured');
	return `## ${TITLES[prices]}

Redeeming a ticket of 0.02 from outside. The payee pays all of it out of the face value.

${redemptions(await measureRedemptions(prices, BUSY_DAYS, TRIES))}

The other messages, each from a wallet, whose own gas is in the costs.

${costs([...owner, openW4, { ...(await measureInternalRedemption(prices)), name: 'redeem a ticket with a W5' }])}

The beacon.

${costs([...anchors, cheaperAnchor])}
`;
}

/** The line that says which code was measured; a test compares it with the code of now. */
export function measuredCode(): string {
	return `Measured were the purse with the code hash \`${PURSE_CODE_HASH}\` and the beacon with \`${BEACON_CODE_HASH}\`.`;
}

/** The page as it has to be: measured now, and formatted like all others. */
export async function gasPage(): Promise<string> {
	const sections: string[] = [];
	for (const prices of PRICE_SETS) sections.push(await priceSection(prices));
	const text = `# What the contracts cost

Written by \`npm run contracts:gas\` from transactions on a test chain with the real TVM. Costs are what the network takes
from all parties together: gas, imports, deliveries. An id's place in a purse's set is a matter of luck, so the rows with
a number of redemptions are means of eight.

${measuredCode()}

## Size

${sizes()}

A purse keeps back as rent what 32 cells and 12,000 bits cost for a year.

${sections.join('\n')}`;
	return format(text, { ...(await resolveConfig(GAS_PAGE)), parser: 'markdown' });
}
