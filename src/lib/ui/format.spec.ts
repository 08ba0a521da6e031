import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, formatMemory, formatShare, shortPeerId } from './format.ts';

const plain = (text: string) => text.replace(/\s/g, ' ');

describe('figures for people', () => {
	it.each([
		[0, '0 bytes'],
		[999, '999 bytes'],
		[1_000, '1 kB'],
		[1_250_000, '1.3 MB'],
		[352_000_000, '352 MB'],
		[4_500_000_000, '4.5 GB']
	])('shows %d bytes as %s', (bytes, text) => {
		expect(plain(formatBytes(bytes, 'en'))).toBe(text);
	});

	it.each([
		[0, '0 ms'],
		[999, '999 ms'],
		[999.9, '1 sec'],
		[3_210, '3.2 sec'],
		[59_600, '1 min 0 sec'],
		[245_000, '4 min 5 sec'],
		[7_260_000, '2 hr 1 min']
	])('shows %d milliseconds as %s', (ms, text) => {
		expect(plain(formatDuration(ms, 'en'))).toBe(text);
	});

	it('shows memory as it is sold', () => {
		expect(plain(formatMemory(17_179_869_184, 'en'))).toBe('16 GB');
		expect(plain(formatMemory(0.5 * 1024 ** 3, 'fr'))).toBe('0,5 Go');
	});

	it('never shows more than the whole', () => {
		expect(formatShare(1.2, 'en')).toBe('100%');
		expect(plain(formatShare(0.42, 'fr'))).toBe('42 %');
	});

	it('names a contributor by the start of the key, without the letter of the role', () => {
		expect(shortPeerId(`c${'0123456789abcdef'.repeat(4)}`)).toBe('01234567');
	});
});
