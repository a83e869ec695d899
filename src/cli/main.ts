#!/usr/bin/env node
/** The program `jiffies`. */
import { readFileSync } from 'node:fs';
import * as engine from '../scenario/index.js';
import { runCli } from './cli.js';
import { nodeIo } from './node-io.js';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

process.exitCode = await runCli(process.argv.slice(2), { io: nodeIo(), engine, version: manifest.version });
// Everything is written. A process that ends by itself first gives its signals back, and Ctrl-C again would then kill it.
if (process.exitCode === 130) process.exit();
