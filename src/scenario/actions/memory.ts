/** Shared cells and atomics. */
import { z } from 'zod';
import {
  atomic_add,
  atomic_add_return,
  atomic_dec,
  atomic_dec_and_test,
  atomic_dec_return,
  atomic_inc,
  atomic_inc_return,
  cmpxchg,
  xchg,
} from '../../kernel/atomic.js';
import { SpinUntilOp } from '../../smp/cell.js';
import { name } from './arguments.js';
import { call } from './define.js';

const value = z.int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const cell = z.strictObject({ cell: name });
const cellValue = z.strictObject({ cell: name, value });

export const memoryActions = {
  read: call('Reads a cell; its value.', cell, function* (world, args) {
    return (yield world.cell(args.cell).read) as number;
  }),
  write: call('Writes a cell.', cellValue, function* (world, args) {
    yield world.cell(args.cell).write(args.value);
    return null;
  }),
  spin_until: call('Spins until a cell holds a value.', cellValue, function* (world, args) {
    return (yield new SpinUntilOp(world.cell(args.cell), (now) => now === args.value)) as number;
  }),
  atomic_read: call('Reads an atomic; its value.', cell, function* (world, args) {
    return (yield world.cell(args.cell).read) as number;
  }),
  atomic_set: call('Sets an atomic.', cellValue, function* (world, args) {
    yield world.cell(args.cell).write(args.value);
    return null;
  }),
  atomic_inc: call('Adds one.', cell, function* (world, args) {
    yield atomic_inc(world.cell(args.cell));
    return null;
  }),
  atomic_dec: call('Takes one away.', cell, function* (world, args) {
    yield atomic_dec(world.cell(args.cell));
    return null;
  }),
  atomic_inc_return: call('Adds one; the new value.', cell, function* (world, args) {
    return (yield atomic_inc_return(world.cell(args.cell))) as number;
  }),
  atomic_dec_return: call('Takes one away; the new value.', cell, function* (world, args) {
    return (yield atomic_dec_return(world.cell(args.cell))) as number;
  }),
  atomic_dec_and_test: call('Takes one away; true if it is now 0.', cell, function* (world, args) {
    return (yield atomic_dec_and_test(world.cell(args.cell))) as boolean;
  }),
  atomic_add: call('Adds a number.', cellValue, function* (world, args) {
    yield atomic_add(world.cell(args.cell), args.value);
    return null;
  }),
  atomic_add_return: call('Adds a number; the new value.', cellValue, function* (world, args) {
    return (yield atomic_add_return(world.cell(args.cell), args.value)) as number;
  }),
  xchg: call('Stores a value; the old one.', cellValue, function* (world, args) {
    return (yield xchg(world.cell(args.cell), args.value)) as number;
  }),
  cmpxchg: call(
    'Stores a value if the cell holds `expected`; the old value.',
    cellValue.extend({ expected: value }),
    function* (world, args) {
      return (yield cmpxchg(world.cell(args.cell), args.expected, args.value)) as number;
    },
  ),
};
