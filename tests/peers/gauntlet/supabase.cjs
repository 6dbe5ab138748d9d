// npm @supabase/supabase-js as an app uses it: two reads and a write.
const { createClient } = require('@supabase/supabase-js');

async function main() {
  const client = createClient(process.env.SUPABASE_URL, process.env.SUPABASE_SERVICE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const answers = [
    await client.from('product_suggestions').select('*').order('priority', { ascending: false }).limit(5),
    await client.from('content_performance').select('id').order('id').range(0, 1),
    await client.from('tags').insert({ name: 'from-the-gauntlet' }),
  ];
  const failed = answers.find((answer) => answer.error);
  if (failed) throw new Error(JSON.stringify(failed.error));
}

main().catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
});
