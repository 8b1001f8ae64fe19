import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION, type Configuration } from '@fatbuildr/config';
import type { EnvironmentTool, FormatImageSource } from './environment-tool.port';
import { noEnvironments, unknownImageFormat, unknownTool } from './images.errors';

interface RegisteredFormat {
  source: FormatImageSource;
  /** The first one is the default. */
  tools: readonly EnvironmentTool[];
}

/** The formats that have images: each registers itself when its module starts. */
@Injectable()
export class ImageFormats {
  private readonly byName = new Map<string, RegisteredFormat>();

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** @param tools none for a format that builds in its image */
  register(source: FormatImageSource, tools: readonly EnvironmentTool[] = []): void {
    this.byName.set(source.format, { source, tools });
  }

  /** @throws FatbuildrError `IMAGES.UNKNOWN_FORMAT` */
  source(format: string): FormatImageSource {
    return this.of(format).source;
  }

  /**
   * The tool the configuration chooses for the format, else its default.
   *
   * @throws FatbuildrError `IMAGES.UNKNOWN_FORMAT`, `IMAGES.NO_ENVIRONMENTS`, `IMAGES.UNKNOWN_TOOL`
   */
  tool(format: string): EnvironmentTool {
    const { tools } = this.of(format);
    if (tools.length === 0) throw noEnvironments(format);
    const wanted = this.configuration.formats[format]?.tool;
    const tool = wanted === undefined ? tools[0] : tools.find(({ tool: name }) => name === wanted);
    if (tool === undefined)
      throw unknownTool(
        format,
        wanted,
        tools.map(({ tool: name }) => name),
      );
    return tool;
  }

  /**
   * Of what a format has for each of its tools, that which belongs to the chosen one.
   *
   * @throws FatbuildrError as `tool`
   */
  forTool<T extends Pick<EnvironmentTool, 'tool'>>(format: string, among: readonly T[]): T {
    const { tool } = this.tool(format);
    const found = among.find((one) => one.tool === tool);
    if (found === undefined) throw new Error(`format ${format} cannot build with tool ${tool}`);
    return found;
  }

  private of(format: string): RegisteredFormat {
    const registered = this.byName.get(format);
    if (registered === undefined) throw unknownImageFormat(format, [...this.byName.keys()]);
    return registered;
  }
}
