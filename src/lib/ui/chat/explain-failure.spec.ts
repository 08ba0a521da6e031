import { describe, expect, it } from 'vitest';
import { CODES } from '../../protocol/frames.ts';
import { explainFailure } from './explain-failure.ts';

describe('a failed answer', () => {
	it.each(CODES)('has a sentence and a next step for the refusal %s', (code) => {
		const { sentence, next } = explainFailure({ kind: 'refused', code });
		expect(sentence).toMatch(/\.$/);
		expect(next).not.toBe('');
	});

	it.each(['no_contributor', 'directory_unreachable', 'unreachable', 'cheated', 'lost'])(
		'has a sentence for %s',
		(kind) => {
			expect(explainFailure({ kind, code: null }).sentence).toMatch(/\.$/);
		}
	);

	it('names the setting that cannot be honoured', () => {
		const failure = { kind: 'refused', code: 'unsupported', field: 'sampling.seed' };
		expect(explainFailure(failure).sentence).toContain('sampling.seed');
	});

	it('is explained even if another version stored it', () => {
		expect(explainFailure({ kind: 'constructor', code: '__proto__' }).sentence).toMatch(/\.$/);
	});
});
