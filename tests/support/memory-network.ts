import { DirectoryError, type OfferSource } from '../../src/lib/directory/directory-client.ts';
import type { AnswerEvent } from '../../src/lib/p2p/answer-events.ts';
import { agreeOnTerms, type Connect } from '../../src/lib/p2p/connect.ts';
import { Link } from '../../src/lib/p2p/link.ts';
import { Requester } from '../../src/lib/p2p/requester.ts';
import type { PeerId } from '../../src/lib/protocol/ids.ts';
import { createIdentity } from '../../src/lib/protocol/keys.ts';
import { everyInNode, type MemoryChannel } from './memory-channel.ts';
import { MemoryContributor, MODEL } from './memory-contributor.ts';
import { ScriptedGenerator, type Script } from './scripted-generator.ts';

/** A network in memory. Lists contributors in a fixed order, so that tests know who is asked. */
export class MemoryNetwork implements OfferSource {
	readonly contributors: MemoryContributor[] = [];
	/** Requester's ends, in the order they were opened. */
	readonly opened: { peer: string; channel: MemoryChannel }[] = [];
	isDown = false;
	absent = new Set<string>();
	#connecting = Promise.resolve();

	async add(script: Script, model = MODEL) {
		const contributor = await MemoryContributor.create(new ScriptedGenerator(script), model);
		this.contributors.push(contributor);
		return contributor;
	}

	find: OfferSource['find'] = async (query) => {
		if (this.isDown) throw new DirectoryError(null, 'down');
		return this.contributors
			.map(({ candidate }) => candidate)
			.filter(({ peer }) => !query.peer || query.peer === peer)
			.filter(({ peer }) => !query.exclude?.includes(peer))
			.filter(({ offer }) =>
				offer.models.some(({ digest }) => !query.digest || digest === query.digest)
			);
	};

	connect: Connect = async (candidate, wanted, signal) => {
		const found = this.contributors.find((each) => each.candidate.peer === candidate.peer);
		if (!found || this.absent.has(candidate.peer)) return { ok: false, reason: 'absent' };
		// Later ones are slower, so that the first listed is asked first, on a busy machine too.
		const earlier = this.#connecting;
		let settled = () => {};
		this.#connecting = new Promise((resolve) => (settled = resolve));
		await earlier;
		if (signal.aborted) {
			settled();
			return { ok: false, reason: 'aborted' };
		}
		const channel = found.open();
		this.opened.push({ peer: candidate.peer, channel });
		const link = new Link(channel, everyInNode);
		const identity = await createIdentity();
		const result = await agreeOnTerms(link, candidate, wanted, identity, Date.now());
		// The winner's turn comes first, as it would by the network's own delay.
		setImmediate(settled);
		return result;
	};

	requester = (avoid: Iterable<PeerId> = []) =>
		new Requester({
			directory: this,
			connect: this.connect,
			avoid,
			timeouts: { firstTextMs: 300, textMs: 300, startMs: 500, cancelMs: 500 }
		});
}

export interface Heard {
	events: AnswerEvent[];
	text: string;
	last: AnswerEvent | undefined;
	/** Without texts and their covers, of which there are many. */
	kinds: string[];
}

/** Everything an answer says until its end. */
export async function listen(
	answer: AsyncIterable<AnswerEvent>,
	onEvent: (event: AnswerEvent, text: string) => void = () => {}
): Promise<Heard> {
	const events: AnswerEvent[] = [];
	let text = '';
	for await (const event of answer) {
		events.push(event);
		if (event.kind === 'text') text += event.text;
		if (event.kind === 'restarted') text = '';
		onEvent(event, text);
	}
	const kinds = events
		.map(({ kind }) => kind)
		.filter((kind) => kind !== 'text' && kind !== 'covered');
	return { events, text, last: events.at(-1), kinds };
}
