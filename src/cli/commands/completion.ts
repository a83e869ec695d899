/** `jiffies completion`: a script that makes a shell complete command lines of jiffies. */
import type { Command } from '../command.js';
import { bashScript, zshScript } from '../complete/scripts.js';
import { oneOfNames } from '../options.js';

interface Arguments {
  readonly shell?: string;
}

const shells: readonly string[] = ['bash', 'zsh'];
const checked = oneOfNames('SHELL', shells);

export const completion: Command<Arguments> = {
  name: 'completion',
  describe: 'Print a script for the completion of a shell',
  positionals: [{ name: 'shell', describe: 'bash (default) or zsh', required: false, value: shells }],
  options: {},
  examples: [
    ['completion >> ~/.bashrc', 'For bash'],
    ['completion zsh >> ~/.zshrc', 'For zsh'],
  ],
  epilogue: 'Completes commands, options, scenario names, revisions and commits.',
  run: ({ shell = 'bash' }, { io }) => {
    io.out(checked(shell) === 'zsh' ? zshScript : bashScript);
    return 0;
  },
};
