import { Cell } from '@ton/core';
import { defaultConfig, loadConfig, updateConfig } from '@ton/sandbox';

/**
 * Network configs for the sandbox. `sandbox` has the prices that `@ton/sandbox` brings, mainnet's of
 * December 2025. `mainnet` has those since the cut of April 2026, read from the config of mainnet's
 * block 84773657 in August 2026.
 */
export const PRICE_SETS = ['mainnet', 'sandbox'] as const;
export type PriceSet = (typeof PRICE_SETS)[number];

/** Nano times 2^16 for a second. */
export const STORAGE_PRICES: Record<PriceSet, { bit: bigint; cell: bigint }> = {
	mainnet: { bit: 0n, cell: 135n },
	sandbox: { bit: 1n, cell: 500n }
};
/** Delivering an empty message costs this; less cannot be sent at all. */
export const SMALLEST_SEND: Record<PriceSet, bigint> = { mainnet: 66_667n, sandbox: 400_000n };
/** A purse reckons the import of a `Redeem` with 32 bits more than a usual face value needs. */
export const IMPORT_SLACK: Record<PriceSet, bigint> = { mainnet: 2_135n, sandbox: 12_801n };

/** The network ids that tickets name. */
export const MAINNET_ID = -239;
export const DEVNET_ID = -217;

/** As the config holds them: what ends in Price is nano times 2^16. */
const MAINNET_PRICES = {
	flatGasNano: 6_667n,
	gasPrice: 4_369_067n,
	lumpNano: 66_667n,
	bitPrice: 4_369_067n,
	cellPrice: 436_906_667n
};

const made = new Map<string, Cell>();

export function configWith(prices: PriceSet, networkId: number): Cell {
	const key = `${prices} ${networkId}`;
	const config = made.get(key) ?? makeConfig(prices, networkId);
	made.set(key, config);
	return config;
}

function makeConfig(prices: PriceSet, networkId: number): Cell {
	const config = Cell.fromBase64(defaultConfig);
	const withId = updateConfig(config, { kind: 'ConfigParam__19', global_id: networkId });
	return prices === 'sandbox' ? withId : withMainnetPrices(withId);
}

function withMainnetPrices(config: Cell): Cell {
	const { 18: storage, 21: gas, 25: forward } = loadConfig(config);
	if (gas.anon0.kind !== 'GasLimitsPrices_gas_flat_pfx') throw new Error('gas prices: not flat');
	const { other } = gas.anon0;
	if (other.kind !== 'GasLimitsPrices_gas_prices_ext') throw new Error('gas prices: not extended');
	const [row] = storage.anon0.values();
	if (row === undefined) throw new Error('storage prices: none');
	storage.anon0.set(row.utime_since, {
		...row,
		bit_price_ps: STORAGE_PRICES.mainnet.bit,
		_cell_price_ps: STORAGE_PRICES.mainnet.cell
	});
	return updateConfig(
		config,
		storage,
		{
			...gas,
			anon0: {
				...gas.anon0,
				flat_gas_price: MAINNET_PRICES.flatGasNano,
				other: { ...other, gas_price: MAINNET_PRICES.gasPrice }
			}
		},
		{
			...forward,
			anon0: {
				...forward.anon0,
				lump_price: MAINNET_PRICES.lumpNano,
				bit_price: MAINNET_PRICES.bitPrice,
				_cell_price: MAINNET_PRICES.cellPrice
			}
		}
	);
}
