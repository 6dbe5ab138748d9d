// Verifies a Sigstore bundle with a public key, as another implementation than ours does it: verify.js BUNDLE PUBLIC-KEY
// Prints the statement; ends with 1 and the reason where the signature does not hold.
const fs = require('node:fs');
const { bundleFromJSON } = require('@sigstore/bundle');
const { crypto } = require('@sigstore/core');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const [bundlePath, keyPath] = process.argv.slice(2);
const publicKey = crypto.createPublicKey(fs.readFileSync(keyPath, 'utf8'));
const hint = crypto.digest('sha256', publicKey.export({ type: 'spki', format: 'der' })).toString('base64');
const authorities = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const trust = toTrustMaterial(authorities, (asked) => {
  if (asked !== hint) throw new Error(`the bundle names the key ${asked}, this one is ${hint}`);
  return { publicKey, validFor: () => true };
});
try {
  const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(bundlePath, 'utf8')));
  new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(bundle));
  process.stdout.write(bundle.content.dsseEnvelope.payload);
} catch (error) {
  process.stderr.write(`${error.code ?? ''} ${error.message}\n`);
  process.exit(1);
}
