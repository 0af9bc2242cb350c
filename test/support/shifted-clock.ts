/**
 * Loaded into the command line before it starts (`node --import`), by tests only: the clock of the machine is off by as many milliseconds as the file SLUICE_TEST_CLOCK holds,
 * read at each look. Clocks that are never set (`performance.now`, timers) go on.
 */
import { readFileSync } from 'node:fs';

const real = Date.now;
const file = process.env['SLUICE_TEST_CLOCK'];
if (file !== undefined) Date.now = () => real() + Number(readFileSync(file, 'utf8'));
