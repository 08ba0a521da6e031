import { beginCell, Cell, Dictionary, type Slice } from '@ton/core';

/**
 * Mainnet's prices since the six-fold cut of April 2026 (its config at masterchain block 84,773,657). The
 * snapshot in `@ton/sandbox` is of December 2025. What is a price a unit is in 65,536ths of a nano.
 */
const FLAT_GAS_NANO = 6_667n;
/** 66.67 nano a unit of gas. */
const GAS_PRICE = 4_369_067n;
const FORWARD_LUMP_NANO = 66_667n;
const FORWARD_BIT_PRICE = 4_369_067n;
const FORWARD_CELL_PRICE = 436_906_667n;
/** For 65,536 seconds of one bit and one cell; those of the masterchain stayed as they were. */
const STORAGE_BIT_PRICE = 0n;
const STORAGE_CELL_PRICE = 135n;
const MASTER_STORAGE_BIT_PRICE = 1_000n;
const MASTER_STORAGE_CELL_PRICE = 500_000n;

/**
 * What running a message depends on: special accounts, version and capabilities, workchains, prices, limits,
 * precompiled contracts. The rest (validators, bridges, a list of suspended accounts) is 60 kB that the
 * emulator would parse again for every call of a get-method.
 */
const KEPT = [0, 1, 2, 4, 5, 7, 8, 12, 20, 22, 23, 24, 31, 45];

type Params = Dictionary<number, Cell>;
const PARAM_KEY = Dictionary.Keys.Int(32);
const PARAM_VALUE = Dictionary.Values.Cell();

/**
 * The config of a network with today's prices.
 *
 * @param snapshot mainnet's config as base64 of a BoC (`defaultConfig` of `@ton/sandbox`)
 * @param globalId the network's id, param 19
 * @returns the config as base64 of a BoC
 */
export function networkConfig(snapshot: string, globalId: number): string {
	const full = Cell.fromBase64(snapshot).beginParse().loadDictDirect(PARAM_KEY, PARAM_VALUE);
	const params: Params = Dictionary.empty(PARAM_KEY, PARAM_VALUE);
	for (const number of KEPT) params.set(number, param(full, number));
	params.set(18, storagePrices());
	params.set(19, beginCell().storeInt(globalId, 32).endCell());
	params.set(21, gasPrices(param(full, 21).beginParse()));
	params.set(25, forwardPrices(param(full, 25).beginParse()));
	return beginCell().storeDictDirect(params).endCell().toBoc().toString('base64');
}

function param(params: Params, number: number): Cell {
	const cell = params.get(number);
	if (!cell) throw new Error(`config: expected param ${number}, found none`);
	return cell;
}

/** `StoragePrices`, from the beginning of time. */
function storagePrices(): Cell {
	const prices = beginCell()
		.storeUint(0xcc, 8)
		.storeUint(0, 32)
		.storeUint(STORAGE_BIT_PRICE, 64)
		.storeUint(STORAGE_CELL_PRICE, 64)
		.storeUint(MASTER_STORAGE_BIT_PRICE, 64)
		.storeUint(MASTER_STORAGE_CELL_PRICE, 64)
		.endCell();
	const byTime = Dictionary.empty(Dictionary.Keys.Uint(32), {
		serialize: (cell: Cell, builder) => builder.storeSlice(cell.beginParse()),
		parse: (slice) => slice.asCell()
	});
	byTime.set(0, prices);
	return beginCell().storeDictDirect(byTime).endCell();
}

/** `gas_flat_pfx` around `gas_prices_ext`: the limits stay, the two prices change. */
function gasPrices(old: Slice): Cell {
	const flatTag = old.loadUint(8);
	const flatLimit = old.loadUintBig(64);
	old.skip(64);
	const tag = old.loadUint(8);
	old.skip(64);
	return beginCell()
		.storeUint(flatTag, 8)
		.storeUint(flatLimit, 64)
		.storeUint(FLAT_GAS_NANO, 64)
		.storeUint(tag, 8)
		.storeUint(GAS_PRICE, 64)
		.storeSlice(old)
		.endCell();
}

/** `msg_forward_prices`: the lump and the two prices change. */
function forwardPrices(old: Slice): Cell {
	const tag = old.loadUint(8);
	old.skip(3 * 64);
	return beginCell()
		.storeUint(tag, 8)
		.storeUint(FORWARD_LUMP_NANO, 64)
		.storeUint(FORWARD_BIT_PRICE, 64)
		.storeUint(FORWARD_CELL_PRICE, 64)
		.storeSlice(old)
		.endCell();
}
