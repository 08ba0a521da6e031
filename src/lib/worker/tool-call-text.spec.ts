import { expect, it } from 'vitest';
import { ToolCallText } from './tool-call-text.ts';

it('writes streamed calls as one JSON array', () => {
	const text = new ToolCallText();
	const written =
		text.push([{ index: 0, id: 'a', name: 'pick', arguments: '' }]) +
		text.push([{ index: 0, id: '', name: '', arguments: '{"ripe":' }]) +
		text.push([
			{ index: 0, id: '', name: '', arguments: '"\\n"}' },
			{ index: 1, id: '', name: 'eat', arguments: '{}' }
		]) +
		text.end();
	expect(JSON.parse(written)).toEqual([
		{ id: 'a', type: 'function', function: { name: 'pick', arguments: '{"ripe":"\\n"}' } },
		{ id: 'call_1', type: 'function', function: { name: 'eat', arguments: '{}' } }
	]);
});

it('writes nothing where no tool was called', () => {
	expect(new ToolCallText().end()).toBe('');
});
