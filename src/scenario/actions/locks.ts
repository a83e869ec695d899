/** Locks, bottom halves, interrupts, preemption. */
import { z } from 'zod';
import { mutex_lock, mutex_trylock, mutex_unlock } from '../../kernel/mutex.js';
import {
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from '../../kernel/spinlock.js';
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  preempt_disable,
  preempt_enable,
} from '../../smp/basic-ops.js';
import { name, nothing } from './arguments.js';
import { call } from './define.js';

const lock = z.strictObject({ lock: name });
const mutex = z.strictObject({ mutex: name });

export const lockActions = {
  spin_lock: call('Takes a spinlock.', lock, function* (world, args) {
    yield spin_lock(world.lock(args.lock));
    return null;
  }),
  spin_unlock: call('Releases a spinlock.', lock, function* (world, args) {
    yield spin_unlock(world.lock(args.lock));
    return null;
  }),
  spin_lock_bh: call('Bottom halves off, then the lock.', lock, function* (world, args) {
    yield spin_lock_bh(world.lock(args.lock));
    return null;
  }),
  spin_unlock_bh: call('Releases it; softirqs that waited run here.', lock, function* (world, args) {
    yield spin_unlock_bh(world.lock(args.lock));
    return null;
  }),
  spin_lock_irqsave: call('Interrupts off, then the lock; the flags.', lock, function* (world, args) {
    const flags = (yield spin_lock_irqsave(world.lock(args.lock))) as number;
    world.saveFlags(args.lock, flags);
    return flags;
  }),
  spin_unlock_irqrestore: call('Releases it and restores the flags saved with it.', lock, function* (world, args) {
    yield spin_unlock_irqrestore(world.lock(args.lock), world.savedFlags(args.lock));
    return null;
  }),
  spin_trylock: call('Takes a spinlock if it is free; 1 if it was.', lock, function* (world, args) {
    return ((yield spin_trylock(world.lock(args.lock))) as boolean) ? 1 : 0;
  }),
  mutex_lock: call('Takes a mutex, sleeping until it is free.', mutex, function* (world, args) {
    yield* mutex_lock(world.mutex(args.mutex));
    return null;
  }),
  mutex_trylock: call('Takes a mutex if it is free; 1 if it was.', mutex, function* (world, args) {
    return ((yield mutex_trylock(world.mutex(args.mutex))) as boolean) ? 1 : 0;
  }),
  mutex_unlock: call('Releases a mutex.', mutex, function* (world, args) {
    yield mutex_unlock(world.mutex(args.mutex));
    return null;
  }),
  local_bh_disable: call('Bottom halves off on this CPU; nests.', nothing, function* () {
    yield local_bh_disable();
    return null;
  }),
  local_bh_enable: call('Bottom halves on; what waited runs here.', nothing, function* () {
    yield local_bh_enable();
    return null;
  }),
  local_irq_disable: call('Interrupts off on this CPU.', nothing, function* () {
    yield local_irq_save();
    return null;
  }),
  local_irq_enable: call('Interrupts on; what waited comes in.', nothing, function* () {
    yield local_irq_restore(0);
    return null;
  }),
  preempt_disable: call('No preemption on this CPU; nests.', nothing, function* () {
    yield preempt_disable();
    return null;
  }),
  preempt_enable: call('Preemption again.', nothing, function* () {
    yield preempt_enable();
    return null;
  }),
};
