// What an app does with @supabase/supabase-js, unchanged but for the address and the keys; prints what it saw.
const { createClient } = require('@supabase/supabase-js');

const { SUPABASE_URL: url, SUPABASE_ANON_KEY, SUPABASE_SERVICE_KEY, SUPABASE_PUBLISHABLE_KEY, SUPABASE_USER_JWT } = process.env;
const still = { auth: { persistSession: false, autoRefreshToken: false } };
const service = createClient(url, SUPABASE_SERVICE_KEY, still);
const visitor = createClient(url, SUPABASE_ANON_KEY, still);
const newVisitor = createClient(url, SUPABASE_PUBLISHABLE_KEY, still);
const user = createClient(url, SUPABASE_ANON_KEY, {
  ...still,
  global: { headers: { Authorization: `Bearer ${SUPABASE_USER_JWT}` } },
});

/** The members of an answer that an app looks at. */
const told = ({ data, error, count, status }) => ({
  status,
  ...(error ? { code: error.code, message: error.message } : { data }),
  ...(count === null || count === undefined ? {} : { count }),
});

async function main() {
  const seen = {};
  seen.tile = (await service.from('product_suggestions').select('*').order('priority', { ascending: false }).limit(5)).data
    .map((row) => row.priority);
  seen.counted = told(await service.from('content_performance').select('id', { count: 'exact' }).order('id').range(0, 1));
  seen.head = told(await service.from('content_performance').select('*', { count: 'exact', head: true }));
  seen.filtered = told(
    await service.from('idea_pool').select('id').in('status', ['approved', 'rejected']).gte('confidence', 0.5).order('id'),
  );
  seen.or = told(await service.from('idea_pool').select('id').or('status.eq.draft,priority.eq.high').order('id'));
  seen.text = told(await service.from('idea_pool').select('id').ilike('title', '%stove%'));
  seen.contains = told(await service.from('trend_opportunities').select('keyword').contains('tags', ['winter']));
  seen.embedded = told(
    await service.from('experiments').select('experiment_key, experiment_results(variant)').eq('experiment_key', 'pdp_hero')
      .order('id', { referencedTable: 'experiment_results' }),
  );
  seen.single = told(await service.from('idea_pool').select('title').eq('id', 'idea-1').single());
  seen.maybe = told(await service.from('idea_pool').select('title').eq('id', 'none').maybeSingle());
  seen.none = told(await service.from('idea_pool').select('title').eq('id', 'none').single());
  seen.csv = told(await service.from('tags').select('id,name').order('id').csv());
  seen.inserted = told(await service.from('idea_pool').insert({ id: 'sdk', title: 'By the client' }).select('id, status'));
  seen.many = told(await service.from('tags').insert([{ name: 'one' }, { name: 'two' }]).select('name'));
  seen.upserted = told(
    await service.from('idea_pool').upsert({ id: 'sdk', title: 'Merged' }).select('id, title').single(),
  );
  seen.ignored = told(await service.from('idea_pool').upsert({ id: 'sdk', title: 'No' }, { ignoreDuplicates: true }).select());
  seen.updated = told(await service.from('idea_pool').update({ reviewer: 'kim' }, { count: 'exact' }).eq('id', 'sdk'));
  seen.deleted = told(await service.from('idea_pool').delete().eq('id', 'sdk').select('id, reviewer'));
  seen.duplicate = told(await service.from('idea_pool').insert({ id: 'idea-1', title: 'Again' }));
  seen.missing = told(await service.from('no_such_table').select());
  seen.matched = told(
    await service.rpc('match_documents', { query_embedding: [1, 0, 0], match_threshold: 0.5, match_count: 1 }),
  );
  seen.sum = told(await service.rpc('add_numbers', { a: 1, b: 2 }));
  seen.sumByGet = told(await service.rpc('add_numbers', { a: 1, b: 2 }, { get: true }));
  seen.nothing = told(await service.rpc('refresh_idea_pool'));
  seen.raised = told(await service.rpc('approve_without_reviewer', { suggestion_id: 'x' }));
  seen.visitorSees = (await visitor.from('product_suggestions').select('status')).data.length;
  seen.newVisitorSees = (await newVisitor.from('product_suggestions').select('status')).data.length;
  seen.userSees = (await user.from('product_suggestions').select('status')).data.length;
  seen.visitorWrites = told(await visitor.from('operator_notes').insert({ body: 'x' }));
  seen.userWrites = told(await user.from('operator_notes').insert({ body: 'mine' }).select('body').single());
  seen.userReadsLog = told(await user.from('audit_log').select());
  return seen;
}

main().then((seen) => console.log(JSON.stringify(seen)), (error) => {
  console.error(error);
  process.exit(1);
});
