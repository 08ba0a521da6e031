import type { Cell, TupleItem } from '@ton/core';
import type { RpcParams } from '../rpc.ts';
import { readCell } from './params.ts';
import { RpcFailure } from './rpc-failure.ts';

/** Values of get-methods as toncenter writes them. */

type StackItem = RpcParams<'runGetMethod'>['stack'][number];

/** @throws {RpcFailure} naming the item */
export function readStackItem([type, value]: StackItem, index: number): TupleItem {
	switch (type) {
		case 'num':
			return { type: 'int', value: readInteger(value, index) };
		case 'tvm.Cell':
			return { type: 'cell', cell: readCell(value, `stack.${index}`) };
		case 'tvm.Slice':
			return { type: 'slice', cell: readCell(value, `stack.${index}`) };
		case 'tvm.Builder':
			return { type: 'builder', cell: readCell(value, `stack.${index}`) };
	}
}

function readInteger(text: string, index: number): bigint {
	const [, minus, digits] = /^(-?)(0x[0-9a-fA-F]{1,64}|\d{1,78})$/.exec(text) ?? [];
	if (digits === undefined) {
		throw new RpcFailure(422, `stack.${index}: expected a whole number of up to 256 bits`);
	}
	return minus ? -BigInt(digits) : BigInt(digits);
}

export function writeStackItem(item: TupleItem): unknown {
	switch (item.type) {
		case 'int':
			return ['num', hex(item.value)];
		case 'cell':
		case 'slice':
		case 'builder':
			return ['cell', { bytes: boc(item.cell) }];
		case 'tuple':
			return ['tuple', { '@type': 'tvm.tuple', elements: item.items.map(writeElement) }];
		case 'null':
			return ['list', { '@type': 'tvm.list', elements: [] }];
		case 'nan':
			throw new RpcFailure(500, 'stack: the method returned NaN, which has no JSON form');
	}
}

/** Inside a tuple everything is written in another way. */
function writeElement(item: TupleItem): unknown {
	switch (item.type) {
		case 'int':
			return {
				'@type': 'tvm.stackEntryNumber',
				number: { '@type': 'tvm.numberDecimal', number: item.value.toString() }
			};
		case 'cell':
			return {
				'@type': 'tvm.stackEntryCell',
				cell: { '@type': 'tvm.cell', bytes: boc(item.cell) }
			};
		case 'slice':
		case 'builder':
			return {
				'@type': 'tvm.stackEntrySlice',
				slice: { '@type': 'tvm.slice', bytes: boc(item.cell) }
			};
		case 'tuple':
			return {
				'@type': 'tvm.stackEntryTuple',
				tuple: { '@type': 'tvm.tuple', elements: item.items.map(writeElement) }
			};
		case 'null':
			return { '@type': 'tvm.stackEntryList', list: { '@type': 'tvm.list', elements: [] } };
		case 'nan':
			throw new RpcFailure(500, 'stack: the method returned NaN, which has no JSON form');
	}
}

function hex(value: bigint): string {
	return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

function boc(cell: Cell): string {
	return cell.toBoc().toString('base64');
}
