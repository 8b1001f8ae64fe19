/** Of the repository; they come before those of the user, whose others stay in force in the shell. */
export const SETTINGS = `
[core]
	hooksPath = /dev/null
	excludesFile = /dev/null
	attributesFile = /dev/null
	autocrlf = false
	safecrlf = false
	fileMode = true
	symlinks = true
	fsmonitor = false
# Files of upstream may be called as they like.
	protectNTFS = false
[i18n]
	commitEncoding = UTF-8
[gc]
	auto = 0
`;

/** They come before those of upstream, which must change nothing of what is in its files. */
export const ATTRIBUTES = '* -text !eol -filter -ident !working-tree-encoding !diff !merge\n';

/** What a new patch may say (dep.debian.net/deps/dep3). */
export const COMMIT_TEMPLATE = {
  name: 'commit-template',
  text: `

# Title of the patch, an empty line, why it is needed, an empty line, and what applies of these fields:
#
# Origin: upstream, https://...
# Bug: https://...
# Forwarded: no
# Applied-Upstream: 1.2
# Distributions: bookworm
# Formats: deb
# Generic: yes
# Template: yes
`,
};
