import { Address, Cell, loadMessage } from '@ton/core';

/** A message from outside that a contract may take: what redeems a ticket is one. */
export interface ExternalMessage {
	/** Of the message's root cell, in hex. */
	hash: string;
	/** The contract, in raw form. */
	to: string;
	/** Of every cell in it, in hex: a ticket that it carries is one of them. */
	cellHashes: ReadonlySet<string>;
}

export type ParsedExternalMessage =
	{ ok: true; message: ExternalMessage } | { ok: false; message: string };

/**
 * Reads a BoC in base64 as a message from outside to a contract in workchain 0. Total: never throws, and
 * what is refused is told in one sentence.
 */
export function parseExternalMessage(base64: string, maxBytes: number): ParsedExternalMessage {
	const bytes = Buffer.from(base64, 'base64');
	if (bytes.length > maxBytes) {
		return { ok: false, message: `expected up to ${maxBytes} bytes, came ${bytes.length}` };
	}
	try {
		const [root, ...more] = Cell.fromBoc(bytes);
		if (!root || more.length > 0) return { ok: false, message: 'expected a BoC of one root cell' };
		const { info } = loadMessage(root.beginParse());
		if (info.type !== 'external-in') {
			return { ok: false, message: `expected a message from outside, came ${info.type}` };
		}
		if (!Address.isAddress(info.dest) || info.dest.workChain !== 0) {
			return { ok: false, message: 'expected a message to workchain 0' };
		}
		const hash = root.hash().toString('hex');
		const to = info.dest.toRawString();
		return { ok: true, message: { hash, to, cellHashes: cellHashes(root) } };
	} catch {
		return { ok: false, message: 'expected a BoC in base64 that holds one message' };
	}
}

function cellHashes(root: Cell): Set<string> {
	const found = new Set<string>();
	const todo = [root];
	for (let cell = todo.pop(); cell; cell = todo.pop()) {
		const hash = cell.hash().toString('hex');
		// Cells may be shared, and their tree can be far larger than what was sent.
		if (found.has(hash)) continue;
		found.add(hash);
		todo.push(...cell.refs);
	}
	return found;
}
