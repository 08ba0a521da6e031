import { describe, expect, it } from 'vitest';
import { dtlsFingerprint } from './sdp.ts';

const print = (byte: string) => Array<string>(32).fill(byte).join(':');
const line = (byte: string, hash = 'sha-256') => `a=fingerprint:${hash} ${print(byte)}`;

describe('dtlsFingerprint', () => {
	it('reads one line, in either case', () => {
		expect(dtlsFingerprint(`v=0\r\n${line('ab')}\r\n`)).toEqual(new Uint8Array(32).fill(0xab));
		expect(dtlsFingerprint(line('AB'))).toEqual(new Uint8Array(32).fill(0xab));
	});

	it('reads lines that agree and refuses lines that differ', () => {
		expect(dtlsFingerprint(`${line('ab')}\r\n${line('AB')}`)).not.toBeNull();
		expect(dtlsFingerprint(`${line('ab')}\r\n${line('ac')}`)).toBeNull();
	});

	it.each([
		['none is named', 'v=0\r\n'],
		['another hash is used', line('ab', 'sha-1')],
		['another hash stands beside it', `${line('ab')}\n${line('ab', 'sha-512')}`],
		['it is too short', 'a=fingerprint:sha-256 AB:CD'],
		['it is empty', '']
	])('is null when %s', (_, sdp) => {
		expect(dtlsFingerprint(sdp)).toBeNull();
	});
});
