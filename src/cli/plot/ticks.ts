/** Round numbers along an axis. */

/** Multiples of 1, 2 or 5 times a power of ten from at or below `min` to at or above `max`, about `count` steps apart. */
export function ticks(min: number, max: number, count: number): readonly number[] {
  const span = max > min ? max - min : Math.abs(max) || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => exact((first + i) * step));
}

/** Without the digits that binary fractions leave behind. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}

/** A number as an axis shows it: thousands apart. */
export function tickText(value: number): string {
  const [whole, fraction] = String(value).split('.');
  const apart = whole!.replace(/\B(?=(\d{3})+$)/g, ' ');
  return fraction === undefined ? apart : `${apart}.${fraction}`;
}
