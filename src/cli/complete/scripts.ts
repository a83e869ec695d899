/** Shell scripts that ask `jiffies complete` for the words that fit. Where there are none, the shell completes files. */

/** For bash, from version 3.2 on. There `--at=R7` is three words, so the `=` is joined again by `complete` itself. */
export const bashScript = `# jiffies completion for bash
_jiffies() {
  local word IFS=$'\\n'
  COMPREPLY=()
  for word in $(jiffies complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    COMPREPLY+=("$word")
  done
}
complete -o bashdefault -o default -F _jiffies jiffies
`;

export const zshScript = `#compdef jiffies
# jiffies completion for zsh
_jiffies() {
  local -a found
  found=("\${(@f)$(jiffies complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} )); then
    compadd -Q -a found
  else
    _files
  fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _jiffies "$@"
else
  compdef _jiffies jiffies
fi
`;
