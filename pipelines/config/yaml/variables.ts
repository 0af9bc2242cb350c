/**
 * Variables in a configuration file: `${VAR}`, `${VAR:default}`, and `$${` for a `${` that is none.
 *
 * Each is hidden from the YAML parser behind as many characters of its own as it has, so that every place in the file stays where it was, and is put in
 * when the text has been parsed: a value of the environment is never read as YAML and cannot bring in settings.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

interface Variable {
  readonly offset: number;
  readonly name: string;
  readonly fallback: string | null;
}

/** Stands for a `${` that is meant as such. */
const ESCAPED = Symbol('${');

export interface Masked {
  readonly text: string;
  readonly written: readonly (Variable | typeof ESCAPED)[];
}

const WRITTEN = /\$\$\{|\$\{([^}\n]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A mask is START, two digits to the base RADIX from DIGIT on, then FILL: of the area of Unicode that is nobody's. */
const [START, FILL, DIGIT, RADIX] = ['\ue000', '\ue001', 0xe100, 0x1000];
const MASK = /\ue000([\ue100-\uf0ff])([\ue100-\uf0ff])\ue001*/g;
const RESERVED = /[\ue000\ue001]/;

/** Where the text holds a character that masks are made of, or -1. */
export function reservedAt(text: string): number {
  return text.search(RESERVED);
}

export function mask(text: string): Masked {
  const written: (Variable | typeof ESCAPED)[] = [];
  const masked = text.replace(WRITTEN, (whole: string, inside: string | undefined, offset: number) => {
    const [high, low] = [Math.floor(written.length / RADIX), written.length % RADIX];
    written.push(inside === undefined ? ESCAPED : variable(inside, offset));
    return (START + String.fromCharCode(DIGIT + high, DIGIT + low)).padEnd(whole.length, FILL);
  });
  return { text: masked, written };
}

function variable(inside: string, offset: number): Variable {
  const colon = inside.indexOf(':');
  return colon < 0 ? { offset, name: inside, fallback: null } : { offset, name: inside.slice(0, colon), fallback: inside.slice(colon + 1) };
}

export function isMasked(text: string): boolean {
  return text.includes(START);
}

/** What a masked text says. @param refuse is told of every variable that has no value; never of a value, which may be secret */
export function unmask(text: string, { written }: Masked, env: Environment, refuse: (offset: number, what: string, fix: string) => void): string {
  return text.replace(MASK, (_, high: string, low: string) => {
    const found = written[(high.charCodeAt(0) - DIGIT) * RADIX + low.charCodeAt(0) - DIGIT];
    if (found === undefined || found === ESCAPED) return '${';
    const { offset, name, fallback } = found;
    if (!NAME.test(name)) refuse(offset, 'between ${ and } stands no name of a variable', 'write ${NAME} or ${NAME:default}, or $${ for a plain ${');
    else if (Object.hasOwn(env, name)) return env[name] ?? '';
    else if (fallback === null) refuse(offset, `the variable ${name} is not set`, `set it, or give a default: \${${name}:default}`);
    return fallback ?? '';
  });
}

/** The text as plain YAML means it: true, false and numbers are such, all else is text. */
export function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}
