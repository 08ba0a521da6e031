import { LocalChain } from '../local-chain.ts';

/**
 * A process to be killed at any moment: asks for one nano after the other, and prints how many it has
 * asked for before, and how many were promised after, each call.
 *
 *   node mint-until-killed.ts FILE ADDRESS BLOCK_MS
 */
const [file = '', address = '', blockMs = ''] = process.argv.slice(2);
const chain = new LocalChain(
	{ file, globalId: -217, blockMs: Number(blockMs), allowTimeTravel: false },
	(message) => {
		throw new Error(message);
	}
);
for (let promised = 0; ;) {
	process.stdout.write(`asked ${promised + 1}\n`);
	const reply = await chain.mint(address, 1n);
	if (!reply.ok) throw new Error(reply.error);
	promised++;
	process.stdout.write(`promised ${promised}\n`);
}
