import { Injectable } from '@nestjs/common';
import { requireEnvironment, shellParameters } from '@fatbuildr/images';
import type { TaskParameters } from '@fatbuildr/protocol';
import { INSTANCE_INTERFACE } from '@fatbuildr/protocol-dbus';
import { TasksService } from '@fatbuildr/tasks';
import { DbusInterface, DbusMethod, Polkit, type InstanceCall } from './dbus.decorators';
import { INSTANCES_PATH } from './fatbuildr.dbus';

const ENVIRONMENT = { format: 's', environment: 's', architecture: 's' } as const;
export const SHELL = { term: 's', command: 'as' } as const;
export const SHELL_DOC =
  'term is the type of the terminal, as in $TERM; empty for none: then the command reads what is piped into it, and an empty message 1 on the console ends its input (addition to Fatbuildr 2.1). Without command it is a shell.';

/** Images and build environments of one instance. */
@Injectable()
@DbusInterface({ name: INSTANCE_INTERFACE, path: INSTANCES_PATH, perInstance: true })
export class ImageObject {
  constructor(private readonly tasks: TasksService) {}

  @Polkit('manage-image')
  @DbusMethod({ in: { format: 's', force: 'b' }, out: 's' })
  imageCreate(call: InstanceCall, format: string, force: boolean): Promise<string> {
    call.instance.distributions(format);
    return this.submit(call, { name: 'image creation', format, force });
  }

  @Polkit('manage-image')
  @DbusMethod({ in: { format: 's' }, out: 's' })
  imageUpdate(call: InstanceCall, format: string): Promise<string> {
    call.instance.distributions(format);
    return this.submit(call, { name: 'image update', format });
  }

  @Polkit('manage-image')
  @DbusMethod({ in: ENVIRONMENT, out: 's' })
  imageEnvironmentCreate(
    call: InstanceCall,
    format: string,
    environment: string,
    architecture: string,
  ): Promise<string> {
    requireEnvironment(call.instance, format, environment, architecture);
    return this.submit(call, {
      name: 'image build environment creation',
      ...{ format, environment, architecture },
    });
  }

  @Polkit('manage-image')
  @DbusMethod({ in: ENVIRONMENT, out: 's' })
  imageEnvironmentUpdate(
    call: InstanceCall,
    format: string,
    environment: string,
    architecture: string,
  ): Promise<string> {
    requireEnvironment(call.instance, format, environment, architecture);
    return this.submit(call, {
      name: 'image build environment update',
      ...{ format, environment, architecture },
    });
  }

  @Polkit('manage-image')
  @DbusMethod({
    in: { format: 's', ...SHELL },
    out: 's',
    doc: `The image keeps what was done in it when the command succeeds, or the shell is left. ${SHELL_DOC}`,
  })
  imageShell(call: InstanceCall, format: string, term: string, command: string[]): Promise<string> {
    call.instance.distributions(format);
    return this.submit(call, { name: 'image shell', format, ...shellParameters(term, command) });
  }

  @Polkit('manage-image')
  @DbusMethod({
    in: { ...ENVIRONMENT, ...SHELL },
    out: 's',
    doc: `It is a copy of the environment, which is thrown away. ${SHELL_DOC}`,
  })
  imageEnvironmentShell(
    call: InstanceCall,
    format: string,
    environment: string,
    architecture: string,
    term: string,
    command: string[],
  ): Promise<string> {
    requireEnvironment(call.instance, format, environment, architecture);
    return this.submit(call, {
      name: 'image build environment shell',
      ...{ format, environment, architecture },
      ...shellParameters(term, command),
    });
  }

  private submit({ instance, user }: InstanceCall, parameters: TaskParameters): Promise<string> {
    return this.tasks.submit(instance.id, user, parameters);
  }
}
