/** Measures the contracts and writes docs/gas.md: `npm run contracts:gas`. */
import { writeFileSync } from 'node:fs';
import { gasPage, GAS_PAGE } from '../tests/contracts/gas/page.ts';

writeFileSync(GAS_PAGE, await gasPage());
