/** Colours and weights, where they are wanted. */
import { styleText } from 'node:util';

export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'underline';

/** Puts formats around a text, or leaves it as it is. */
export type Paint = (text: string, ...formats: readonly Format[]) => string;

export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, ...formats) => {
    return formats.length === 0 || text === '' ? text : styleText([...formats], text, { validateStream: false });
  };
}
