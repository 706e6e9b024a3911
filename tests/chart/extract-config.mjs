// Lays out what a rendered pod would find: connector.yaml, the files of its Secrets, and `environment`, which a shell
// can source.
// Usage: node extract-config.mjs RENDERED DIRECTORY

import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {parseAllDocuments} from 'yaml';

const [rendered, directory] = process.argv.slice(2);
// Long enough for an encryption key, too.
const secret = 'secret'.repeat(8);
const manifests = parseAllDocuments(readFileSync(rendered, 'utf8')).map((document) => document.toJS());
const config = manifests.find((manifest) => manifest?.data?.['connector.yaml']);
const pod = manifests.find((manifest) => manifest?.kind === 'Deployment').spec.template.spec;
const [container] = pod.containers;

rmSync(directory, {recursive: true, force: true});
mkdirSync(directory, {recursive: true});
writeFileSync(join(directory, 'connector.yaml'), config.data['connector.yaml']);
writeFileSync(join(directory, 'environment'),
              (container.env ?? []).map(({name, value}) => `${name}='${value ?? secret}'\n`).join(''));

for (const volume of pod.volumes) {
  const mount = container.volumeMounts.find(({name}) => name === volume.name).mountPath;
  const items = volume.secret?.items ?? volume.projected?.sources.flatMap((source) => source.secret.items) ?? [];
  for (const {path} of items) {
    const file = join(directory, mount, path);
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, path === 'url' ? 'postgresql://connector@database/connector\n' : `${secret}\n`);
  }
}
