// A receiver of Shopify's webhooks on shopify-api: the library validates, each webhook id is worked on once.
import { createRequire } from 'node:module';
import { answer, serve } from './server.cjs';

const require = createRequire(`${process.env.NODE_PATH}/`);
require('@shopify/shopify-api/adapters/node');
const { shopifyApi, ApiVersion, LogSeverity } = require('@shopify/shopify-api');

const shopify = shopifyApi({
  apiKey: 'key',
  apiSecretKey: process.env.SECRET,
  scopes: [],
  hostName: 'localhost',
  apiVersion: ApiVersion.October25,
  isEmbeddedApp: true,
  logger: { level: LogSeverity.Error, log: async () => {} },
});
const seen = new Set();
let effects = 0;

async function receive(request, response, body) {
  const text = new TextDecoder('utf-8', { fatal: true });
  let rawBody;
  try {
    rawBody = text.decode(body);
  } catch {
    return answer(response, 400, 'not UTF-8');
  }
  const checked = await shopify.webhooks.validate({ rawBody, rawRequest: request, rawResponse: response });
  if (!checked.valid) return answer(response, checked.reason === 'invalid_hmac' ? 401 : 400, checked.reason);
  try {
    JSON.parse(rawBody);
  } catch {
    return answer(response, 400, 'no JSON');
  }
  if (checked.topic === 'ORDERS_CREATE' && !seen.has(checked.webhookId)) {
    seen.add(checked.webhookId);
    effects += 1;
  }
  answer(response, 200, 'ok');
}

serve(receive, () => effects);
