/** @file The version of what the kernels compute, to the last bit: raised when results change. Apart from the addon, so that it can be told without loading it. */
export const kernelsVersion = 4;
