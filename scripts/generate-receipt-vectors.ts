/** Writes the test vectors of receipts; a unit test fails when they are out of date. */
import { writeFileSync } from 'node:fs';
import { makeReceiptVectors } from '../tests/vectors/make-receipt-vectors.ts';
import { inRoot } from './root.ts';

writeFileSync(inRoot('tests/vectors/receipts.json'), await makeReceiptVectors());
