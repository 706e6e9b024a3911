// Holds rendered manifests against the Kubernetes schemas, against each other and against what this chart promises.
// Usage: node validate.mjs FILE...

import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseAllDocuments} from 'yaml';

const here = dirname(fileURLToPath(import.meta.url));
const problems = [];
const complain = (place, text) => problems.push(`${place}: ${text}`);

const packages = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
};

function read(file) {
  return parseAllDocuments(readFileSync(file, 'utf8'), {uniqueKeys: true})
      .map((document) => {
        for (const error of document.errors) complain(basename(file), error.message);
        return document.toJS();
      })
      .filter((manifest) => manifest)
      .map((manifest) => ({
        manifest,
        place: `${basename(file)}: ${manifest.kind} ${manifest.metadata?.name}`,
        module: moduleOf(manifest.apiVersion),
      }));
}

function moduleOf(apiVersion) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const path = [group.replace(/\.k8s\.io$/, '.k8s.io'), version].filter(Boolean).join('/');
  return `${packages[group] ?? 'kubernetes-models'}/${path}`;
}

// Wrong types and missing fields, by the OpenAPI schemas.
async function checkSchemas(documents) {
  for (const {manifest, place, module} of documents) {
    try {
      const {[manifest.kind]: Kind} = await import(`${module}/${manifest.kind}`);
      new Kind(manifest).validate();
    } catch (error) {
      complain(place, error.message);
    }
  }
}

// Unknown fields, which the schemas allow: each manifest as a literal of its type.
function checkFields(documents) {
  const directory = mkdtempSync(join(here, 'fields-'));
  try {
    documents.forEach(({manifest, module}, i) => {
      const type = `I${manifest.kind}`;
      writeFileSync(
          join(directory, `m${i}.ts`),
          `import type {${type}} from '${module}/${manifest.kind}';\n` +
              `export const manifest: ${type} = ${JSON.stringify(manifest, null, 1)};\n`);
    });
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, skipLibCheck: true, target: 'es2022', module: 'nodenext',
        moduleResolution: 'nodenext', types: [],
      },
    }));
    execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', directory],
                 {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']});
  } catch (error) {
    const text = `${error.stdout ?? ''}${error.stderr ?? error.message}`;
    complain('fields', text.replace(/\S*m(\d+)\.ts/g, (_, i) => documents[i].place));
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
}

const matches = (selector, labels) =>
    Object.entries(selector).every(([key, value]) => labels?.[key] === value);

// What each file's manifests say about each other.
function checkReferences(documents) {
  const of = (kind) => documents.filter(({manifest}) => manifest.kind === kind);
  const names = (kind) => of(kind).map(({manifest}) => manifest.metadata.name);
  const [deployment] = of('Deployment');
  const template = deployment.manifest.spec.template;
  const labels = template.metadata.labels;
  const ports = template.spec.containers.flatMap((container) => container.ports.map((port) => port.name));

  const selectors = [
    ['Deployment', (spec) => spec.selector.matchLabels],
    ['Service', (spec) => spec.selector],
    ['NetworkPolicy', (spec) => spec.podSelector.matchLabels],
    ['PodDisruptionBudget', (spec) => spec.selector.matchLabels],
  ];
  for (const [kind, selectorOf] of selectors) {
    for (const {manifest, place} of of(kind)) {
      if (!matches(selectorOf(manifest.spec), labels)) complain(place, 'does not select the pods');
    }
  }
  for (const {manifest, place} of of('Service')) {
    for (const port of manifest.spec.ports) {
      if (!ports.includes(port.targetPort)) complain(place, `there is no port ${port.targetPort} in the pod`);
    }
  }
  for (const {manifest, place} of of('ServiceMonitor')) {
    const services = of('Service').filter(({manifest: service}) =>
        matches(manifest.spec.selector.matchLabels, service.metadata.labels));
    if (services.length !== 1) complain(place, `selects ${services.length} Services instead of one`);
  }
  const backends = [
    ...of('Ingress').flatMap(({manifest}) => manifest.spec.rules[0].http.paths.map((path) => path.backend.service.name)),
    ...of('HTTPRoute').flatMap(({manifest}) => manifest.spec.rules.flatMap((rule) => rule.backendRefs.map((ref) => ref.name))),
  ];
  for (const backend of backends) {
    if (!names('Service').includes(backend)) complain('routes', `there is no Service ${backend}`);
  }
  for (const volume of template.spec.volumes) {
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && claim !== 'old-claim' && !names('PersistentVolumeClaim').includes(claim)) {
      complain(deployment.place, `there is no claim ${claim}`);
    }
    if (volume.configMap && !names('ConfigMap').includes(volume.configMap.name)) {
      complain(deployment.place, `there is no ConfigMap ${volume.configMap.name}`);
    }
  }
  const account = template.spec.serviceAccountName;
  if (account !== 'default' && !names('ServiceAccount').includes(account)) {
    complain(deployment.place, `there is no ServiceAccount ${account}`);
  }
}

// What the chart promises about the pod and the way in.
function checkPromises(documents) {
  const allowed = ['/webhooks/pipedrive', '/webhooks/brevo', '/oauth/authorize', '/oauth/callback', '/brevo/imports/'];
  for (const {manifest, place} of documents) {
    const expect = (holds, text) => holds || complain(place, text);
    if (manifest.kind === 'Secret') complain(place, 'the chart makes no Secrets');
    if (manifest.kind === 'Deployment') {
      const pod = manifest.spec.template.spec;
      expect(pod.automountServiceAccountToken === false, 'mounts a token');
      expect(pod.enableServiceLinks === false, 'gets service links');
      expect(pod.securityContext.runAsNonRoot === true, 'may run as root');
      expect(pod.securityContext.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile');
      expect(pod.terminationGracePeriodSeconds >= 30, 'is killed while it drains');
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(!pod[field], `uses ${field}`);
      for (const container of pod.containers) {
        const context = container.securityContext;
        expect(context.readOnlyRootFilesystem === true, 'has a writable root');
        expect(context.allowPrivilegeEscalation === false, 'may gain privileges');
        expect(context.capabilities.drop.includes('ALL') && !context.capabilities.add, 'keeps capabilities');
        expect(container.resources?.limits?.memory, 'has no memory limit');
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) expect(container[probe], `has no ${probe}`);
      }
      const usesClaim = pod.volumes.some((volume) => volume.persistentVolumeClaim);
      expect(!usesClaim || manifest.spec.strategy.type === 'Recreate', 'would open the file twice in an update');
    }
    if (manifest.kind === 'Ingress') {
      for (const {path} of manifest.spec.rules[0].http.paths) expect(allowed.includes(path), `lets ${path} through`);
    }
    if (manifest.kind === 'HTTPRoute') {
      for (const match of manifest.spec.rules.flatMap((rule) => rule.matches)) {
        expect(allowed.includes(match.path.value), `lets ${match.path.value} through`);
      }
    }
  }
}

const all = [];
for (const file of process.argv.slice(2)) {
  const documents = read(file);
  checkReferences(documents);
  checkPromises(documents);
  all.push(...documents);
}
await checkSchemas(all);
checkFields(all);
for (const problem of problems) console.error(problem);
if (problems.length) process.exit(1);
console.log(`${all.length} manifests are valid`);
