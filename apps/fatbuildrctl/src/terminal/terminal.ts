import { Inject, Injectable } from '@nestjs/common';
import picocolors from 'picocolors';
import {
  GENERAL_OPTIONS_TOKEN,
  type OutputFormat,
  type GeneralOptions,
} from '../command-line/general-options';
import {
  ENVIRONMENT,
  type InputStream,
  type OutputStream,
  type ProgramEnvironment,
} from '../program-environment';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Of a terminal that does not say. */
const DEFAULT_TYPE = 'xterm';

/** Where results and messages go, and how they look there. */
@Injectable()
export class Terminal {
  constructor(
    @Inject(GENERAL_OPTIONS_TOKEN) private readonly options: GeneralOptions,
    @Inject(ENVIRONMENT) private readonly environment: ProgramEnvironment,
  ) {}

  get format(): OutputFormat {
    return this.options.output;
  }

  get debug(): boolean {
    return this.options.debug;
  }

  /** For results: nothing else is ever written here when the format is not text. */
  get results(): OutputStream {
    return this.environment.stdout;
  }

  /** For messages, and for what tasks print when results are for programs. */
  get messages(): OutputStream {
    return this.environment.stderr;
  }

  /** What a followed task prints. */
  get progress(): OutputStream {
    return this.format === 'text' ? this.results : this.messages;
  }

  /** Whether a person sits in front who can be asked. */
  get interactive(): boolean {
    return this.environment.stdin.isTTY === true && this.messages.isTTY === true;
  }

  /** What a person types; as a terminal it is used together with the one that shows the progress. */
  get input(): InputStream {
    return this.environment.stdin;
  }

  /** Whether a person sees what tasks print, and can type into them. */
  get attended(): boolean {
    return this.input.isTTY === true && this.progress.isTTY === true;
  }

  /** Type of that person's terminal, empty when there is none. */
  get type(): string {
    return this.attended ? this.environment.env.TERM || DEFAULT_TYPE : '';
  }

  colors(stream: OutputStream): Colors {
    const { env } = this.environment;
    // https://no-color.org: present and not empty.
    const wanted = this.options.color && !env.NO_COLOR && env.TERM !== 'dumb';
    return picocolors.createColors(wanted && stream.isTTY === true);
  }

  /** One line for the person, beside the results. */
  say(line: string): void {
    this.messages.write(`${line}\n`);
  }

  async confirm(question: string): Promise<boolean> {
    const { createInterface } = await import('node:readline/promises');
    const prompt = createInterface({ input: this.environment.stdin, output: this.messages });
    try {
      return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
    } finally {
      prompt.close();
    }
  }
}
