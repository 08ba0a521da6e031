import {
	answerText,
	ask,
	expect,
	GUIDE,
	lastAnswer,
	startContributing,
	test,
	untilServed
} from './fixtures.ts';

const MARKER = 'purple-elephant-7731';

test.describe('one tab serves a model, another chats with it', () => {
	test('the answer streams and says who made it and how fast; the contributor keeps no word of it', async ({
		open,
		coordinator
	}) => {
		const contributor = await open('/contribute');
		await startContributing(contributor);
		const chat = await open('/chat');
		await untilServed(chat, coordinator);
		await ask(chat, GUIDE.id, `What is ${MARKER}?`);
		await expect(answerText(chat)).not.toBeEmpty();
		await expect(lastAnswer(chat)).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
		const figures = lastAnswer(chat).getByRole('list', { name: 'About this answer' });
		await expect(figures).toContainText(/answered by [0-9a-f]{8}/);
		await expect(figures).toContainText(/\d tokens\/s/);
		await expect(figures).toContainText('first words after');
		await expect(contributor.getByRole('table')).toContainText('finished');
		expect(await contributor.content()).not.toContain(MARKER);
		await chat.reload();
		await expect(chat.getByText(MARKER).first()).toBeVisible();
		await expect(answerText(chat)).not.toBeEmpty();
	});

	test('two people at once both get answers, and one asks again', async ({ open, coordinator }) => {
		const contributor = await open('/contribute');
		await startContributing(contributor);
		const [first, second] = await Promise.all([open('/chat'), open('/chat')]);
		await untilServed(first, coordinator);
		await Promise.all([ask(first, GUIDE.id, 'one'), ask(second, GUIDE.id, 'two')]);
		for (const chat of [first, second]) {
			await expect(lastAnswer(chat)).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
			await expect(answerText(chat)).not.toBeEmpty();
		}
		await ask(first, GUIDE.id, 'and once more');
		await expect(first.getByRole('article', { name: 'Answer' })).toHaveCount(2);
		await expect(lastAnswer(first)).toHaveAttribute('aria-busy', 'false', { timeout: 40_000 });
		await expect(contributor.getByRole('table').getByRole('row')).toHaveCount(4);
	});

	test('a second contributor tab says so and takes over when asked', async ({ open }) => {
		const first = await open('/contribute');
		await startContributing(first);
		const second = await open('/contribute', first.context());
		await expect(second.getByRole('heading', { name: 'Running in another tab' })).toBeVisible();
		await second.getByRole('button', { name: 'Move it here' }).click();
		await expect(second.getByRole('heading', { name: 'Waiting for questions' })).toBeVisible({
			timeout: 30_000
		});
		await expect(first.getByRole('heading', { name: 'Running in another tab' })).toBeVisible();
	});

	test('pause, resume, finish then stop', async ({ open, coordinator }) => {
		const page = await open('/contribute');
		await startContributing(page);
		await untilServed(page, coordinator);
		const listed = async () => {
			const answer = await fetch(`${coordinator.url}/api/network`);
			return ((await answer.json()) as { contributors: number }).contributors;
		};
		await page.getByRole('button', { name: 'Pause' }).click();
		await expect(page.getByRole('heading', { name: 'Paused' })).toBeVisible();
		await expect.poll(listed).toBe(0);
		await page.getByRole('button', { name: 'Resume' }).click();
		await expect.poll(listed).toBe(1);
		await page.getByRole('button', { name: 'Finish then stop' }).click();
		await expect(page.getByRole('button', { name: 'Start contributing' })).toBeVisible();
		await expect.poll(listed).toBe(0);
	});
});
