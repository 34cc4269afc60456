declare const brand: unique symbol;

/** A value of `Base` that must not be mixed up with another of the same shape (a host's name with a server's id). */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
