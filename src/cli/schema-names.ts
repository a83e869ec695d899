/** Names of the output forms. The number goes up when a field changes its meaning or goes; a new field is no change. */
export const schemaNames = {
  run: 'jiffies/run/1',
  replay: 'jiffies/replay/1',
  bisect: 'jiffies/bisect/1',
  diff: 'jiffies/diff/1',
  log: 'jiffies/log/1',
  show: 'jiffies/show/1',
  list: 'jiffies/list/1',
  conform: 'jiffies/conform/1',
  explore: 'jiffies/explore/1',
  schedule: 'jiffies/schedule/1',
} as const;

export type OutputName = keyof typeof schemaNames;
