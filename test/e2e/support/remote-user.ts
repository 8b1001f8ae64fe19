import { join, resolve } from 'node:path';
import { execute, type Ended, type Installation } from './installation';
import { Sitting } from './sitting';

const CTL = resolve(__dirname, '../../../bin/fatbuildrctl');

/** Somebody on another host, who has fatbuildrctl, a folder for tokens, and the address of a server. */
export class RemoteUser {
  private readonly env: NodeJS.ProcessEnv;

  /** @param uri `http://<host>:<port>/<instance>` */
  constructor(
    installation: Installation,
    readonly uri: string,
  ) {
    this.env = {
      XDG_CONFIG_HOME: join(installation.home, 'nobody'),
      XDG_DATA_HOME: join(installation.home, 'elsewhere'),
      ...{ FATBUILDR_HOME: '', FATBUILDR_URI: uri, EDITOR: '', VISUAL: '' },
    };
  }

  /** Folder of the tokens. */
  get tokens(): string {
    return join(this.env.XDG_DATA_HOME!, 'fatbuildr');
  }

  ctl(...args: string[]): Promise<Ended> {
    return this.pipe('', ...args);
  }

  /** The same with something to read. */
  pipe(input: string, ...args: string[]): Promise<Ended> {
    return execute([CTL, ...args], { input, env: this.env });
  }

  /** fatbuildrctl in a terminal of its own. */
  sit(...args: string[]): Sitting {
    return new Sitting([CTL, ...args], this.env);
  }

  /** What `fatbuildrctl … --output json` prints, parsed. */
  async json<T>(...args: string[]): Promise<T> {
    const { status, stdout, stderr } = await this.ctl('--output', 'json', ...args);
    if (status !== 0) throw new Error(`fatbuildrctl ${args.join(' ')} exited ${status}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }
}
