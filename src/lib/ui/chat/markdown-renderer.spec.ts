// @vitest-environment happy-dom
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarkdownWriter, safeLink } from './markdown-renderer.ts';

const labels = {
	copy: 'Copy',
	copied: 'Copied',
	code: 'Code',
	table: 'Table',
	picture: 'Picture:'
};

function render(text: string, step = text.length || 1): HTMLElement {
	const root = document.createElement('div');
	const writer = new MarkdownWriter(root, labels);
	for (let end = step; end < text.length; end += step) writer.write(text.slice(0, end), false);
	writer.write(text, true);
	return root;
}

const FORBIDDEN =
	'script, img, iframe, object, style, link, form, input, svg, [style], [onclick], [onerror], [src]';

describe('markdown from a stranger', () => {
	it.each([
		'<script>alert(1)</script>',
		'<img src=x onerror=alert(1)>',
		'![a cat](https://example.org/cat.png)',
		'<a href="javascript:alert(1)">x</a>',
		'| <b>a</b> | b |\n|---|---|\n| <img src=x> | d |\n'
	])('never becomes a forbidden element: %s', (text) => {
		expect(render(text).querySelector(FORBIDDEN)).toBeNull();
	});

	it.each([
		['[a](javascript:alert(1))'],
		['[a]( java\tscript:alert(1))'],
		['[a](data:text/html,hello)'],
		['[a](/chat)'],
		['[a](//evil.example)'],
		['[a](vbscript:x)']
	])('gives no link to %s', (text) => {
		expect(render(text).querySelector('[href]')).toBeNull();
	});

	it('links to the web and to mail, without a referrer and in a new tab', () => {
		const link = render('[a](https://example.org/x?y=1)').querySelector('a');
		expect(link?.getAttribute('href')).toBe('https://example.org/x?y=1');
		expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow');
		expect(link?.getAttribute('target')).toBe('_blank');
		expect(safeLink('mailto:a@example.org')).toBe('mailto:a@example.org');
		expect(safeLink('https://')).toBeNull();
	});

	it('shows a code block with its language and a button to copy', () => {
		const root = render('```js\nlet a = 1 < 2;\n```\n');
		expect(root.querySelector('pre code')?.textContent).toBe('let a = 1 < 2;');
		expect(root.querySelector('.code-language')?.textContent).toBe('js');
		expect(root.querySelector('button')?.textContent).toBe('Copy');
	});

	it('shows tables with a head, lists with their start, and ticked boxes', () => {
		const table = render('| a | b |\n|---|---|\n| 1 | 2 |\n');
		expect([...table.querySelectorAll('th')].map((cell) => cell.textContent?.trim())).toEqual([
			'a',
			'b'
		]);
		expect(table.querySelectorAll('td')).toHaveLength(2);
		expect(render('3. c\n4. d\n').querySelector('ol')?.getAttribute('start')).toBe('3');
		expect(render('- [x] done\n').textContent).toContain('☑');
	});

	it('comes out the same however it was cut', () => {
		const text = '# Title\n\nSome **bold** and `code`.\n\n- a\n- b\n\n```py\nprint(1)\n```\n\nEnd.';
		const whole = render(text).innerHTML;
		for (const step of [1, 2, 3, 7]) expect(render(text, step).innerHTML).toBe(whole);
	});

	it('begins anew when the text is another one', () => {
		const root = document.createElement('div');
		const writer = new MarkdownWriter(root, labels);
		writer.write('first words', false);
		writer.write('other', true);
		expect(root.textContent).toBe('other');
	});

	it('survives any text, nests of any depth included', () => {
		const pieces = fc.constantFrom(
			...[
				'> ',
				'- ',
				'1. ',
				'**',
				'_',
				'`',
				'```\n',
				'\n',
				'\n\n',
				'[a](',
				')',
				'<',
				'|',
				'$$',
				'    ',
				'x'
			]
		);
		fc.assert(
			fc.property(
				fc.array(pieces, { maxLength: 80 }),
				fc.integer({ min: 1, max: 9 }),
				(parts, step) => {
					const root = render(parts.join(''), step);
					expect(root.querySelector(FORBIDDEN)).toBeNull();
				}
			),
			{ numRuns: 300 }
		);
		expect(render(`${'> '.repeat(60)}deep`).textContent).toContain('deep');
	});
});
