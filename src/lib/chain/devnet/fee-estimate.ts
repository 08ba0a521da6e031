import { beginCell, external, storeMessage, type Transaction } from '@ton/core';
import type { RpcParams } from '../rpc.ts';
import type { ChainState } from './chain-state.ts';
import { readAddress, readCell } from './params.ts';
import { RpcFailure } from './rpc-failure.ts';
import { storageFee } from './transaction-json.ts';

/** What a message from outside would cost its account now. The message is run, and nothing is kept. */
export async function estimateFee(
	chain: ChainState,
	{ address, body, init_code, init_data, ignore_chksig }: RpcParams<'estimateFee'>
): Promise<unknown> {
	const to = readAddress(address);
	const code = init_code === '' ? null : readCell(init_code, 'init_code');
	const data = init_data === '' ? null : readCell(init_data, 'init_data');
	const init = code || data ? { code, data } : null;
	const message = external({ to, init, body: readCell(body, 'body') });
	const cell = beginCell().store(storeMessage(message)).endCell();
	const outcome = await chain.tryOut(to, cell, ignore_chksig);
	if (outcome.ok) {
		return {
			'@type': 'query.fees',
			source_fees: feesOf(outcome.transaction),
			destination_fees: []
		};
	}
	const exit = outcome.exitCode === null ? '' : `: exitcode=${outcome.exitCode}`;
	throw new RpcFailure(500, `estimateFee: ${outcome.error}${exit}`);
}

function feesOf(transaction: Transaction): unknown {
	const { description, totalFees } = transaction;
	const phases = description.type === 'generic' ? description : null;
	const gasNano = phases?.computePhase.type === 'vm' ? phases.computePhase.gasFees : 0n;
	const storageNano = storageFee(transaction);
	// The part of the forward fees that stays here; the messages carry the rest along.
	const actionNano = phases?.actionPhase?.totalActionFees ?? 0n;
	return {
		'@type': 'fees',
		in_fwd_fee: Number(totalFees.coins - gasNano - storageNano - actionNano),
		storage_fee: Number(storageNano),
		gas_fee: Number(gasNano),
		fwd_fee: Number(phases?.actionPhase?.totalFwdFees ?? 0n)
	};
}
