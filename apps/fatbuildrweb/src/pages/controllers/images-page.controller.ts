import { Body, Get, Post } from '@nestjs/common';
import type { ImageDescription } from '@fatbuildr/containers';
import { FatbuildrError } from '@fatbuildr/errors';
import { ImagesService, requireEnvironment, shellParameters } from '@fatbuildr/images';
import type { Instance } from '@fatbuildr/instances';
import type { TaskParameters } from '@fatbuildr/protocol';
import type { Caller } from '../../auth/caller';
import { CurrentCaller, CurrentInstance } from '../../auth/current.decorators';
import { Requires } from '../../auth/requires.decorator';
import { formText, type FormBody } from '../form';
import { Page, type SeeOther } from '../frame/page';
import { PageController } from '../frame/page.interceptor';
import { PageTasks, TERM } from '../page-tasks';
import { environmentView, imageState, type ImagesFormatView } from '../views/images.view';

/** The images of the formats and their build environments. */
@PageController('images')
@Requires('manage-image')
export class ImagesPageController {
  constructor(
    private readonly images: ImagesService,
    private readonly tasks: PageTasks,
  ) {}

  @Get()
  @Requires('view-pipeline')
  async overview(@CurrentInstance() instance: Instance): Promise<Page> {
    const faults = new Set<string>();
    const formats: ImagesFormatView[] = [];
    for (const format of instance.formats)
      formats.push(await this.format(instance, format, faults));
    return new Page('images', 'images', 'Images', { formats, fault: [...faults][0] });
  }

  @Post('create')
  create(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const format = formatOf(instance, body);
    const force = body?.force === 'yes';
    return this.tasks.submit(instance, caller, { name: 'image creation', format, force });
  }

  @Post('update')
  update(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const format = formatOf(instance, body);
    return this.tasks.submit(instance, caller, { name: 'image update', format });
  }

  @Post('shell')
  openShell(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const format = formatOf(instance, body);
    const shell = shellParameters(TERM, []);
    return this.tasks.submit(instance, caller, { name: 'image shell', format, ...shell });
  }

  @Post('environment/create')
  createEnvironment(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const parameters: TaskParameters = {
      name: 'image build environment creation',
      ...environmentOf(instance, body),
    };
    return this.tasks.submit(instance, caller, parameters);
  }

  @Post('environment/update')
  updateEnvironment(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const parameters: TaskParameters = {
      name: 'image build environment update',
      ...environmentOf(instance, body),
    };
    return this.tasks.submit(instance, caller, parameters);
  }

  @Post('environment/shell')
  openEnvironmentShell(
    @CurrentInstance() instance: Instance,
    @CurrentCaller() caller: Caller,
    @Body() body: FormBody,
  ): Promise<SeeOther> {
    const parameters: TaskParameters = {
      name: 'image build environment shell',
      ...environmentOf(instance, body),
      ...shellParameters(TERM, []),
    };
    return this.tasks.submit(instance, caller, parameters);
  }

  private async format(
    instance: Instance,
    format: string,
    faults: Set<string>,
  ): Promise<ImagesFormatView> {
    const now = Date.now();
    const image = imageState(await known(this.images.image(instance, format), faults), now);
    const withImage = image.created !== undefined || image.unknown;
    const environments = instance.environments(format).flatMap((name) =>
      instance.architectures.map(async (architecture) => {
        const distributions = instance.pipelines
          .filter((pipeline) => pipeline.format === format && pipeline.environment === name)
          .map(({ distribution }) => distribution);
        const found = this.images.environment(instance, format, name, architecture);
        const state = imageState(await known(found, faults), now);
        return environmentView({ name, architecture, distributions }, state, withImage);
      }),
    );
    return { format, ...image, environments: await Promise.all(environments) };
  }
}

/** @returns `null` when the container engine cannot be asked; why is added to the faults */
async function known(
  image: Promise<ImageDescription | undefined>,
  faults: Set<string>,
): Promise<ImageDescription | undefined | null> {
  try {
    return await image;
  } catch (fault) {
    if (!(fault instanceof FatbuildrError)) throw fault;
    faults.add(fault.message);
    return null;
  }
}

/** @throws FatbuildrError `INSTANCES.UNKNOWN_FORMAT` */
function formatOf(instance: Instance, body: FormBody): string {
  const format = formText(body, 'format');
  instance.distributions(format);
  return format;
}

/** @throws FatbuildrError `IMAGES.UNKNOWN_ENVIRONMENT`, `IMAGES.UNKNOWN_ARCHITECTURE` */
function environmentOf(instance: Instance, body: FormBody) {
  const format = formatOf(instance, body);
  const environment = formText(body, 'environment');
  const architecture = formText(body, 'architecture');
  requireEnvironment(instance, format, environment, architecture);
  return { format, environment, architecture };
}
