// Loaded with `node --require`: connections to *.myshopify.com go to the twin, which serves TLS under the shop's name.
// The clients know https and port 443 only, and stay unchanged; NODE_EXTRA_CA_CERTS makes Node trust the certificate.
const tls = require('node:tls');

const twin = new URL(process.env.SHOPIFY_STORE_URL);
const connect = tls.connect;

tls.connect = function (...args) {
  const options = args[0];
  if (options && typeof options === 'object' && /\.myshopify\.com$/.test(options.host ?? '')) {
    args[0] = { ...options, servername: options.host, host: twin.hostname, port: Number(twin.port) };
  }
  return connect.apply(this, args);
};
