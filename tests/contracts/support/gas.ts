import type { Address, Cell } from '@ton/core';
import type { Outcome, World } from './world.ts';

export interface ExternalGas {
	outcome: Outcome;
	/** Used up before the contract agreed to pay; the network allows 10,000. */
	beforeAccept: number;
}

/** Delivers an external message and reads from the log how much gas ran before ACCEPT. */
export async function measureExternal(world: World, to: Address, body: Cell): Promise<ExternalGas> {
	const contract = await world.chain.getContract(to);
	contract.setVerbosity({ vmLogs: 'vm_logs_gas', print: false });
	try {
		const outcome = await world.external(to, body);
		if (outcome.kind === 'refused') throw new Error(`refused with ${outcome.exitCode}`);
		return { outcome, beforeAccept: gasBeforeAccept(outcome.transaction.vmLogs) };
	} finally {
		contract.setVerbosity(undefined);
	}
}

/** The credit of 10,000 less what the log says remained at ACCEPT. */
function gasBeforeAccept(log: string): number {
	const [before = ''] = log.split(/^execute ACCEPT$/m);
	const remaining = [...before.matchAll(/gas remaining: (\d+)/g)].at(-1)?.[1];
	if (remaining === undefined || before === log) throw new Error('the log has no ACCEPT');
	return 10_000 - Number(remaining);
}
