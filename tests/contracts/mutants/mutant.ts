/** A mistake that somebody could have made in a contract, and that the tests have to notice. */
export interface Mutant {
	name: string;
	/** A file of `contracts/`. */
	file: string;
	/** Text that occurs once in the file, and what stands there instead. */
	from: string;
	to: string;
	/** Why no test can notice, for one that changes nothing that can be seen from outside. */
	survivesBecause?: string;
}

export const mutantsOf =
	(file: string) =>
	(name: string, from: string, to = '', survivesBecause?: string): Mutant => ({
		...{ name, file, from, to },
		...(survivesBecause !== undefined && { survivesBecause })
	});
