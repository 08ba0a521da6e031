/** The requester and what it pays with are real; contributors are played by hand. */
import { describe, expect, it } from 'vitest';
import { listen, type Heard } from '../../../tests/support/memory-network.ts';
import { makePayer, PAYEE, type Payer } from '../../../tests/support/paid-parties.ts';
import { costOf, FREE_QUESTION, PAID_QUESTION } from '../../../tests/support/paid-scene.ts';
import { RawEarner, type EarnerLies, type Play } from '../../../tests/support/raw-earner.ts';
import { words } from '../../../tests/support/scripted-generator.ts';
import type { Question } from '../p2p/answer-events.ts';
import { Requester } from '../p2p/requester.ts';
import { ticketExpiry } from './ticket.ts';

const never = new AbortController().signal;

interface Cheated {
	heard: Heard;
	earner: RawEarner;
	payer: Payer;
	/** What all tickets are worth that the requester signed. */
	signedNano: bigint;
}

async function askOf(
	play: Play,
	lies: EarnerLies = {},
	question: Question = PAID_QUESTION
): Promise<Cheated> {
	const earner = await RawEarner.create(play, lies);
	const payer = await makePayer();
	const requester = new Requester({
		...{ directory: earner, connect: earner.connect, payments: payer.payments },
		timeouts: { firstTextMs: 600, textMs: 600, startMs: 2_000, cancelMs: 600 }
	});
	const heard = await listen(requester.ask(question, never));
	const signedNano = await payer.store.signedSince(payer.purse, 0);
	return { heard, earner, payer, signedNano };
}

const cheated = (text: RegExp) => ({
	kind: 'failed',
	failure: { kind: 'cheated', text: expect.stringMatching(text) }
});

describe('a contributor that asks for money', () => {
	it('and sends nothing after the first tickets has the prompt and two runs, and no more', async () => {
		const { heard, earner, signedNano } = await askOf(async (stage) => {
			await stage.closePrompt();
			for (const seq of [0, 1, 2]) {
				stage.due(seq);
				await stage.ticket();
			}
			// No text: nobody waits for ever.
			expect(await stage.ticket()).toBeNull();
		});
		expect(signedNano).toBe(costOf(64));
		expect(earner.stages[0]?.tickets).toHaveLength(3);
		expect(heard.last).toMatchObject({ failure: { kind: 'lost', code: 'timeout' } });
	});

	it('for three runs ahead gets nothing for the third', async () => {
		const { heard, signedNano } = await askOf(async (stage) => {
			await stage.closePrompt();
			for (const seq of [0, 1, 2, 3]) {
				stage.due(seq);
				await stage.ticket();
			}
		});
		expect(signedNano).toBe(costOf(64));
		expect(heard.last).toMatchObject(cheated(/due 3\.0 came at run 0/));
	});

	it.each<[string, Play, RegExp, bigint]>([
		[
			'more than was agreed',
			async (stage) => {
				await stage.closePrompt();
				stage.due(0, { nano: String(costOf(0) + 1n) });
				await stage.ticket();
			},
			/asks for 61 nano, 60 were agreed/,
			0n
		],
		[
			'more for a later run',
			async (stage) => {
				await stage.closePrompt();
				stage.due(0);
				stage.due(1, { nano: '5121' });
				await stage.ticket();
				await stage.ticket();
			},
			/asks for 5121 nano, 5120 were agreed/,
			costOf(0)
		],
		[
			'before it has read the prompt',
			async (stage) => void stage.due(0),
			/due before the prompt/,
			0n
		],
		[
			'in more parts than the price takes',
			async (stage) => {
				await stage.closePrompt();
				stage.due(0);
				stage.due(0, { part: 1, nano: '1' });
			},
			/due 0\.1 came where 1\.0 was next/,
			costOf(0)
		],
		[
			'for a run that max_tokens does not allow',
			async (stage) => {
				await stage.closePrompt();
				for (const seq of [0, 1]) stage.due(seq);
				stage.due(2);
			},
			/due 2\.0 asks for 5120 nano, 0 were agreed/,
			costOf(32)
		],
		[
			'for a run again with another commit',
			async (stage) => {
				await stage.closePrompt();
				stage.due(0);
				stage.due(1);
				stage.due(1);
			},
			/due 1\.0 came again with another commit/,
			costOf(32)
		],
		[
			'for a run again with another amount',
			async (stage) => {
				await stage.closePrompt();
				const { commit } = stage.due(0);
				stage.due(0, { commit, nano: '61' });
			},
			/due 0\.0 came again with another nano/,
			costOf(0)
		]
	])('%s is left', async (what, play, text, nano) => {
		const sampling = { max_tokens: what.includes('max_tokens') ? 32 : 1_000 };
		const { heard, signedNano } = await askOf(play, {}, { ...PAID_QUESTION, sampling });
		expect(heard.last).toMatchObject(cheated(text));
		expect(signedNano).toBe(nano);
	});

	it('for a free job is left', async () => {
		const { heard, signedNano } = await askOf(
			async (stage) => {
				await stage.closePrompt();
				stage.due(0);
			},
			{ isFree: true },
			FREE_QUESTION
		);
		expect(heard.last).toMatchObject(cheated(/due for a free job/));
		expect(signedNano).toBe(0n);
	});

	it('again after it dropped the connection gets the very same ticket, and no second draw', async () => {
		const { heard, earner, signedNano } = await askOf(async (stage) => {
			if (!stage.state) {
				await stage.closePrompt();
				for (const seq of [0, 1]) {
					stage.dues.push(stage.due(seq));
					await stage.ticket();
				}
				await stage.text(words(0, 5), 5);
				return stage.link.channel.close();
			}
			// The same dues again, then one of them with a new commit.
			for (const due of stage.dues) {
				stage.link.send(due);
				await stage.ticket();
			}
			stage.due(1);
			await stage.ticket();
		});
		expect(heard.kinds).toContain('resumed');
		const [first, second] = earner.stages;
		expect(first?.tickets).toHaveLength(2);
		expect(second?.tickets).toEqual(first?.tickets);
		expect(heard.last).toMatchObject(cheated(/again with another commit/));
		expect(signedNano).toBe(costOf(32));
	});
});

describe('a contributor that lies', () => {
	const paidTo =
		(seq: number, then: Play): Play =>
		async (stage) => {
			await stage.closePrompt();
			for (let n = 0; n <= seq; n++) {
				stage.due(n);
				await stage.ticket();
			}
			await then(stage);
		};

	it('about its tokens is left, with nothing paid after it', async () => {
		const { heard, signedNano } = await askOf(
			paidTo(2, async (stage) => {
				await stage.run('ab');
				stage.due(3);
			})
		);
		expect(heard.last).toMatchObject(cheated(/more tokens are counted than the text has bytes/));
		expect(signedNano).toBe(costOf(64));
	});

	it('about the prompt’s tokens is left before anything is paid', async () => {
		const { heard, signedNano } = await askOf(async (stage) => {
			stage.promptTokens = 100_000;
			await stage.closePrompt();
			stage.due(0);
		});
		expect(heard.last).toMatchObject(cheated(/too many prompt tokens/));
		expect(signedNano).toBe(0n);
	});

	it('about what is left over is left', async () => {
		const { heard } = await askOf(
			paidTo(2, async (stage) => {
				await stage.run(words(0, 10), 10);
				stage.done({ creditNano: '7' });
			})
		);
		const leftNano = costOf(64) - costOf(10);
		expect(heard.last).toMatchObject(cheated(new RegExp(`credit of 7 nano where ${leftNano}`)));
	});

	it('about nothing keeps its link, and the credit stays with it', async () => {
		const { heard } = await askOf(
			paidTo(2, async (stage) => {
				await stage.run(words(0, 10), 10);
				stage.done({ creditNano: String(costOf(64) - costOf(10)) });
			})
		);
		expect(heard.last).toMatchObject({ kind: 'done', costNano: costOf(10), paidNano: costOf(64) });
	});

	it('with tokens of next to no text is warned of, and gets no more tickets', async () => {
		const question = { ...PAID_QUESTION, paid: { bytesPerToken: 4 } };
		const { heard, signedNano } = await askOf(
			async (stage) => {
				await stage.closePrompt();
				stage.due(0);
				stage.due(1);
				for (let seq = 1; seq < 8; seq++) {
					stage.due(seq + 1);
					// 40 bytes for 32 tokens pass every other check.
					await stage.run('ab cd ef gh '.repeat(3) + 'abcd');
				}
			},
			{},
			question
		);
		expect(heard.events).toContainEqual({
			...{ kind: 'thin_text', expected: 4, bytesPerToken: 1.25 }
		});
		expect(heard.last).toMatchObject({
			failure: { kind: 'unpaid', refusal: { kind: 'thin_text' } }
		});
		expect(signedNano).toBe(costOf(96));
		expect(heard.text.length).toBeGreaterThanOrEqual(80);
	});

	it.each<[string, EarnerLies, RegExp]>([
		['a payout address that is none', { terms: { payout: 'EQnonsense' } }, /paid\.payout: must be/],
		[
			'a payout address that nobody owns',
			{ terms: { payout: `0:${'0'.repeat(64)}` } },
			/paid\.payout: must be an account that somebody owns/
		],
		[
			'a payout address outside of workchain 0',
			{ terms: { payout: PAYEE.replace('0:', '-1:') } },
			/paid\.payout/
		],
		['face values in disorder', { terms: { faceValues: ['20', '10'] } }, /paid\.faceValues/],
		['no face value', { terms: { faceValues: [] } }, /paid\.faceValues/]
	])('by %s in its offer is not dealt with', async (_, lies, reason) => {
		const { heard, earner } = await askOf(async () => {}, lies);
		expect(heard.last).toMatchObject({
			failure: { kind: 'unreachable', reason: expect.stringMatching(reason) }
		});
		expect(earner.stages).toEqual([]);
	});

	it.each([
		['later than tomorrow', ticketExpiry(Date.now()) + 86_400],
		['in the middle of a day', ticketExpiry(Date.now()) - 5],
		['in the past', ticketExpiry(Date.now()) - 3 * 86_400]
	])('by tickets that expire %s is not paid', async (_, ticketExpires) => {
		const { heard, earner } = await askOf(async () => {}, { ticketExpires });
		expect(heard.last).toMatchObject({
			failure: { refusal: { kind: 'terms', text: expect.stringMatching(/^expires: /) } }
		});
		expect(earner.stages).toEqual([]);
	});

	it('by prices that no ticket of its face values can pay is not asked', async () => {
		const { heard, earner } = await askOf(async () => {}, { terms: { faceValues: ['100000'] } });
		expect(heard.last).toMatchObject({
			failure: { refusal: { kind: 'terms', text: expect.stringMatching(/a run costs 5120 nano/) } }
		});
		expect(earner.stages).toEqual([]);
	});
});
