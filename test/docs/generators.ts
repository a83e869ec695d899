/** The regions of documents that are made from the code's own tables, by the name that the document gives. */
import type { Generator } from './examples.js';
import { divergences } from './generate/divergences.js';
import { history } from './generate/history.js';
import { vocabulary } from './generate/vocabulary.js';

export const generators: Readonly<Record<string, Generator>> = { ...vocabulary, ...history, ...divergences };
