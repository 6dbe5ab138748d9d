// npm openai as an app uses it: two reads, a completion. Its address and key come from the environment that it reads itself.
const OpenAI = require('openai');

async function main() {
  const client = new OpenAI();
  await client.models.list();
  await client.models.retrieve('gpt-4o');
  await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] });
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
});
