import { Cell } from '@ton/core';
import beaconBuilt from '../../../../contracts/beacon.code.json' with { type: 'json' };
import purseBuilt from '../../../../contracts/purse.code.json' with { type: 'json' };

/** The code that `npm run contracts:build` compiled from `contracts/`. */

/** Code cells. */
export const PURSE_CODE = Cell.fromBase64(purseBuilt.boc);
export const BEACON_CODE = Cell.fromBase64(beaconBuilt.boc);

/** Hashes of the code cells, lower-case hex. */
export const PURSE_CODE_HASH = purseBuilt.hash;
export const BEACON_CODE_HASH = beaconBuilt.hash;
