import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/scenario/read/yaml.js';
import { refusalOf } from './helpers.js';

const dataOf = (text: string): unknown => readYaml(text, 'f.yaml').value;

describe('readYaml', () => {
  it('reads the YAML 1.2 core schema', () => {
    expect(dataOf('a: [1, 0x10, 0o17, -2.5e1, true, null, ~, yes, on, 012, 2001-01-01, "q\\x1b"]')).toEqual({
      a: [1, 16, 15, -25, true, null, null, 'yes', 'on', 12, '2001-01-01', 'q\x1b'],
    });
    expect(dataOf('[.inf, -.inf, .nan]')).toEqual([Infinity, -Infinity, Number.NaN]);
    expect(dataOf('story: |\n  one\n  two\n')).toEqual({ story: 'one\ntwo\n' });
    expect(dataOf('a:\nb: [c: 1, d]')).toEqual({ a: null, b: [{ c: 1 }, 'd'] });
  });

  it('takes tags of the core schema, a directive for 1.2, markers and a byte order mark', () => {
    expect(dataOf('[!!str 1, !!int "2", !!float 3, !!bool "true", !!null "", !!seq [], !!map {}]')).toEqual([
      '1',
      2,
      3,
      true,
      null,
      [],
      {},
    ]);
    expect(dataOf('\ufeff%YAML 1.2\n---\na: 1\n...\n')).toEqual({ a: 1 });
    expect(dataOf('a: "!x"\nb: |\n  !x\n  %d\n')).toEqual({ a: '!x', b: '!x\n%d\n' });
  });

  it('follows aliases, to the one anchored value', () => {
    const value = dataOf('a: &x {k: [1]}\nb: *x\nc: &x 2\nd: *x') as Record<string, unknown>;
    expect(value).toEqual({ a: { k: [1] }, b: { k: [1] }, c: 2, d: 2 });
    expect(value['b']).toBe(value['a']);
  });

  it('makes objects without prototype', () => {
    const value = dataOf('toString: 1') as object;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect('hasOwnProperty' in value).toBe(false);
  });
});

describe('places', () => {
  const source = readYaml(
    ['machine:', '  cpus: 0x40', '  names: &n [a, bb]', 'actors:', '  - run: x', '    at: *n', '  - run:'].join('\n'),
    'f.yaml',
  );
  const at = (path: (string | number)[], which?: 'key' | 'value'): string => {
    const { file, line, column } = source.placeOf(path, which);
    return `${file}:${line}:${column}`;
  };

  it('of values and keys', () => {
    expect(at([])).toBe('f.yaml:1:1');
    expect(at(['machine'])).toBe('f.yaml:2:3');
    expect(at(['machine'], 'key')).toBe('f.yaml:1:1');
    expect(at(['machine', 'cpus'])).toBe('f.yaml:2:9');
    expect(at(['machine', 'cpus'], 'key')).toBe('f.yaml:2:3');
    expect(at(['machine', 'names', 1])).toBe('f.yaml:3:17');
    expect(at(['actors', 1])).toBe('f.yaml:7:5');
    expect(at(['actors', 1], 'key')).toBe('f.yaml:7:5');
    expect(at(['actors', 1, 'run'], 'key')).toBe('f.yaml:7:5');
  });

  it('of an alias, and of what is inside what it stands for', () => {
    expect(at(['actors', 0, 'at'])).toBe('f.yaml:6:9');
    expect(at(['actors', 0, 'at'], 'key')).toBe('f.yaml:6:5');
    expect(at(['actors', 0, 'at', 1])).toBe('f.yaml:3:17');
  });

  it('of what is not there: of what is around it', () => {
    expect(at(['machine', 'hz'])).toBe('f.yaml:2:3');
    expect(at(['machine', 'hz'], 'key')).toBe('f.yaml:2:3');
    expect(at(['machine', 'cpus', 'x', 3])).toBe('f.yaml:2:9');
    expect(at(['actors', 7, 'run'])).toBe('f.yaml:5:3');
  });

  it('and the scalar as written', () => {
    expect(source.written(['machine', 'cpus'])).toBe('0x40');
    expect(source.written(['machine'])).toBeUndefined();
    expect(source.written(['machine', 'hz'])).toBeUndefined();
  });

  it('count lines that end in CR LF', () => {
    const crlf = readYaml('a: 1\r\nb: 2\r\n', 'f.yaml');
    expect(crlf.placeOf(['b'])).toEqual({ file: 'f.yaml', line: 2, column: 4 });
  });
});

describe('refuses', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

  it.each([
    ['nothing', '', '1:1: the file is empty'],
    ['blank lines', '\n\n', '1:1: the file is empty'],
    ['comments alone', '# only\n', '1:1: the file is empty'],
    ['a marker alone', '---\n...\n', '1:1: the file is empty'],
    ['two documents', 'a: 1\n---\nb: 2\n', '2:1: a second document starts here; a file holds one'],
    ['two documents, one empty', 'a: 1\n---\n', '2:1: a second document starts here; a file holds one'],
    ['two documents after ...', 'a: 1\n...\nb: 2\n', '3:1: a second document starts here; a file holds one'],
    ['a custom tag', 'a: 1\nb: !foo 2', '2:4: the tag !foo is not taken; leave it out'],
    ['a tag on a list', 'b: !foo [1]', '1:4: the tag !foo is not taken; leave it out'],
    ['a js tag', 'a: !!js/function "x"', '1:4: the tag !!js/function is not taken; leave it out'],
    ['a binary', 'a: !!binary aGk=', '1:4: the tag !!binary is not taken; leave it out'],
    ['a set', '!!set {a, b}', '1:1: the tag !!set is not taken; leave it out'],
    ['a verbatim tag', 'a: !<tag:x,2000:y> 1', '1:4: the tag !<tag:x,2000:y> is not taken; leave it out'],
    ['a tag that does not fit', 'a: !!int x', "1:10: 'x' does not fit its tag"],
    ['another tag that does not fit', 'a: !!bool yes', "1:11: 'yes' does not fit its tag"],
    ['YAML 1.1', '%YAML 1.1\n---\na: yes', '1:1: the directive %YAML 1.1 is not taken; files are YAML 1.2'],
    ['a tag directive', '%TAG ! x\n---\na: 1', '1:1: the directive %TAG ! x is not taken; files are YAML 1.2'],
    ['a duplicate key', 'a: 1\nb: 2\na: 3', "3:1: the key 'a' stands here twice; the first is at 1:1"],
    ['a duplicate key in another style', '{a: 1, "a": 3}', "1:8: the key 'a' stands here twice; the first is at 1:2"],
    ['a number as key', 'a: 1\n2: 3', '2:1: expected a name as key, found 2 (put it in quotes if it is a name)'],
    ['null as key', '~: 3', '1:1: expected a name as key, found ~ (put it in quotes if it is a name)'],
    ['true as key', '{true: 3}', '1:2: expected a name as key, found true (put it in quotes if it is a name)'],
    ['no key', ': 3', '1:1: expected a name as key, found nothing'],
    ['a list as key', '[a]: 3', '1:1: expected a name as key, found a list'],
    ['a mapping as key', '? {a: 1}\n: 3', '1:3: expected a name as key, found a mapping'],
    ['an alias as key', '&a x: 1\n*a : 2', '2:1: expected a name as key, found an alias'],
    ['a merge key', 'a: &a {b: 1}\nc:\n  <<: *a', '3:3: the merge key << is not taken; write the keys out'],
    ['__proto__', 'a: {__proto__: {x: 1}}', "1:5: the key '__proto__' is not allowed"],
    ['constructor', 'constructor: 1', "1:1: the key 'constructor' is not allowed"],
    ['prototype', '"prototype": 1', "1:1: the key 'prototype' is not allowed"],
    ['an escaped __proto__', '"\\x5f_proto__": 1', "1:1: the key '__proto__' is not allowed"],
    ['a cycle', 'a: &a\n  b: *a', '2:6: the alias *a stands inside its own anchor &a'],
    ['an alias of nothing', 'a: &abc 1\nb: *abd', "2:4: no anchor &abd before this alias; did you mean 'abc'?"],
    ['an anchor that comes later', 'b: *x\na: &x 1', '1:4: no anchor &x before this alias'],
    ['65 levels', `a: ${nested(64)}`, '1:67: nesting deeper than 64 levels'],
    ['100,000 levels of lists', '['.repeat(100_000), '1:65: nesting deeper than 64 levels'],
    ['100,000 levels of mappings', '{a: '.repeat(100_000), '1:257: nesting deeper than 64 levels'],
    ['100,000 levels of items', '- '.repeat(100_000), '1:129: nesting deeper than 64 levels'],
    ['100,000 levels of keys', '? '.repeat(100_000), '1:129: nesting deeper than 64 levels'],
    ['65 levels of pairs in lists', `${'[a: '.repeat(33)}1${']'.repeat(33)}`, '1:129: nesting deeper than 64 levels'],
    [
      '65 levels through an alias',
      `a: &a ${nested(40)}\nb: ${'['.repeat(24)}*a${']'.repeat(24)}`,
      '2:28: nesting deeper than 64 levels',
    ],
  ])('%s', (_, text, expected) => {
    expect(refusalOf(text)).toBe(expected);
  });

  it('takes 64 levels', () => {
    expect(dataOf(nested(64))).toBeDefined();
    expect(dataOf(`a: &a ${nested(40)}\nb: ${'['.repeat(23)}*a${']'.repeat(23)}`)).toBeDefined();
  });

  it('an alias bomb, without expanding it', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(refusalOf(lines.join('\n'))).toMatch(
      /^\d+:\d+: the file stands for more than 1000000 values once its aliases are followed$/,
    );
  });

  it('too many aliases', () => {
    expect(refusalOf(`- &a x\n${'- *a\n'.repeat(10_001)}`)).toBe('10002:3: more than 10000 aliases');
    expect(dataOf(`- &a x\n${'- *a\n'.repeat(10_000)}`)).toHaveLength(10_001);
  });

  it.each([
    ['an open list', 'a: [1, 2\nb: 3', /^\d+:\d+: not valid YAML: /],
    ['an open quote', 'a: "x\nb: 3', /^\d+:\d+: not valid YAML: Missing closing "quote$/],
    ['a tab as indent', 'a:\n\tb: 1', /^2:1: not valid YAML: Tabs are not allowed as indentation$/],
    ['two values', 'a: b: c', /^1:4: not valid YAML: Nested mappings are not allowed in compact mappings$/],
    ['bad indent', 'a:\n    b: 1\n  c: 2', /^3:1: not valid YAML: /],
    ['a reserved character', 'a: @x', /^1:4: not valid YAML: Plain value cannot start with reserved character @$/],
    ['a bad escape', 'a: "\\q"', /^1:5: not valid YAML: Invalid escape sequence/],
    ['closing brackets', ']'.repeat(100_000), /^1:1: not valid YAML: Unexpected flow-seq-end token/],
    ['commas', `[${','.repeat(100_000)}]`, /^1:3: not valid YAML: Unexpected , in flow sequence$/],
  ])('syntax: %s', (_, text, expected) => {
    expect(refusalOf(text)).toMatch(expected);
  });
});
