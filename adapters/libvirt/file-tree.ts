/** Files and directories of an image, by name. */
export type FileTree = { readonly [name: string]: Buffer | FileTree };
