/** A worker thread of `explore --workers`: opens what is explored by itself, as programs are code, and makes runs of it. */
import { Tinypool } from 'tinypool';
import { type Batch, makeBatch } from '../../explore/batch.js';
import { RunMaker } from '../../explore/run-maker.js';
import { strategyOf } from '../../explore/search.js';
import { parseRevision } from '../../history/revision.js';
import * as engine from '../../scenario/index.js';
import { openExplorable } from '../explorable.js';
import { nodeIo } from '../node-io.js';
import type { Orders, RangeOrder } from './orders.js';

const { asked, options } = Tinypool.workerData as Orders;

async function open(): Promise<RunMaker> {
  const { at, ...rest } = asked;
  const typed = at === undefined ? rest : { ...rest, at: parseRevision(at) };
  const { program } = await openExplorable(typed, () => ({}), { io: nodeIo(), engine, version: '' });
  return new RunMaker(program, options, strategyOf(options));
}

const maker = open();
// Told to whoever asks for a range, not to nobody.
maker.catch(() => undefined);

export async function makeRange({ from, to }: RangeOrder): Promise<Batch> {
  return makeBatch(await maker, from, to, options.keepGoing === true);
}
