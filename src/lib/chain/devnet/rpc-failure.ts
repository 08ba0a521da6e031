/** What a method answers instead of a result; `code` is the HTTP status. */
export class RpcFailure extends Error {
	override readonly name = 'RpcFailure';
	readonly code: number;

	constructor(code: number, message: string) {
		super(message);
		this.code = code;
	}
}
