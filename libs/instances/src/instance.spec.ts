import { Instance, type Pipeline } from './instance';
import { InstancesService } from './instances.service';

const pipeline = (format: string, distribution: string, environment?: string): Pipeline => ({
  format,
  distribution,
  environment,
  tag: undefined,
  mirror: undefined,
  components: undefined,
  modules: [],
});

const instance = new Instance({
  id: 'prod',
  name: 'Production',
  gpg: { name: 'ACME', email: 'packages@acme.example' },
  architectures: ['x86_64'],
  pipelines: [
    pipeline('alpha', 'one', 'base'),
    pipeline('alpha', 'two', 'base'),
    pipeline('beta', 'three', 'other'),
    pipeline('gamma', 'images'),
  ],
  derivatives: new Map([
    ['full', { formats: ['beta', 'alpha'], extends: 'extra' }],
    ['extra', { formats: ['gamma', 'alpha'], extends: 'main' }],
    ['wide', { formats: undefined, extends: 'main' }],
  ]),
});

describe('an instance', () => {
  it('knows the pipelines of its distributions and formats', () => {
    expect(instance.formats).toEqual(['alpha', 'beta', 'gamma']);
    expect(instance.distributions('alpha')).toEqual(['one', 'two']);
    expect(instance.distributionFormat('three')).toBe('beta');
    expect(instance.distributionEnvironment('one')).toBe('base');
    expect(instance.distributionEnvironment('images')).toBeUndefined();
  });

  it('names each build environment once', () => {
    expect(instance.environments('alpha')).toEqual(['base']);
    expect(instance.environments('gamma')).toEqual([]);
  });

  it('lists a derivative, then what it extends, and main last', () => {
    expect(instance.recursiveDerivatives('full')).toEqual(['full', 'extra', 'main']);
    expect(instance.recursiveDerivatives('main')).toEqual(['main']);
  });

  it("intersects a derivative's formats with those of all it extends", () => {
    expect(instance.derivativeFormats('main')).toEqual(['alpha', 'beta', 'gamma']);
    expect(instance.derivativeFormats('wide')).toEqual(['alpha', 'beta', 'gamma']);
    expect(instance.derivativeFormats('extra')).toEqual(['alpha', 'gamma']);
    expect(instance.derivativeFormats('full')).toEqual(['alpha']);
  });

  it('offers a distribution the derivatives that have its format', () => {
    expect(instance.distributionDerivatives('one')).toEqual(['main', 'full', 'extra', 'wide']);
    expect(instance.distributionDerivatives('three')).toEqual(['main', 'wide']);
  });

  it('hands out the pipeline of a request whose parts fit together', () => {
    expect(instance.requirePipeline('alpha', 'two', 'full').distribution).toBe('two');
    expect(() => instance.requireArchitecture('x86_64')).not.toThrow();
  });

  it.each([
    [
      () => instance.requirePipeline('beta', 'one', 'main'),
      'INSTANCES.UNKNOWN_DISTRIBUTION',
      'instance prod has no distribution "one", it has: three',
    ],
    [
      () => instance.requirePipeline('beta', 'three', 'full'),
      'INSTANCES.UNKNOWN_DERIVATIVE',
      'instance prod has no derivative "full", it has: main, wide',
    ],
    [
      () => instance.requireArchitecture('s390x'),
      'INSTANCES.UNKNOWN_ARCHITECTURE',
      'instance prod has no architecture "s390x", it has: x86_64',
    ],
    [
      () => instance.distributions('delta'),
      'INSTANCES.UNKNOWN_FORMAT',
      'instance prod has no format "delta", it has: alpha, beta, gamma',
    ],
    [
      () => instance.environments('delta'),
      'INSTANCES.UNKNOWN_FORMAT',
      'instance prod has no format "delta", it has: alpha, beta, gamma',
    ],
    [
      () => instance.distributionDerivatives('four'),
      'INSTANCES.UNKNOWN_DISTRIBUTION',
      'instance prod has no distribution "four", it has: one, two, three, images',
    ],
    [
      () => instance.derivativeFormats('none'),
      'INSTANCES.UNKNOWN_DERIVATIVE',
      'instance prod has no derivative "none", it has: main, full, extra, wide',
    ],
  ])('says what exists when asked for what does not (%#)', (ask, code, message) => {
    expect(ask).toThrow(expect.objectContaining({ code, message }));
  });
});

describe('InstancesService', () => {
  it('finds instances by id and names them when there is no such one', () => {
    const service = new InstancesService([instance]);
    expect(service.list()).toEqual([instance]);
    expect(service.get('prod')).toBe(instance);
    expect(() => service.get('toString')).toThrow(
      expect.objectContaining({
        code: 'INSTANCES.UNKNOWN',
        message: 'there is no instance "toString", there are: prod',
      }),
    );
  });

  it('says how to set one up when there is none', () => {
    expect(() => new InstancesService([]).get('prod')).toThrow('<dirs.instances>/prod.yml');
  });
});
