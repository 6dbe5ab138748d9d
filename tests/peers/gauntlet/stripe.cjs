// npm stripe as an app uses it: a list, and a new customer.
const Stripe = require('stripe');

async function main() {
  const url = new URL(process.env.STRIPE_API_BASE);
  const client = new Stripe(process.env.STRIPE_API_KEY, { protocol: 'http', host: url.hostname, port: url.port, telemetry: false });
  await client.customers.list({ limit: 3 });
  await client.customers.create({ email: 'ann@example.test' });
}

main().catch((error) => {
  console.error(`${error.type ?? error.name}: ${error.message}`);
  process.exit(1);
});
