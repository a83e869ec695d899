/**
 * From text to one YAML 1.2 document. Nesting is bounded while tokens arrive, before anything that recurses sees them;
 * tags and directives are refused here because later stages of the `yaml` package would act on them.
 */
import { Composer, CST, type Document, Lexer, type ParsedNode, Parser } from 'yaml';
import { InputError } from '../../sim/errors.js';
import { clip } from './escape.js';
import type { Lines } from './lines.js';

/** Deepest nesting of lists and mappings that is read. */
export const DEPTH_MAX = 64;

const CORE_TAGS = new Set(['!!str', '!!int', '!!float', '!!bool', '!!null', '!!map', '!!seq']);
const COLLECTIONS = new Set(['block-map', 'block-seq', 'flow-collection']);
const COMPOSER_OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  uniqueKeys: false, // The package compares all pairs of keys; ours are checked in convert.ts.
  strict: true,
  logLevel: 'silent',
} as const;

/** Errors after which parsing stops; the first of them is the one reported. */
const FAULTS_MAX = 20;

interface Fault {
  readonly offset: number;
  readonly message: string;
}

type FaultSource = number | readonly number[] | { readonly offset: number };
type OnError = (source: FaultSource, code: unknown, message: string, warning?: boolean) => void;

class TooManyFaults extends Error {}

/** The root node of the only document in `text`. Throws InputError for syntax errors and for YAML that is not taken. */
export function parseDocument(text: string, lines: Lines): ParsedNode {
  const document = compose(readTokens(text, lines), text, lines);
  const root = document.contents;
  if (root === null || (root.range[0] === root.range[1] && !root.anchor && !root.tag)) {
    throw new InputError('the file is empty', { place: lines.placeAt(0) });
  }
  return root;
}

/** Refuses nesting deeper than DEPTH_MAX at `offset`. */
export function refuseDepth(lines: Lines, offset: number): never {
  throw new InputError(`nesting deeper than ${DEPTH_MAX} levels`, { place: lines.placeAt(offset) });
}

function readTokens(text: string, lines: Lines): CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let documents = 0;
  let errors = 0;
  const take = (token: CST.Token): void => {
    if (token.type === 'error') errors++;
    if (token.type === 'document' && ++documents > 1) {
      throw new InputError('a second document starts here; a file holds one', { place: lines.placeAt(token.offset) });
    }
    tokens.push(token);
  };
  let scalarFollows = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!scalarFollows) checkLexeme(lexeme, lines, parser.offset);
    scalarFollows = !scalarFollows && lexeme === CST.SCALAR;
    for (const token of parser.next(lexeme)) take(token);
    if (parser.stack.length > DEPTH_MAX) checkDepth(parser.stack, lines);
    if (errors > FAULTS_MAX) break;
  }
  for (const token of parser.end()) take(token);
  return tokens;
}

function checkLexeme(lexeme: string, lines: Lines, offset: number): void {
  if (lexeme.startsWith('!') && !CORE_TAGS.has(lexeme)) {
    throw new InputError(`the tag ${clip(lexeme, 40)} is not taken; leave it out`, { place: lines.placeAt(offset) });
  }
  if (CST.tokenType(lexeme) === 'directive-line' && !/^%YAML[ \t]+1\.2[ \t]*(#.*)?$/.test(lexeme)) {
    throw new InputError(`the directive ${clip(lexeme, 40)} is not taken; files are YAML 1.2`, {
      place: lines.placeAt(offset),
    });
  }
}

function checkDepth(stack: readonly CST.Token[], lines: Lines): void {
  let depth = 0;
  for (const token of stack) {
    if (COLLECTIONS.has(token.type) && ++depth > DEPTH_MAX) refuseDepth(lines, token.offset);
  }
}

/** Composes the document, giving up after FAULTS_MAX errors: a file of commas would otherwise collect a million. */
function compose(tokens: CST.Token[], text: string, lines: Lines): Document.Parsed {
  const faults: Fault[] = [];
  const composer = new Composer(COMPOSER_OPTIONS);
  // `onError` is the package's own hook, private in its types; without it we would only be slower on hostile files.
  const report: OnError = composer['onError'];
  const bounded: OnError = (source, code, message, warning) => {
    if (warning) return report(source, code, message, warning);
    if (faults.length === FAULTS_MAX) throw new TooManyFaults();
    faults.push({ offset: offsetOf(source), message });
  };
  composer['onError'] = bounded;
  let document: Document.Parsed | undefined;
  try {
    [document] = [...composer.compose(tokens, true, text.length)];
  } catch (error) {
    if (!(error instanceof TooManyFaults)) throw error;
  }
  for (const { pos, message } of document?.errors ?? []) faults.push({ offset: pos[0], message });
  if (document === undefined || faults.length > 0) refuseFirst(faults, lines, text.length);
  return document;
}

function refuseFirst(faults: readonly Fault[], lines: Lines, end: number): never {
  const first = faults.reduce((a, b) => (b.offset < a.offset ? b : a));
  throw new InputError(`not valid YAML: ${clip(first.message.split('\n', 1)[0]!, 160)}`, {
    place: lines.placeAt(Math.min(first.offset, end)),
  });
}

function offsetOf(source: FaultSource): number {
  if (typeof source === 'number') return source;
  return 'offset' in source ? source.offset : source[0]!;
}
