// The steps in their order. None stops the others: what is missing at the end is told as one list.
import { buildFaiss, faissWorks, fetchFaiss, loadNatives } from './native.mjs';
import { faults, findNode, installNode, installPackages } from './packages.mjs';
import { atLeast, LEAST_NODE, stepsDue } from './plan.mjs';
import { renderOptional } from './report.mjs';
import { say } from './run.mjs';
import { browserMissing, buildNeeds, ffmpegMissing, installSystem, mayInstall, rtspMissing, systemFamily } from './system.mjs';

/** What is due, by trying what is there. */
async function probe({ root, browser, log }) {
  const node = await findNode(root);
  const { wrong, skipped } = faults(root);
  const due = stepsDue({
    packagesFit: wrong.length + skipped.length === 0,
    nodeWorks: node !== null,
    faissWorks: node !== null && (await faissWorks(root, node.path, log)),
    browserMissing: browser && browserMissing(),
    rtspMissing: browser && rtspMissing(),
    ffmpegMissing: ffmpegMissing(),
  });
  return { node, due };
}

/** Takes the steps that are due; gives back the parts that are still missing. */
export async function setUp({ root, browser, log }) {
  const family = systemFamily();
  const missing = [];
  let { node, due } = await probe({ root, browser, log });
  if (due.includes('packages')) missing.push(...(await installPackages({ root, log })));
  const havePackages = missing.length === 0;
  if (due.includes('node')) {
    const installed = await installNode({ root, log, havePackages });
    node = installed.node;
    missing.push(...installed.missing);
  }
  const context = { root, node: node?.path, log, family };

  const needs = ['browser', 'rtsp'].filter((need) => due.includes(need));
  const wantFaiss = due.includes('faiss') && !(havePackages && node && (await faissWorks(root, node.path, log)));
  let fetched = false;
  if (wantFaiss) {
    const lacking = await buildNeeds(log);
    // Where it can be built, the prebuilt binary is worth a short wait; where it cannot, a long one.
    const limitMs = lacking.length === 0 || mayInstall(family) ? 20_000 : 120_000;
    fetched = havePackages && node !== null && (await fetchFaiss({ ...context, limitMs }));
    if (!fetched) needs.push(...lacking);
  }
  const unmet = await installSystem(needs, context);
  missing.push(...unmet);
  const canBuild = havePackages && node !== null && !unmet.some((part) => part.needs !== 'browser');
  if (wantFaiss && !fetched && canBuild) missing.push(...(await buildFaiss(context)));
  if (havePackages && node) missing.push(...(await loadNatives(context)));
  // Only videos want it: what cannot be installed is named, and stops nothing.
  if (due.includes('ffmpeg')) for (const part of await installSystem(['ffmpeg'], context)) say(renderOptional(part, family));
  return missing;
}

/** The same where npm has installed Sluice as a package among others: the packages and the Node are npm's and the user's own; what their install scripts would do is done here. */
export async function setUpInstalled({ root, log }) {
  const family = systemFamily();
  const missing = [];
  const context = { root, node: process.execPath, log, family };
  if (!atLeast(process.version, LEAST_NODE)) return [{ name: `Node >= ${LEAST_NODE}`, cause: `this is ${process.version}`, fix: 'install a current Node: https://nodejs.org/en/download' }];
  if (!(await faissWorks(root, process.execPath, log))) missing.push(...(await provideFaiss(context)));
  missing.push(...(await loadNatives(context)));
  if (ffmpegMissing()) for (const part of await installSystem(['ffmpeg'], context)) say(renderOptional(part, family));
  return missing;
}

async function provideFaiss(context) {
  const lacking = await buildNeeds(context.log);
  const limitMs = lacking.length === 0 || mayInstall(context.family) ? 20_000 : 120_000;
  if (await fetchFaiss({ ...context, limitMs })) return [];
  const unmet = await installSystem(lacking, context);
  return unmet.length > 0 ? unmet : await buildFaiss(context);
}

/** The parts that are missing for a user who may not write here: none when all has been set up by another. */
export async function lookOnly({ root, browser, log, error }) {
  const { due } = await probe({ root, browser, log });
  if (due.every((step) => step === 'verify' || step === 'ffmpeg')) return [];
  const fix = 'run it as the user who owns the folder, or clone the project to one of your own';
  const folder = { name: 'the project folder', cause: `this user may not write to it (${error.code})`, fix };
  const needs = ['browser', 'rtsp'].filter((need) => due.includes(need));
  if (due.includes('faiss')) needs.push(...(await buildNeeds(log)));
  return [folder, ...(await installSystem(needs, { family: null, log }))];
}
