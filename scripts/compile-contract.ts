/** Tolk sources to code; used by the build, the tests and the mutants. */
import { readFileSync } from 'node:fs';
import { Cell } from '@ton/core';
import { runTolkCompiler } from '@ton/tolk-js';
import { inRoot } from './root.ts';

export const CONTRACTS = ['purse', 'beacon'] as const;
export type ContractName = (typeof CONTRACTS)[number];

export interface CompiledContract {
	compiler: string;
	code: Cell;
}

/** What a committed `contracts/NAME.code.json` holds. */
export interface BuiltContract {
	compiler: string;
	/** The code cell's hash, lower-case hex: what the chain shows for a deployed contract. */
	hash: string;
	/** The code as a bag of cells, base64. */
	boc: string;
}

export const sourceFile = (file: string): string => inRoot('contracts', file);
export const builtFile = (name: ContractName): string => sourceFile(`${name}.code.json`);

/**
 * @param readSource gives another text for a file of `contracts/`, as the mutants do
 * @throws Error with the compiler's own message
 */
export async function compileContract(
	name: string,
	readSource: (file: string) => string = (file) => readFileSync(sourceFile(file), 'utf8')
): Promise<CompiledContract> {
	const result = await runTolkCompiler({
		entrypointFileName: `${name}.tolk`,
		fsReadCallback: readSource
	});
	if (result.status === 'error') throw new Error(`${name}.tolk: ${result.message}`);
	return { compiler: `tolk ${result.tolkVersion}`, code: Cell.fromBase64(result.codeBoc64) };
}

export async function buildContract(name: ContractName): Promise<BuiltContract> {
	const { compiler, code } = await compileContract(name);
	return {
		compiler,
		hash: code.hash().toString('hex'),
		boc: code.toBoc({ idx: false }).toString('base64')
	};
}
