/** Rows about whole replays: the twelve-row table, `npm start`. */

/** @type {import('./measure.mjs').Row[]} */
export const scenarioRows = [];
