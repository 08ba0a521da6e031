import { fromChatFile, toChatFile } from '../../log/chat-export.ts';
import type { ChatFile } from '../../log/chat-file.ts';
import { readProofFile } from '../../log/proof-file.ts';
import { LogChecks } from '../../log/verify/log-checks.ts';
import { overall, type StepOutcome } from '../../log/verify/steps.ts';
import { stepsOf, verifyChat, type AnswerResult } from '../../log/verify/verify-chat.ts';
import type { VerifyContext } from '../../log/verify/verify-receipt.ts';
import type { ChatStore, StoredChat, TurnProofs } from '../../store/chat-records.ts';
import { loadCatalogue } from '../catalogue-source.ts';
import { openPageChecks } from '../page-checks.ts';
import { stepSentence } from '../verify/step-sentences.ts';

export interface Imported {
	/** Id of the new chat. */
	chat: string;
	outcome: StepOutcome;
}

/** A stored chat as a file, with what proves its answers. */
export async function exportChat(store: ChatStore, chat: StoredChat): Promise<ChatFile> {
	const turns = await store.turns(chat.id);
	const proofs = new Map(
		await Promise.all(turns.map(async ({ id }) => [id, await store.proofs(id)] as const))
	);
	return toChatFile(chat, turns, proofs, { coordinator: location.origin, nowMs: Date.now() });
}

/**
 * Verifies a chat file and keeps it as a chat of this browser's. What does not hold is kept with the
 * reason, and shown with it from then on.
 *
 * @returns `null` where the text is no chat
 */
export async function importChat(
	store: ChatStore,
	text: string,
	newId: () => string
): Promise<Imported | null> {
	const read = readProofFile(text);
	if (read.kind !== 'chat') return null;
	const results = await verifyChat(read.file, await contextFor(read.file));
	const { chat, turns, proofs } = fromChatFile(read.file, newId, Date.now());
	await store.putChat(chat);
	for (const turn of turns) await store.putTurn(turn);
	for (const [index, each] of proofs.entries()) {
		await store.putProofs(withFaults(each, results[index]));
	}
	return { chat: chat.id, outcome: overall(results.flatMap(stepsOf)) };
}

/** Another coordinator's log cannot be asked from here. */
async function contextFor({ coordinator }: ChatFile): Promise<VerifyContext> {
	const isOurs = coordinator === location.origin;
	const models = await loadCatalogue(new AbortController().signal);
	return {
		checks: isOurs ? new LogChecks(await openPageChecks()) : null,
		catalogue: models && { v: 1, models: [...models] }
	};
}

/** The answers of a file and their results have one order. */
function withFaults(proofs: TurnProofs, result: AnswerResult | undefined): TurnProofs {
	const parts = proofs.parts.map((part, index) => {
		const fault = result?.parts[index]?.steps.find(({ outcome }) => outcome === 'fails');
		return fault ? { ...part, mismatch: stepSentence(fault) } : part;
	});
	return { ...proofs, parts };
}
