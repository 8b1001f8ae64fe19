// The form of a build: the folder of a definition is packed here and takes the place of the archive.
import { packTarGz } from './tar.js';

const folder = document.getElementById('folder');
const field = document.querySelector('[data-folder]');
const tarball = document.getElementById('tarball');
const artifact = document.getElementById('artifact');
const help = document.getElementById('folder-help');

/** Folders of version control are nothing a build needs. */
const LEFT_OUT = /(^|\/)\.(git|hg|svn)\//;

if (field && 'webkitdirectory' in folder && typeof CompressionStream === 'function') {
  field.hidden = false;
  folder.addEventListener('change', () => {
    takeFolder([...folder.files]).catch((fault) => {
      help.textContent = `It cannot be packed: ${fault.message}`;
    });
  });
}

async function takeFolder(files) {
  if (files.length === 0) return;
  const name = files[0].webkitRelativePath.split('/')[0];
  const members = [];
  for (const file of files) {
    const path = file.webkitRelativePath.slice(name.length + 1);
    if (LEFT_OUT.test(path)) continue;
    // Browsers do not tell modes: what starts like a program is one.
    const executable = (await file.slice(0, 2).text()) === '#!';
    members.push({ path, file, executable });
  }
  if (!members.some(({ path }) => path === 'artifact.yml')) {
    throw new Error(`"${name}" has no artifact.yml`);
  }
  const packed = new DataTransfer();
  packed.items.add(new File([await packTarGz(members)], `${name}.tar.gz`));
  tarball.files = packed.files;
  if (artifact.value === '') artifact.value = name;
  help.textContent = `Packed ${members.length} files of "${name}".`;
}
