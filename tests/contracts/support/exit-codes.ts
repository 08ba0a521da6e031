import { readFileSync } from 'node:fs';
import { sourceFile } from '../../../scripts/compile-contract.ts';

type EnumName = 'Refusal' | 'PurseRefusal' | 'BeaconRefusal';

/** The members of enums of `contracts/errors.tolk`, named as the wrappers name them. */
export function exitCodesOf(...names: EnumName[]): Record<string, number> {
	const source = readFileSync(sourceFile('errors.tolk'), 'utf8');
	const members = names.flatMap((name) => {
		const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(source)?.[1];
		if (body === undefined) throw new Error(`errors.tolk: no enum ${name}`);
		return [...body.matchAll(/(\w)(\w*) = (\d+)/g)].map(
			([, first = '', rest = '', code]) => [first.toLowerCase() + rest, Number(code)] as const
		);
	});
	return Object.fromEntries(members);
}
