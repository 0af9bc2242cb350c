const ISO = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)$/;

/**
 * Milliseconds since 1970-01-01 UTC of an ISO 8601 time with `Z` or an offset; digits beyond milliseconds are cut.
 * Null for anything else: a time without a zone would mean another moment on another machine.
 */
export function parseTime(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, date = '', hours = '', minutes = '', seconds = '00', fraction = '', zone = ''] = match;
  const canonical = `${date}T${hours}:${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const local = Date.parse(canonical);
  // Date takes the 31st of every month; a date that is none comes back as another.
  if (Number.isNaN(local) || new Date(local).toISOString() !== canonical) return null;
  return local - offsetMinutes(zone) * 60_000;
}

/** Of `Z`, `+02`, `+0200` or `+02:00`. */
function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', ''));
  return zone.startsWith('-') ? -minutes : minutes;
}
