/** Compiles the contracts and writes their code beside the sources: `npm run contracts:build`. */
import { writeFileSync } from 'node:fs';
import { builtFile, buildContract, CONTRACTS } from './compile-contract.ts';

for (const name of CONTRACTS) {
	const built = await buildContract(name);
	writeFileSync(builtFile(name), `${JSON.stringify(built, null, '\t')}\n`);
	console.log(`${name}: ${built.hash} (${built.compiler})`);
}
