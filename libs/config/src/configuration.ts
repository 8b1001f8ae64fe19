/** The one typed configuration tree: loaded once at start, validated, then injected. Paths are absolute. */
export interface Configuration {
  dirs: {
    /** Folder of the instance files, `<id>.yml`. */
    instances: string;
    registry: string;
    cache: string;
    tmp: string;
    /** Database, private Redis, private Podman. */
    state: string;
    /** Sockets and uploads. */
    run: string;
  };
  daemon: {
    debug: boolean;
    fulldebug: boolean;
    /** Milliseconds without a call before the daemon leaves; `undefined`: resident. */
    idleExit: number | undefined;
    concurrency: number;
    /** Milliseconds running tasks have to finish when the daemon is stopped; `undefined`: none. */
    stopTimeout: number | undefined;
    /** How lines of the log look: for people and systemd's journal, or one JSON object each. */
    logFormat: 'text' | 'json';
    /** `auto`: the system bus where there is one, else a private bus; `private` never looks. */
    bus: string;
  };
  web: {
    debug: boolean;
    host: string;
    port: number;
    instance: string;
    listing: boolean;
    vendorTemplates: string;
    templates: string;
    static: string;
    vendorPolicy: string;
    policy: string;
    /** Bytes of one submission: its form and its files. */
    maxUpload: number;
    /** What stands before every path: empty, or `/` and more. */
    prefix: string;
    /** Addresses and networks of proxies whose `X-Forwarded-*` headers are believed. */
    trustedProxies: string[];
  };
  images: {
    storage: string;
    /** Folder of the format images' own files, `<defs>/<format>/…`. */
    defs: string;
    /** Formats this installation is restricted to; `undefined`: all. */
    formats: string[] | undefined;
  };
  registry: {
    conf: string;
    /** Milliseconds a signed index stays valid; `undefined`: no Valid-Until. */
    validity: number | undefined;
    /** How many generations of by-hash files are kept, at least 3. */
    retain: number;
    /** Public address of `dirs.registry`, for client configuration files; `undefined`: only local paths. */
    url: string | undefined;
  };
  tasks: {
    workspaces: string;
    purge: string;
    hook: string | undefined;
    /** Milliseconds a task may run; `undefined`: without end. */
    timeLimit: number | undefined;
    /** Milliseconds a prescript may run; `undefined`: without end. */
    prescriptTimeLimit: number | undefined;
    /** Milliseconds a shell goes on when nobody is at its terminal; `undefined`: without end. */
    terminalGrace: number | undefined;
    /** Bytes of output that the journal of a task keeps; `undefined`: all. */
    maxOutput: number | undefined;
    /** Milliseconds for which the container of a failed build is kept at most; `undefined`: none is kept. */
    keepFailed: number | undefined;
    /** Bytes that stay free beside what is kept of failed builds; `undefined`: it may fill the disk. */
    keepFree: number | undefined;
  };
  containers: {
    engine: string;
    /** Bytes one container may use, without swap; `undefined`: all there are. */
    maxMemory: number | undefined;
    /** Processes and threads at once in one container; `undefined`: as many as one user may have. */
    maxProcesses: number | undefined;
  };
  queue: { redis: string | undefined };
  database: { url: string | undefined };
  keyring: {
    storage: string;
    type: 'rsa' | 'ed25519';
    /** Bits of an RSA key. */
    size: number;
    /** Seconds; `undefined`: never. */
    expires: number | undefined;
  };
  tokens: {
    storage: string;
    /** Days. */
    duration: number;
    algorithm: 'HS256' | 'HS384' | 'HS512';
    audience: string;
  };
  /** Limits on what is fetched and unpacked. */
  sources: {
    /** Milliseconds for one download. */
    timeout: number;
    /** Bytes of one download. */
    maxSize: number;
    /** Bytes an archive may unpack to. */
    maxUnpacked: number;
    /** Members an archive may hold. */
    maxEntries: number;
  };
  /** `[format:<name>]` sections. */
  formats: Readonly<Record<string, FormatConfiguration>>;
}

export interface FormatConfiguration {
  /** Which build environment tool is used. */
  tool: string | undefined;
  /** Container image the format image starts from; `undefined`: bootstrapped from the package mirror. */
  image: string | undefined;
  envDefaultMirror: string | undefined;
  envDefaultComponents: string | undefined;
  envDefaultModules: string[];
  /** Folder of the armored keys (`*.asc`) that packages of distributions must be signed by. */
  envKeys: string | undefined;
  prescriptDeps: string[];
}
