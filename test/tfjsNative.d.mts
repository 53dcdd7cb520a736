/** Undefined where tfjs-node is native, else what is missing, and how to get it. */
export function lacking(): string | undefined;
