/** How Sluice is called where it is: in a clone by npm's scripts, as an installed package, which is compiled, by npx. */
const installed = import.meta.url.endsWith('.js');

export const COMMAND = installed ? 'npx sluice' : 'npm run --silent sluice --';
export const SET_UP = installed ? 'npx sluice setup' : 'npm run setup';
