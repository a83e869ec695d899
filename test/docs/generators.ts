/** The regions of documents that are made from the code's own tables, by the name that the document gives. */
import type { Generator } from './examples.js';

export const generators: Readonly<Record<string, Generator>> = {};
