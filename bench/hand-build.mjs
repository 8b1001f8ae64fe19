// dpkg-buildpackage by hand in a container on our environment image, as an unprivileged user.

const BUILD_DEPENDENCIES = `
apt-get -q update
apt-get -q -y install --no-install-recommends dpkg-dev fakeroot lintian
apt-get -q -y build-dep --no-install-recommends /source/$1
id hand >/dev/null 2>&1 || useradd --create-home hand
`;

const BUILD = `
cd
dpkg-source -x /source/$1 tree
cd tree
dpkg-buildpackage -us -uc
`;

const LINT = `
cd
lintian *.changes || test $? -le 2
`;

export class HandBuild {
  #container;
  #source;
  #signal;

  constructor(container, { source, signal }) {
    this.#container = container;
    this.#source = source;
    this.#signal = signal;
  }

  /** A container with the build dependencies installed; what this takes is not measured. */
  static async prepare(engine, { image, source, signal }) {
    const container = await engine.start({
      image,
      owner: { instance: 'default', task: 'bench' },
      network: 'host',
      environment: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
      capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID'],
      mounts: [{ source: source.folder, target: '/source', readOnly: true }],
    });
    const hand = new HandBuild(container, { source, signal });
    try {
      await hand.#run(BUILD_DEPENDENCIES, 'root');
    } catch (fault) {
      await hand.remove();
      throw fault;
    }
    return hand;
  }

  async build() {
    await this.#run(BUILD, 'hand');
  }

  async lint() {
    await this.#run(LINT, 'hand');
  }

  async remove() {
    await this.#container.remove();
  }

  async #run(script, user) {
    let printed = '';
    const status = await this.#container.exec(
      {
        argv: ['/bin/sh', '-eu', '-c', script, 'sh', this.#source.name],
        user,
        environment: { HOME: user === 'root' ? '/root' : `/home/${user}` },
      },
      { signal: this.#signal, output: (chunk) => (printed = `${printed}${chunk}`.slice(-4000)) },
    );
    if (status !== 0)
      throw new Error(`the build by hand failed with status ${status}:\n${printed}`);
  }
}
