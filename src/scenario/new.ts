/** The text that `jiffies new` writes: a small scenario that runs, with every part explained. */

export function newScenarioText(name: string): string {
  return `# ${name}: run it with  jiffies run scenarios/${name}.yaml
title: What this scenario shows, in a line
story: |
  What happened, for somebody who was not there. A timer is armed, modified before it
  fires, and fires once.

# The machine. hz: ticks per second. kernel: 2.6.12 to 2.6.29 (left out: the last release
# that shipped the revision of dst.c being run).
machine:
  hz: 250
  cpus: 1

# Timers and delayed works have names; their handlers are lists of actions.
timers:
  t0:
    handler:
      - printk: {text: t0 fired}

# Each actor is a task on a CPU. 'at' is time since boot, 'after' counts from the step before.
actors:
  - name: script
    cpu: 0
    do:
      - add_timer: {timer: t0, expires: 100 jiffies}
      - after: 50 jiffies
        mod_timer: {timer: t0, expires: 100 jiffies}

# When the run ends, in virtual time.
until: 2s

# A symptom to look for ('jiffies bisect' finds the commit that made it go):
# bug:
#   log: {text: kernel BUG at %s}
# fixedBy: 7c91767a6b70

# What must come out. 'at' limits it to revisions: R14, ..R13, R14..
expect:
  - that:
      - call: {name: mod_timer, ret: 1}
      - fired: [t0]
      - metric: {name: violations.count, is: 0}
`;
}
