import * as v from 'valibot';
import type { ChainBackend } from '../../chain/rpc.ts';

const result = v.object({
	exit_code: v.literal(0),
	stack: v.tupleWithRest([v.tuple([v.literal('num'), v.string()])], v.unknown())
});

/**
 * Asks a purse whether it has paid a ticket.
 *
 * @param ticket the ticket's id in hex
 * @returns `null` where nobody could say
 */
export async function isRedeemed(
	backend: ChainBackend,
	purse: string,
	ticket: string
): Promise<boolean | null> {
	const reply = await backend.call({
		method: 'runGetMethod',
		params: { address: purse, method: 'is_redeemed', stack: [['num', `0x${ticket}`]] }
	});
	const parsed = v.safeParse(result, reply.ok ? reply.result : undefined);
	if (!parsed.success) return null;
	const [[, value]] = parsed.output.stack;
	return !/^-?(0x)?0*$/.test(value);
}
