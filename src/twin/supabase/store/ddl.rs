//! The same tables, rows and functions as SQL, so that a real PostgreSQL can be asked what the twin is asked.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;

use crate::twin::supabase::store::database::Database;
use crate::twin::supabase::store::datum::Datum;
use crate::twin::supabase::store::function::{Body, Function, Raise, Returns, Volatility};
use crate::twin::supabase::store::json::Json;
use crate::twin::supabase::store::schema::{Column, Command, DefaultValue, OnDelete, Policy, Rule, Table};

const PRELUDE: &str = "\
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password 'authenticator';
grant anon, authenticated, service_role to authenticator;
grant usage on schema public to anon, authenticated, service_role;
create schema auth;
grant usage on schema auth to anon, authenticated, service_role;
create function auth.uid() returns uuid language sql stable as
  $$ select nullif(current_setting('request.jwt.claims', true)::json->>'sub', '')::uuid $$;
";

impl Database {
    /// A script that makes an empty PostgreSQL hold what this database holds, with Supabase's roles.
    pub fn to_sql(&self) -> String {
        let mut sql = PRELUDE.to_owned();
        let tables = self.in_order_of_reference();
        for table in &tables {
            create_table(&mut sql, table);
        }
        for table in &tables {
            self.insert_rows(&mut sql, table);
            protect(&mut sql, table);
        }
        for function in self.functions() {
            create_function(&mut sql, function);
        }
        sql
    }

    /// Referenced tables first.
    fn in_order_of_reference(&self) -> Vec<Arc<Table>> {
        let (mut ordered, mut named) = (Vec::new(), BTreeSet::new());
        while ordered.len() < self.tables.len() {
            let before = ordered.len();
            for table in self.tables.values().filter(|table| !named.contains(&table.name)).collect::<Vec<_>>() {
                let ready = |target: &String| *target == table.name || named.contains(target);
                if table.foreign_keys().all(|(_, reference)| ready(&reference.table)) {
                    ordered.push(table.clone());
                    named.insert(table.name.clone());
                }
            }
            if ordered.len() == before {
                break;
            }
        }
        ordered
    }

    fn insert_rows(&self, sql: &mut String, table: &Table) {
        for row in self.rows(&table.name) {
            let values: Vec<String> = row.iter().map(literal).collect();
            let _ = writeln!(sql, "insert into public.{} values ({});", quoted(&table.name), values.join(", "));
        }
        if let Some(column) = table.columns.iter().find(|column| column.identity) {
            let next = self.sequences.get(&table.name).copied().unwrap_or(1);
            let name = quoted(&table.name);
            let _ = writeln!(sql, "alter table public.{name} alter {} restart with {next};", quoted(&column.name));
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn literal(value: &Datum) -> String {
    value.to_text().map_or_else(|| "null".to_owned(), |value| text(&value))
}

fn constant(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(value) => text(value),
        Value::Array(items) if items.is_empty() => text("{}"),
        Value::Array(_) | Value::Object(_) => text(&Json::from(value).compact()),
        other => other.to_string(),
    }
}

fn create_table(sql: &mut String, table: &Table) {
    let mut parts: Vec<String> = table.columns.iter().map(column).collect();
    for key in table.keys() {
        let columns: Vec<String> = key.columns.iter().map(|column| quoted(column)).collect();
        let kind = if key.primary { "primary key" } else { "unique" };
        parts.push(format!("constraint {} {kind} ({})", quoted(&key.name), columns.join(", ")));
    }
    for column in &table.columns {
        if let Some(name) = table.check_name(column) {
            parts.push(format!("constraint {} check ({})", quoted(&name), check(column)));
        }
    }
    for (column, reference) in table.foreign_keys() {
        let action = match column.on_delete {
            OnDelete::NoAction => "",
            OnDelete::Cascade => " on delete cascade",
            OnDelete::SetNull => " on delete set null",
        };
        parts.push(format!(
            "constraint {} foreign key ({}) references public.{} ({}){action}",
            quoted(&table.foreign_key_name(column)),
            quoted(&column.name),
            quoted(&reference.table),
            quoted(&reference.column)
        ));
    }
    let _ = writeln!(sql, "create table public.{} (\n  {}\n);", quoted(&table.name), parts.join(",\n  "));
}

fn column(column: &Column) -> String {
    let mut part = format!("{} {}", quoted(&column.name), column.kind.sql());
    if column.identity {
        part.push_str(" generated by default as identity");
    }
    if column.not_null {
        part.push_str(" not null");
    }
    let default = match &column.default {
        None => return part,
        Some(DefaultValue::Now) => "now()".to_owned(),
        Some(DefaultValue::RandomUuid) => format!("(gen_random_uuid())::{}", column.kind.sql()),
        Some(DefaultValue::UserId) => format!("(auth.uid())::{}", column.kind.sql()),
        Some(DefaultValue::Value(value)) => constant(value),
    };
    let _ = write!(part, " default {default}");
    part
}

fn check(column: &Column) -> String {
    let name = quoted(&column.name);
    let mut parts = Vec::new();
    if let Some(allowed) = &column.one_of {
        let values: Vec<String> = allowed.iter().map(constant).collect();
        parts.push(format!("{name} in ({})", values.join(", ")));
    }
    parts.extend(column.at_least.map(|bound| format!("{name} >= {bound}")));
    parts.extend(column.at_most.map(|bound| format!("{name} <= {bound}")));
    parts.join(" and ")
}

fn command(command: Command) -> &'static str {
    match command {
        Command::Select => "select",
        Command::Insert => "insert",
        Command::Update => "update",
        Command::Delete => "delete",
    }
}

fn protect(sql: &mut String, table: &Table) {
    let name = quoted(&table.name);
    match &table.grants {
        None => {
            let _ = writeln!(sql, "grant all on public.{name} to anon, authenticated, service_role;");
        }
        Some(grants) => {
            for (role, commands) in grants.iter().filter(|(_, commands)| !commands.is_empty()) {
                let commands: Vec<&str> = commands.iter().map(|own| command(*own)).collect();
                let _ = writeln!(sql, "grant {} on public.{name} to {role};", commands.join(", "));
            }
        }
    }
    let Some(policies) = &table.policies else { return };
    let _ = writeln!(sql, "alter table public.{name} enable row level security;");
    for policy in policies {
        create_policy(sql, &name, policy, table);
    }
}

fn create_policy(sql: &mut String, name: &str, policy: &Policy, table: &Table) {
    let roles = if policy.to.is_empty() { "public".to_owned() } else { policy.to.join(", ") };
    let kind = policy.command.map_or("all", command);
    let _ = write!(sql, "create policy {} on public.{name} for {kind} to {roles}", quoted(&policy.name));
    if let Some(using) = policy.using.as_ref().filter(|_| policy.command != Some(Command::Insert)) {
        let _ = write!(sql, " using ({})", rule(using, table));
    }
    let writes = !matches!(policy.command, Some(Command::Select | Command::Delete));
    if let Some(check) = policy.check.as_ref().or(policy.using.as_ref()).filter(|_| writes) {
        let _ = write!(sql, " with check ({})", rule(check, table));
    }
    sql.push_str(";\n");
}

fn rule(rule: &Rule, table: &Table) -> String {
    match rule {
        Rule::Always(always) => always.to_string(),
        Rule::When(condition) => {
            let column = quoted(&condition.column);
            let kind = table.column(&condition.column).map_or_else(String::new, |column| column.kind.sql());
            match (&condition.claim, &condition.equals) {
                (Some(claim), _) => format!(
                    "{column} = (nullif(current_setting('request.jwt.claims', true)::json->>{}, ''))::{kind}",
                    text(claim)
                ),
                (None, Some(value)) => format!("{column} = {}", constant(value)),
                (None, None) => "false".to_owned(),
            }
        }
    }
}

fn create_function(sql: &mut String, function: &Function) {
    let arguments: Vec<String> = function
        .arguments
        .iter()
        .map(|argument| {
            let default =
                argument.default.as_ref().map_or_else(String::new, |value| format!(" default {}", constant(value)));
            format!("{} {}{default}", quoted(&argument.name), argument.kind.sql())
        })
        .collect();
    let returns = match &function.returns {
        Returns::Void => "void".to_owned(),
        Returns::Scalar(kind) => kind.sql(),
        Returns::SetOf(kind) => format!("setof {}", kind.sql()),
        Returns::RowOf(table) => format!("public.{}", quoted(table)),
        Returns::RowsOf(table) => format!("setof public.{}", quoted(table)),
        Returns::Table(columns) => {
            let columns: Vec<String> =
                columns.iter().map(|(name, kind)| format!("{} {}", quoted(name), kind.0.sql())).collect();
            format!("table ({})", columns.join(", "))
        }
    };
    let volatility = match function.volatility {
        Volatility::Immutable => "immutable",
        Volatility::Stable => "stable",
        Volatility::Volatile => "volatile",
    };
    let (language, body) = body(function);
    let _ = writeln!(
        sql,
        "create function public.{}({}) returns {returns} language {language} {volatility} as $$ {body} $$;",
        quoted(&function.name),
        arguments.join(", ")
    );
}

fn body(function: &Function) -> (&'static str, String) {
    let argument = |name: &str| format!("{}.{}", quoted(&function.name), quoted(name));
    match &function.body {
        Body::Nothing => ("plpgsql", "begin end".to_owned()),
        Body::Sum(names) => {
            let names: Vec<String> = names.iter().map(|name| argument(name)).collect();
            ("sql", format!("select {}", names.join(" + ")))
        }
        Body::Values(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("({})", constant(value))).collect();
            ("sql", format!("values {}", values.join(", ")))
        }
        Body::Raise(raise) => ("plpgsql", format!("begin {}; end", raise_statement(raise))),
        Body::Select { from, column, argument: given } => {
            let from = quoted(from);
            ("sql", format!("select * from public.{from} where {} = {}", quoted(column), argument(given)))
        }
        Body::Nearest { from, embedding, query, threshold, count } => {
            let (own, wanted) = (format!("d.{}", quoted(embedding)), argument(query));
            let score = format!(
                "(select sum(x * y) from unnest({own}, {wanted}) as u(x, y)) \
                 / (sqrt((select sum(x * x) from unnest({own}) as v(x))) \
                 * sqrt((select sum(y * y) from unnest({wanted}) as w(y))))"
            );
            let columns = match &function.returns {
                Returns::Table(columns) => columns.as_slice(),
                _ => &[],
            };
            let selected: Vec<String> = columns
                .iter()
                .map(|(name, _)| if name == "similarity" { score.clone() } else { format!("d.{}", quoted(name)) })
                .collect();
            let statement = format!(
                "select {} from public.{} d where {score} > {} order by {score} desc limit {}",
                selected.join(", "),
                quoted(from),
                argument(threshold),
                argument(count)
            );
            ("sql", statement)
        }
    }
}

fn raise_statement(raise: &Raise) -> String {
    let mut statement = format!("raise sqlstate {} using message = {}", text(&raise.code), text(&raise.message));
    for (option, value) in [("detail", &raise.details), ("hint", &raise.hint)] {
        if let Some(value) = value {
            let _ = write!(statement, ", {option} = {}", text(value));
        }
    }
    statement
}
