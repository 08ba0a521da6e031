import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import type { AnswerTurn, ChatStore, StoredChat } from './chat-records.ts';
import { openChatStore } from './chats.ts';
import { MemoryChats } from './memory-chats.ts';

const chat = (id: string, updatedAt: number): StoredChat => ({
	id,
	title: `about ${id}`,
	model: 'tiny',
	settings: { system: '', temperature: null, maxTokens: null },
	createdAt: 1,
	updatedAt
});

const answer = (id: string, inChat: string, position: number, text = ''): AnswerTurn => ({
	kind: 'answer',
	id,
	chat: inChat,
	position,
	at: 1,
	model: 'tiny',
	text,
	outcome: { kind: 'streaming' },
	authors: [],
	digest: null,
	figures: null,
	earlier: []
});

describe.each<[string, () => Promise<ChatStore>, boolean]>([
	['in IndexedDB', openChatStore, true],
	['in memory', async () => new MemoryChats(), false]
])('chats %s', (_, open, isLasting) => {
	it('say whether they last', async () => {
		expect((await open()).isLasting).toBe(isLasting);
	});

	it('are listed with the one used last first', async () => {
		const store = await open();
		await store.putChat(chat('old', 10));
		await store.putChat(chat('new', 30));
		await store.putChat(chat('middle', 20));
		const ids = (await store.list()).map(({ id }) => id);
		expect(ids.filter((id) => ['old', 'new', 'middle'].includes(id))).toEqual([
			'new',
			'middle',
			'old'
		]);
		expect((await store.chat('middle'))?.title).toBe('about middle');
		expect(await store.chat('nobody')).toBeNull();
	});

	it('keep turns in their order and the last text of each', async () => {
		const store = await open();
		await store.putTurn(answer('t10', 'ordered', 10));
		await store.putTurn(answer('t2', 'ordered', 2, 'half'));
		await store.putTurn(answer('t2', 'ordered', 2, 'half and whole'));
		await store.putTurn(answer('elsewhere', 'other', 1));
		const turns = await store.turns('ordered');
		expect(turns.map(({ id, text }) => [id, text])).toEqual([
			['t2', 'half and whole'],
			['t10', '']
		]);
		await store.deleteTurn('t2');
		expect(await store.turns('ordered')).toHaveLength(1);
	});

	it('keep the proofs of an answer apart, and where the log has them', async () => {
		const store = await open();
		const evidence = (entry: string) => ({ job: '{}', offer: 'o', runs: [], text: 'x', entry });
		const proof = (entry: string) => ({ evidence: evidence(entry), logged: null, mismatch: null });
		expect(await store.proofs('p1')).toEqual([]);
		await store.putProofs({ turn: 'p1', chat: 'proven', parts: [proof('a'), proof('b')] });
		await store.putProofs({ turn: 'p2', chat: 'proven', parts: [proof('c')] });
		await store.putProofs({ turn: 'p3', chat: 'another', parts: [proof('d')] });
		const logged = { index: 3, head: 'h', proof: [] };
		await Promise.all([store.putLogged('p1', 'b', logged), store.putLogged('nobody', 'b', logged)]);
		expect((await store.proofs('p1')).map((part) => part.logged)).toEqual([null, logged]);
		await store.deleteTurn('p2');
		expect(await store.proofs('p2')).toEqual([]);
		await store.deleteChat('proven');
		expect([await store.proofs('p1'), (await store.proofs('p3')).length]).toEqual([[], 1]);
	});

	it('go with all their turns and leave the other chats alone', async () => {
		const store = await open();
		await store.putChat(chat('gone', 1));
		await store.putTurn(answer('g1', 'gone', 0));
		await store.putTurn(answer('g2', 'gone', 1));
		await store.putTurn(answer('kept', 'staying', 0));
		await store.deleteChat('gone');
		expect(await store.chat('gone')).toBeNull();
		expect(await store.turns('gone')).toEqual([]);
		expect(await store.turns('staying')).toHaveLength(1);
	});
});
