/**
 * What a document shows of the program, made true: outputs of commands, JSON, and the regions that are generated.
 *
 * - ```` ```console ````: lines `$ jiffies …`, `$ node FILE` or `$ npm start`, each with its output. A command must succeed unless
 *   `; echo $?` follows it, which shows the exit status. Lines of output may be left out with a line `…`.
 * - ```` ```jsonc ```` beginning with `// $ jiffies … --json`: what that prints, laid out; `, a and b only` takes these
 *   fields of it, `, lists cut after N` shortens it, `, exit status N` says how the command ends.
 * - ```` ```yaml ````, ```` ```js ```` beginning with a comment that is a path: a file the reader writes, written before what follows.
 *   So is a block after `<!-- file: PATH -->`.
 * - `<!-- generated: NAME -->` to `<!-- end -->`: replaced by what the generator of that name gives.
 */
import { type Block, blocksOf, withBlocks } from './blocks.js';
import { refreshed } from './elide.js';
import { jsonLines } from './json-lines.js';
import type { Shell } from './shell.js';

/** Makes the text of a region. */
export type Generator = () => string;

/** `text` as it should be. */
export async function madeTrue(
  text: string,
  shell: Shell,
  generators: Readonly<Record<string, Generator>>,
): Promise<string> {
  const document = withRegions(text, generators).split('\n');
  const changes: (readonly [Block, readonly string[]])[] = [];
  for (const block of blocksOf(document)) {
    const path = pathOf(block, document);
    if (path !== undefined) shell.write(path, `${block.lines.join('\n')}\n`);
    else if (block.language === 'console') changes.push([block, await consoleLines(block, shell)]);
    else if (block.language === 'jsonc') changes.push([block, await jsonBlock(block, shell)]);
  }
  return withBlocks(document, changes).join('\n');
}

/** The file that a block is, told by its first line or, for what has no comments, by the line before it. */
function pathOf(block: Block, document: readonly string[]): string | undefined {
  const told = /^(?:#|\/\/) ([\w./-]+\.(?:ya?ml|mjs))$/.exec(block.lines[0] ?? '');
  return (told ?? /^<!-- file: ([\w./-]+) -->$/.exec(document[block.first - 2] ?? ''))?.[1];
}

function withRegions(text: string, generators: Readonly<Record<string, Generator>>): string {
  return text.replace(/(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, open, name, close) => {
    const generator = generators[name as string];
    if (generator === undefined) throw new Error(`there is no generator '${name}'`);
    return `${open}\n${generator().trim()}\n\n${close}`;
  });
}

async function consoleLines({ lines }: Block, shell: Shell): Promise<readonly string[]> {
  const result: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const command = lines[at]!;
    if (!command.startsWith('$ ')) throw new Error(`a console block begins with a command, not: ${command}`);
    const next = lines.findIndex((line, i) => i > at && line.startsWith('$ '));
    const end = next < 0 ? lines.length : next;
    result.push(command, ...refreshed(lines.slice(at + 1, end), await outputOf(command.slice(2), shell)));
    at = end;
  }
  return result;
}

async function outputOf(line: string, shell: Shell): Promise<readonly string[]> {
  const asked = line.endsWith('; echo $?');
  const { text, status } = await shell.run(line.replace(/; echo \$\?$/, ''));
  if (!asked && status !== 0) throw new Error(`exit status ${status}: ${line}\n${text}`);
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  return asked ? [...lines, String(status)] : lines;
}

async function jsonBlock({ lines }: Block, shell: Shell): Promise<readonly string[]> {
  const form =
    /^\/\/ \$ (jiffies .*--json)(?:, exit status (\d+))?(?:, (\w+(?: and \w+)*) only)?(?:, lists cut after (\d+))?$/;
  const parts = form.exec(lines[0] ?? '');
  if (parts === null) throw new Error(`a jsonc block begins with '// $ jiffies … --json', not: ${lines[0]}`);
  const { text, status } = await shell.run(parts[1]!);
  const [, command, wanted = '0', only, items] = parts;
  if (status !== Number(wanted)) throw new Error(`exit status ${status}: ${command}\n${text}`);
  const itemsMax = items === undefined ? Number.POSITIVE_INFINITY : Number(items);
  const fields = only?.split(' and ');
  const shown = Object.entries(JSON.parse(text)).filter(([name]) => fields === undefined || fields.includes(name));
  return [lines[0]!, ...jsonLines(Object.fromEntries(shown), itemsMax)];
}
