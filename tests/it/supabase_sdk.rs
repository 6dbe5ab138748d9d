//! Supabase's official JavaScript client, unchanged, against `preflight serve supabase`.

use serde_json::{Value, json};

use crate::peer::{Clients, Language};
use crate::serve::Served;

#[test]
fn the_official_client_works_unchanged() {
    let Some(clients) = Clients::find("supabase", Language::Node) else { return };
    let seen = clients.show(&Served::start(&["supabase"], 1), &[], "sdk.cjs");
    let rows = |data: Value| json!({ "status": 200, "data": data });
    let expected = json!({
        "tile": ["urgent", "medium", "low", "high", "high"],
        "counted": { "status": 206, "data": [{ "id": 1 }, { "id": 2 }], "count": 24 },
        "head": { "status": 200, "data": null, "count": 24 },
        "filtered": rows(json!([{ "id": "idea-1" }])),
        "or": rows(json!([{ "id": "idea-1" }, { "id": "idea-3" }])),
        "text": rows(json!([{ "id": "idea-1" }])),
        "contains": rows(json!([{ "keyword": "dog thermos" }])),
        "embedded": rows(json!([{
            "experiment_key": "pdp_hero", "experiment_results": [{ "variant": "control" }, { "variant": "video" }],
        }])),
        "single": rows(json!({ "title": "Bundle stove and mug" })),
        "maybe": rows(Value::Null),
        "none": {
            "status": 406, "code": "PGRST116", "message": "JSON object requested, multiple (or no) rows returned",
        },
        "csv": rows(json!("id,name\n1,winter\n2,kitchen\n3,pets")),
        "inserted": { "status": 201, "data": [{ "id": "sdk", "status": "draft" }] },
        "many": { "status": 201, "data": [{ "name": "one" }, { "name": "two" }] },
        "upserted": rows(json!({ "id": "sdk", "title": "Merged" })),
        "ignored": { "status": 201, "data": [] },
        "updated": { "status": 204, "data": null, "count": 1 },
        "deleted": rows(json!([{ "id": "sdk", "reviewer": "kim" }])),
        "duplicate": {
            "status": 409, "code": "23505",
            "message": "duplicate key value violates unique constraint \"idea_pool_pkey\"",
        },
        "missing": { "status": 404, "code": "42P01", "message": "relation \"public.no_such_table\" does not exist" },
        "matched": rows(json!([{ "id": 1, "content": "Returns are free for 30 days.", "similarity": 1 }])),
        "sum": rows(json!(3)),
        "sumByGet": rows(json!(3)),
        "nothing": { "status": 204, "data": null },
        "raised": { "status": 400, "code": "P0001", "message": "A suggestion needs a reviewer" },
        "visitorSees": 2,
        "newVisitorSees": 2,
        "userSees": 5,
        "visitorWrites": {
            "status": 401, "code": "42501",
            "message": "new row violates row-level security policy for table \"operator_notes\"",
        },
        "userWrites": { "status": 201, "data": { "body": "mine" } },
        "userReadsLog": { "status": 403, "code": "42501", "message": "permission denied for table audit_log" },
    });
    for (name, expected) in expected.as_object().expect("members") {
        assert_eq!(&seen[name], expected, "{name}");
    }
    assert_eq!(seen.as_object().map(serde_json::Map::len), expected.as_object().map(serde_json::Map::len));
}
